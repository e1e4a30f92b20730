//! `platen openapi`

use anyhow::Context;

pub(super) fn run() -> anyhow::Result<()> {
    let mut text = crate::http::document()
        .to_pretty_json()
        .context("the OpenAPI document cannot be written")?;
    text.push('\n');
    super::print(&text)
}
