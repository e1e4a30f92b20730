//! `platen config`

use crate::config::{effective_toml, reference_markdown};

pub(super) async fn run(reference: bool) -> anyhow::Result<()> {
    if reference {
        return super::print(&reference_markdown());
    }
    let (_, effective, _) = super::load().await?;
    super::print(&effective_toml(&effective))
}
