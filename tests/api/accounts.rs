use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use platen_tests::{Answer, Server, Site, eventually};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn signing_up_and_in_yields_a_session_that_signing_out_ends() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    let account = json!({ "username": "Ada.Lovelace", "password": "analytical engine" });

    let created = client.post("/sign-up", &account).await?;
    assert_eq!(
        created.expect(StatusCode::CREATED)?["username"],
        "ada.lovelace"
    );
    let signed_in = client.post("/sign-in", &account).await?;
    let session = signed_in.ok()?;
    assert_eq!(session["username"], "ada.lovelace");
    assert!(session["expires_at"].is_string());
    let cookie = signed_in.header("set-cookie").context("no cookie")?;
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );

    let ada = client.with_token(session["token"].as_str().context("no token")?);
    assert_eq!(ada.get("/account").await?.ok()?["username"], "ada.lovelace");
    ada.post("/sign-out", &json!({}))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    let after = ada.get("/account").await?;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn the_cookie_and_basic_credentials_work_as_the_token_does() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    client.sign_up("ada").await?;

    let basic = client
        .call(Method::POST, "/sign-in")
        .basic_auth("ada", Some("correct horse battery"));
    let signed_in = Answer::of(basic).await?;
    signed_in.ok()?;
    let cookie = signed_in.header("set-cookie").context("no cookie")?;
    let (pair, _) = cookie
        .split_once(';')
        .context("a cookie without attributes")?;
    let with_cookie = client.call(Method::GET, "/account").header("Cookie", pair);
    assert_eq!(Answer::of(with_cookie).await?.ok()?["username"], "ada");

    // A form on another site can make the browser send the cookie; it must do nothing.
    let forged = client
        .call(Method::POST, "/sign-out")
        .header("Cookie", pair)
        .header("Origin", "https://evil.example");
    Answer::of(forged)
        .await?
        .expect_problem(403, "cross_site")?;
    let with_cookie = client.call(Method::GET, "/account").header("Cookie", pair);
    assert_eq!(Answer::of(with_cookie).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn signing_in_again_ends_the_earlier_session_and_a_failed_attempt_changes_nothing()
-> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    let first = client.sign_up("ada").await?;

    let wrong = json!({ "username": "ada", "password": "not the password" });
    client
        .post("/sign-in", &wrong)
        .await?
        .expect_problem(401, "invalid_credentials")?;
    let unknown = json!({ "username": "nobody", "password": "not the password" });
    client
        .post("/sign-in", &unknown)
        .await?
        .expect_problem(401, "invalid_credentials")?;
    assert_eq!(first.get("/account").await?.status, StatusCode::OK);

    let second = client.sign_in("ada").await?;
    first
        .get("/account")
        .await?
        .expect_problem(401, "session_superseded")?;
    first
        .get("/files")
        .await?
        .expect_problem(401, "session_superseded")?;
    assert_eq!(second.get("/account").await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn names_and_passwords_that_will_not_do_are_refused() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    client.sign_up("ada").await?;

    for (username, password, status, code) in [
        ("ada", "correct horse battery", 409, "username_taken"),
        ("ADA", "correct horse battery", 409, "username_taken"),
        ("a", "correct horse battery", 422, "invalid_username"),
        ("alice/", "correct horse battery", 422, "invalid_username"),
        ("../ada", "correct horse battery", 422, "invalid_username"),
        ("bob", "short", 422, "weak_password"),
        ("bob", "password", 422, "weak_password"),
        ("bob", &"x".repeat(1025), 422, "weak_password"),
    ] {
        let account = json!({ "username": username, "password": password });
        client
            .post("/sign-up", &account)
            .await?
            .expect_problem(status, code)?;
        let refused = client.post("/sign-in", &account).await?;
        if username.eq_ignore_ascii_case("ada") {
            refused.ok()?;
        } else {
            assert_eq!(
                refused.status,
                StatusCode::UNAUTHORIZED,
                "{username} was created"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_key_lets_a_program_in_beside_the_session() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let key = json!({ "name": "archive", "scopes": ["files:read", "files:write"] });
    let made = ada.post("/keys", &key).await?;
    let made = made.expect(StatusCode::CREATED)?;
    let token = made["token"].as_str().context("no token")?;
    let program = ada.with_token(token);
    ada.post("/sign-out", &json!({}))
        .await?
        .expect(StatusCode::NO_CONTENT)?;

    let urls = [site.url("/simple"), "http://127.0.0.2/".to_owned()];
    let answer = program.post("/requests", &json!({ "urls": urls })).await?;
    let answer = answer.ok()?;
    let results = answer["results"].as_array().context("no results")?;
    assert_eq!(results[1]["problem"]["code"], "destination_blocked");
    program.ready(&results[0]["file"]).await?;

    let ada = ada.sign_in("ada").await?;
    let path = format!("/keys/{}", made["key"]["id"].as_str().context("no id")?);
    ada.delete(&path).await?.expect(StatusCode::NO_CONTENT)?;
    let after = program.get("/files").await?;
    after.expect_problem(401, "unauthenticated")?;
    // Nothing of it is kept that would let anybody in.
    let log = server.log();
    assert!(!log.contains(token), "the log names the token");
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_the_session() -> Result<()> {
    let server = Server::builder().start().await?;
    let ada = server.user("ada").await?;
    let change = json!({
        "current_password": "correct horse battery",
        "new_password": "staple of the new day",
    });
    let call = ada.call(Method::PUT, "/account/password").json(&change);
    Answer::of(call).await?.expect(StatusCode::NO_CONTENT)?;
    let after = ada.get("/account").await?;
    after.expect_problem(401, "session_expired")?;
    for (password, status) in [
        ("correct horse battery", StatusCode::UNAUTHORIZED),
        ("staple of the new day", StatusCode::OK),
    ] {
        let account = json!({ "username": "ada", "password": password });
        let answer = server.client()?.post("/sign-in", &account).await?;
        assert_eq!(answer.status, status, "{password}");
    }
    Ok(())
}

#[tokio::test]
async fn an_account_takes_its_files_with_it() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let (ada, bob) = (server.user("ada").await?, server.user("bob").await?);
    for user in [&ada, &ada, &bob] {
        let file = user.request(&site.url("/simple")).await?;
        user.ready(&file).await?;
    }
    assert_eq!(server.data().pdfs()?.len(), 3);
    let ended = ada.delete("/account").await?;
    ended.expect(StatusCode::ACCEPTED)?;

    eventually(
        "bob's PDF alone is left",
        Duration::from_secs(20),
        async || Ok((server.data().pdfs()?.len() == 1).then_some(())),
    )
    .await?;
    assert_eq!(bob.files().await?.len(), 1);
    let after = ada.get("/files").await?;
    after.expect_problem(401, "unauthenticated")?;
    let again = server.client()?.sign_up("ada").await?;
    assert_eq!(again.files().await?.len(), 0);
    Ok(())
}

#[tokio::test]
async fn too_many_accounts_from_one_address_are_refused_with_a_time_to_wait() -> Result<()> {
    let server = Server::builder()
        .env("PLATEN_SIGN_UPS_PER_HOUR", "1")
        .start()
        .await?;
    let client = server.client()?;
    client.sign_up("ada").await?;

    let account = json!({ "username": "bob", "password": "correct horse battery" });
    let refused = client.post("/sign-up", &account).await?;
    refused.expect_problem(429, "rate_limited")?;
    let wait: u32 = refused
        .header("retry-after")
        .context("no Retry-After")?
        .parse()?;
    assert!((1..=3600).contains(&wait), "{wait}");
    assert!(refused.header("ratelimit").is_some() && refused.header("ratelimit-policy").is_some());
    Ok(())
}

#[tokio::test]
async fn nothing_private_is_answered_without_a_credential() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    let id = "0198c0de-0000-7000-8000-00123456789a";
    for (method, path) in [
        (Method::GET, "/account".to_owned()),
        (Method::DELETE, "/account".to_owned()),
        (Method::PUT, "/account/password".to_owned()),
        (Method::GET, "/keys".to_owned()),
        (Method::POST, "/keys".to_owned()),
        (Method::DELETE, format!("/keys/{id}")),
        (Method::GET, "/webhooks".to_owned()),
        (Method::POST, "/webhooks".to_owned()),
        (Method::DELETE, format!("/webhooks/{id}")),
        (Method::GET, format!("/webhooks/{id}/deliveries")),
        (Method::GET, "/files".to_owned()),
        (Method::GET, "/events".to_owned()),
        (Method::POST, "/request".to_owned()),
        (Method::POST, "/requests".to_owned()),
        (Method::GET, format!("/request/{id}")),
        (Method::GET, "/file/page-0123456789.pdf".to_owned()),
        (
            Method::GET,
            "/file/page-0123456789.pdf/thumbnail".to_owned(),
        ),
        (Method::DELETE, "/file/page-0123456789.pdf".to_owned()),
    ] {
        let nobody = Answer::of(client.call(method.clone(), &path)).await?;
        nobody
            .expect_problem(401, "unauthenticated")
            .with_context(|| format!("{method} {path}"))?;
        for token in ["", "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."] {
            let forged = client.with_token(token);
            let answer = Answer::of(forged.call(method.clone(), &path)).await?;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{method} {path} {token:?}"
            );
        }
    }
    Ok(())
}

/// Whoever measures how long an answer takes learns nothing about which names exist.
#[tokio::test]
async fn an_unknown_name_takes_as_long_as_a_wrong_password() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // Fewer guesses at a name than slow it down; in turn, so that both see the same machine.
    for name in ["ada", "bob", "eve"] {
        client.sign_up(name).await?;
        for _ in 0..4 {
            for (name, times) in [(name, &mut known), (&format!("no-{name}"), &mut unknown)] {
                let guess = json!({ "username": name, "password": "not the password" });
                let start = Instant::now();
                let answer = client.post("/sign-in", &guess).await?;
                times.push(start.elapsed());
                answer.expect_problem(401, "invalid_credentials")?;
            }
        }
    }
    // The shortest: what else the machine does makes them longer, never shorter. Without the hash it
    // would be a hundredth.
    let shortest = |times: Vec<Duration>| times.into_iter().min().context("no guess was made");
    let (known, unknown) = (shortest(known)?, shortest(unknown)?);
    let ratio = unknown.as_secs_f64() / known.as_secs_f64();
    assert!((0.5..2.0).contains(&ratio), "{unknown:?} against {known:?}");
    Ok(())
}
