//! What is in a PDF, as other people's programs see it.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;
use tokio::process::Command;

/// A PDF that was downloaded.
#[derive(Debug)]
pub struct Pdf(NamedTempFile);

impl Pdf {
    pub fn new(bytes: &[u8]) -> Result<Self> {
        ensure!(bytes.starts_with(b"%PDF-"), "does not start like a PDF");
        let file = NamedTempFile::with_suffix(".pdf")?;
        std::fs::write(file.path(), bytes)?;
        Ok(Self(file))
    }

    /// All text, in reading order, each run of white space as one space.
    pub async fn text(&self) -> Result<String> {
        let text = run("pdftotext", &["-q"], self.0.path(), &["-"]).await?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// A line of the document information, such as `Title` or `Pages`.
    pub async fn info(&self, field: &str) -> Result<Option<String>> {
        let info = run("pdfinfo", &[], self.0.path(), &[]).await?;
        Ok(info.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name == field).then(|| value.trim().to_owned())
        }))
    }

    pub async fn pages(&self) -> Result<u32> {
        let pages = self.info("Pages").await?.context("pdfinfo saw no pages")?;
        Ok(pages.parse()?)
    }

    /// Titles of the outline, in document order.
    pub async fn outline(&self) -> Result<Vec<String>> {
        let json = run(
            "qpdf",
            &["--json", "--json-key=outlines"],
            self.0.path(),
            &[],
        )
        .await?;
        let json: serde_json::Value = serde_json::from_str(&json)?;
        let mut titles = Vec::new();
        let mut rest = vec![json["outlines"].as_array()];
        while let Some(level) = rest.pop() {
            for entry in level.into_iter().flatten() {
                titles.extend(entry["title"].as_str().map(str::to_owned));
                rest.push(entry["kids"].as_array());
            }
        }
        Ok(titles)
    }

    /// An error unless the file is sound from its header to its last cross-reference.
    pub async fn check(&self) -> Result<()> {
        run("qpdf", &["--check"], self.0.path(), &[])
            .await
            .map(drop)
    }
}

async fn run(program: &str, before: &[&str], file: &Path, after: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(before)
        .arg(file)
        .args(after)
        .stdin(Stdio::null())
        .output()
        .await
        .with_context(|| format!("{program} does not start: `make test` installs it"))?;
    ensure!(
        output.status.success(),
        "{program} says: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
