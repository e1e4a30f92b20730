//! A client of the first Platen, word for word as it speaks.

use std::time::Duration;

use anyhow::{Context, Result};
use platen_tests::{Answer, Pdf, Server, Site, eventually};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse battery";

/// It knows a base address, and the token that signing in gave it.
struct Original {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Original {
    fn new(server: &Server, base: &str) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_mins(1))
                .build()?,
            base: format!("{}{base}", server.origin()),
            token: String::new(),
        })
    }

    async fn sign_up(&self, path: &str, name: &str, password: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let body = json!({ "name": name, "password": password });
        Answer::of(self.http.post(url).json(&body)).await
    }

    async fn sign_in(&self, path: &str, name: &str, password: &str) -> Result<Answer> {
        let url = format!("{}{path}", self.base);
        let call = self.http.post(url).basic_auth(name, Some(password));
        Answer::of(call.json(&json!({}))).await
    }

    async fn signed_in(mut self, path: &str, name: &str) -> Result<Self> {
        let answer = self.sign_in(path, name, PASSWORD).await?;
        let body = answer.expect(StatusCode::ACCEPTED)?;
        assert_eq!(body["username"], name);
        assert_eq!(body["state"], "authorized");
        let token = body["token"].as_str().context("no token")?;
        token.clone_into(&mut self.token);
        Ok(self)
    }

    fn call(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.http.request(method, url).header("Token", &self.token)
    }

    async fn request(&self, url: &str) -> Result<Answer> {
        let call = self.call(Method::POST, "/request");
        Answer::of(call.json(&json!({ "url": url }))).await
    }

    /// It takes nothing but an array of text here.
    async fn files(&self) -> Result<Vec<String>> {
        let answer = Answer::of(self.call(Method::GET, "/files")).await?;
        Ok(serde_json::from_value(answer.ok()?)?)
    }

    /// It puts the name into the path as it was listed.
    async fn file(&self, method: Method, name: &str) -> Result<Answer> {
        Answer::of(self.call(method, &format!("/file/{name}"))).await
    }
}

/// It shows the body to the person, and breaks on an object.
#[track_caller]
fn assert_readable(answer: &Answer, status: u16) -> Result<()> {
    let text = String::from_utf8(answer.body.to_vec())?;
    assert_eq!(answer.status.as_u16(), status, "{text}");
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
    assert!(text.ends_with('.') && !text.contains('\n'), "{text}");
    Ok(())
}

#[tokio::test]
async fn its_whole_life_with_every_path_that_it_may_know() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    for (base, sign_up, sign_in, name) in [
        ("", "/auth/sign-up", "/auth/sign-in", "ada"),
        ("/api/v1", "/auth/sing-up", "/auth/sing-in", "bob"),
    ] {
        let client = Original::new(&server, base)?;
        let created = client.sign_up(sign_up, name, PASSWORD).await?;
        assert_eq!(
            created.expect(StatusCode::CREATED)?,
            json!({ "user": name, "state": "created" })
        );
        let client = client.signed_in(sign_in, name).await?;
        assert!(client.files().await?.is_empty());

        for page in ["/simple", "/second"] {
            let asked = client.request(&site.url(page)).await?;
            assert!(asked.status.is_success(), "{}", asked.status);
        }
        let names = eventually("both are listed", Duration::from_mins(1), async || {
            let names = client.files().await?;
            Ok((names.len() == 2).then_some(names))
        })
        .await?;
        for name in &names {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            assert!(name.bytes().all(plain), "{name}");
            let answer = client.file(Method::GET, name).await?;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("content-type"), Some("application/pdf"));
            Pdf::new(&answer.body)?.check().await?;
        }
        let deleted = client.file(Method::DELETE, &names[0]).await?;
        assert!(deleted.status.is_success(), "{}", deleted.status);
        assert_eq!(client.files().await?, names[1..]);
        assert_readable(&client.file(Method::GET, &names[0]).await?, 404)?;
    }
    Ok(())
}

#[tokio::test]
async fn what_goes_wrong_is_told_so_that_it_can_show_it() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = Original::new(&server, "")?;
    let sign_up = async |name, password| client.sign_up("/auth/sign-up", name, password).await;
    sign_up("ada", PASSWORD)
        .await?
        .expect(StatusCode::CREATED)?;
    assert_readable(&sign_up("ada", PASSWORD).await?, 409)?;
    assert_readable(&sign_up("../ada", PASSWORD).await?, 422)?;
    assert_readable(&sign_up("bob", "short").await?, 422)?;

    for (name, password) in [("ada", "wrong horse battery"), ("nobody", PASSWORD)] {
        let refused = client.sign_in("/auth/sign-in", name, password).await?;
        assert_eq!(
            refused.expect(StatusCode::UNAUTHORIZED)?,
            json!({ "username": name, "state": "unauthorized", "token": "" })
        );
    }

    // Who has not signed in has an empty token, which lets nobody in.
    for (method, path) in [
        (Method::GET, "/files"),
        (Method::POST, "/request"),
        (Method::GET, "/file/page-0123456789.pdf"),
        (Method::DELETE, "/file/page-0123456789.pdf"),
    ] {
        let answer = Answer::of(client.call(method, path)).await?;
        assert_readable(&answer, 401)?;
    }

    let client = client.signed_in("/auth/sign-in", "ada").await?;
    assert_readable(&client.request("nonsense").await?, 422)?;
    assert_readable(&client.request("http://169.254.169.254/").await?, 422)?;
    let nothing = client.file(Method::GET, "page-0123456789.pdf").await?;
    assert_readable(&nothing, 404)?;
    let gone = client.file(Method::DELETE, "page-0123456789.pdf").await?;
    assert!(gone.status.is_success(), "{}", gone.status);

    // One session: this client's ends when its person signs in elsewhere.
    let elsewhere = Original::new(&server, "/api/v1")?;
    let elsewhere = elsewhere.signed_in("/auth/sign-in", "ada").await?;
    let answer = Answer::of(client.call(Method::GET, "/files")).await?;
    assert_readable(&answer, 401)?;
    assert!(elsewhere.files().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_paths_it_misspelt_are_those_of_the_api() -> Result<()> {
    let server = Server::builder().start().await?;
    let client = server.client()?;
    let account = json!({ "username": "ada", "password": PASSWORD });
    let created = client.post("/sing-up", &account).await?;
    assert_eq!(created.expect(StatusCode::CREATED)?["username"], "ada");
    let session = client.post("/sing-in", &account).await?.ok()?;
    let token = session["token"].as_str().context("no token")?;
    let ada = client.with_token(token);
    assert_eq!(ada.get("/account").await?.ok()?["username"], "ada");
    let again = client.post("/sing-up", &account).await?;
    again.expect_problem(409, "username_taken")?;
    Ok(())
}
