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
            link = imported(&link, SCRIPT, &script_name.sibling())?;
            imported(&script, LINK, &link_name.sibling())?
        };
        Ok(Self {
            module: Asset::hashed("app_bg", "wasm", bound.module),
            script: Asset::new(script_name.path, script),
            link: Asset::new(link_name.path, link),
            parts,
        })
    }
}

/// Only where it is imported: the module knows the other script by the name it had.
fn imported(script: &str, name: &str, by: &str) -> Result<String> {
    replaced(
        script,
        &format!("from \"{name}\""),
        &format!("from \"{by}\""),
    )
}

fn replaced(script: &str, name: &str, by: &str) -> Result<String> {
    ensure!(script.contains(name), "a script does not name {name}");
    Ok(script.replace(name, by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(part: &str) -> Bound {
        Bound {
            script: format!("import * as link from \"{LINK}\";\nuse({{ \"{LINK}\": link }});\n"),
            module: vec![0],
            link: format!("import {{ initSync }} from \"{SCRIPT}\";\nload(\"./split_a.wasm\");\n"),
            parts: vec![("split_a".to_owned(), part.into())],
        }
    }

    fn text(asset: &Asset) -> &str {
        std::str::from_utf8(&asset.content).unwrap()
    }

    #[test]
    fn parts_find_each_other_and_the_module_what_it_was_linked_to() {
        let code = Code::named(bound("1")).unwrap();
        let (script, link) = (text(&code.script), text(&code.link));
        assert!(script.starts_with(&format!(
            "import * as link from \"{}\"",
            code.link.sibling()
        )));
        assert!(script.contains(&format!("\"{LINK}\": link")));
        assert!(link.contains(&format!("from \"{}\"", code.script.sibling())));
        assert!(link.contains(&format!("load(\"{}\")", code.parts[0].sibling())));
    }

    #[test]
    fn what_is_named_differently_is_named_differently_by_all() {
        let (one, other) = (bound("1"), bound("2"));
        let (one, other) = (Code::named(one).unwrap(), Code::named(other).unwrap());
        assert_ne!(one.parts[0].path, other.parts[0].path);
        assert_ne!(one.link.path, other.link.path);
        assert_ne!(one.script.path, other.script.path);
    }
}
