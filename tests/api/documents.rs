//! Real pages: the documentation that comes with the Rust toolchain.

use anyhow::{Context, Result};
use platen_tests::{Pdf, Server, Site};
use serde_json::Value;

async fn print(path: &str) -> Result<(Value, Pdf)> {
    let site = Site::with_rust_docs().await?;
    let server = Server::for_site(&site).await?;
    let ada = server.user("ada").await?;
    let file = ada.request(&site.url(path)).await?;
    let file = ada.ready(&file).await?;
    let pdf = ada.download(&file).await?;
    pdf.check().await?;
    assert_eq!(file["pages"], pdf.pages().await?);
    assert_eq!(file["title"].as_str(), pdf.info("Title").await?.as_deref());
    Ok((file, pdf))
}

#[tokio::test]
async fn a_chapter_of_the_book() -> Result<()> {
    let (file, pdf) = print("/doc/book/ch04-01-what-is-ownership.html").await?;
    let title = file["title"].as_str().context("no title")?;
    assert!(title.contains("The Rust Programming Language"), "{title}");
    let text = pdf.text().await?;
    for words in [
        "What Is Ownership?",
        "Variable Scope",
        "Ownership and Functions",
    ] {
        assert!(text.contains(words), "{words:?} is missing");
    }
    let outline = pdf.outline().await?;
    assert!(
        outline.iter().any(|title| title == "Ownership Rules"),
        "{outline:?}"
    );
    Ok(())
}

#[tokio::test]
async fn the_reference_of_vec_with_its_hundreds_of_sheets() -> Result<()> {
    let (file, pdf) = print("/doc/std/vec/struct.Vec.html").await?;
    assert_eq!(file["title"], "Vec in std::vec - Rust");
    let pages = pdf.pages().await?;
    assert!(pages > 100, "{pages} pages");
    let text = pdf.text().await?;
    for words in [
        "A contiguous growable array type",
        "pub const fn new() -> Vec<T>",
        "Trait Implementations",
        "impl<T, A> Drop for Vec<T, A>",
    ] {
        assert!(text.contains(words), "{words:?} is missing");
    }
    let outline = pdf.outline().await?;
    assert!(outline.len() > 100, "{} entries", outline.len());
    Ok(())
}
