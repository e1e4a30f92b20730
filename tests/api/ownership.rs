//! One user's files do not exist for another.

use anyhow::{Context, Result};
use platen_tests::{Answer, Server, Site};
use reqwest::{Method, StatusCode};

#[tokio::test]
async fn someone_elses_file_answers_exactly_like_a_missing_one() -> Result<()> {
    let site = Site::start().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let bob = server.user("bob").await?;
    let file = ada.request(&site.url("/simple")).await?;
    let file = ada.ready(&file).await?;
    let name = file["name"].as_str().context("no name")?;
    let id = file["id"].as_str().context("no id")?;

    assert!(bob.files().await?.is_empty());
    for (theirs, missing) in [
        (format!("/file/{name}"), "/file/page-0123456789.pdf"),
        (
            format!("/file/{name}/thumbnail"),
            "/file/page-0123456789.pdf/thumbnail",
        ),
        (
            format!("/request/{id}"),
            "/request/0198c0de-0000-7000-8000-00123456789a",
        ),
    ] {
        let mut theirs = bob.get(&theirs).await?.expect_problem(404, "not_found")?;
        let mut missing = bob.get(missing).await?.expect_problem(404, "not_found")?;
        for problem in [&mut theirs, &mut missing] {
            problem
                .as_object_mut()
                .context("no object")?
                .remove("request_id");
        }
        assert_eq!(theirs, missing);
    }
    // Deleting is 204 whether or not there was something; for Ada it must not have been.
    bob.delete(&format!("/file/{name}"))
        .await?
        .expect(StatusCode::NO_CONTENT)?;
    ada.download(&file).await?;
    Ok(())
}

#[tokio::test]
async fn names_that_climb_out_of_the_folder_find_nothing() -> Result<()> {
    let server = Server::builder().start().await?;
    let ada = server.user("ada").await?;
    for name in [
        "..%2F..%2Fetc%2Fpasswd",
        "..%2fada.pdf",
        "%2e%2e%2f%2e%2e%2fplaten.db",
        "..%5C..%5Cetc%5Cpasswd",
        "%2Fetc%2Fpasswd",
        "a%00.pdf",
        "users%2F1.pdf",
        &"a".repeat(4000),
    ] {
        let path = format!("/file/{name}");
        ada.get(&path)
            .await?
            .expect_problem(404, "not_found")
            .with_context(|| path.clone())?;
        let deleted = Answer::of(ada.call(Method::DELETE, &path)).await?;
        assert!(
            matches!(
                deleted.status,
                StatusCode::NO_CONTENT | StatusCode::NOT_FOUND
            ),
            "{path}: {}",
            deleted.status
        );
    }
    Ok(())
}
