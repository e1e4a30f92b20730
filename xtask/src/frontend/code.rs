use anyhow::{Result, ensure};

use super::{
    asset::Asset,
    compile::Bound,
    split::{LINK, SCRIPT},
    squeeze::squeeze,
};

/// The app's code under names that follow its content.
pub(super) struct Code {
    pub(super) module: Asset,
    pub(super) script: Asset,
    pub(super) link: Asset,
    pub(super) parts: Vec<Asset>,
}

impl Code {
    pub(super) fn named(bound: Bound) -> Result<Self> {
        let mut link = squeeze(&bound.link);
        let mut parts = Vec::new();
        for (stem, content) in bound.parts {
            let part = Asset::hashed(&stem, "wasm", content);
            link = replaced(&link, &format!("./{stem}.wasm"), &part.sibling())?;
            parts.push(part);
        }
        // The two scripts import each other: what one is called follows the content of both.
        let script = squeeze(&bound.script);
        let both = format!("{script}{link}");
        let script_name = Asset::hashed("app", "js", both.as_str());
        let link_name = Asset::hashed("link", "js", both);
        let script = if parts.is_empty() {
            script
        } else {
            link = replaced(&link, SCRIPT, &script_name.sibling())?;
            replaced(&script, LINK, &link_name.sibling())?
        };
        Ok(Self {
            module: Asset::hashed("app_bg", "wasm", bound.module),
            script: Asset::new(script_name.path, script),
            link: Asset::new(link_name.path, link),
            parts,
        })
    }
}

fn replaced(script: &str, name: &str, by: &str) -> Result<String> {
    ensure!(script.contains(name), "a script does not name {name}");
    Ok(script.replace(name, by))
}
