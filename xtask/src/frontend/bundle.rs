use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{asset::Asset, compile::Bound};

/// Files of `frontend/` that go into the bundle, as they are or as templates.
pub(super) struct Sources {
    page: String,
    boot: String,
    style: String,
    /// Served under their own names, which browsers and systems ask for.
    public: Vec<Asset>,
}

impl Sources {
    pub(super) fn read(frontend: &Path) -> Result<Self> {
        let public = frontend.join("public");
        let mut names: Vec<String> = fs::read_dir(&public)
            .with_context(|| format!("cannot list {}", public.display()))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.sort();
        Ok(Self {
            page: text(&frontend.join("index.html"))?,
            boot: text(&frontend.join("boot.js"))?,
            style: style(&frontend.join("style"))?,
            public: names
                .into_iter()
                .map(|name| {
                    let content = fs::read(public.join(&name))?;
                    Ok(Asset::new(name, content))
                })
                .collect::<Result<_>>()?,
        })
    }

    /// Everything that the bundle is made of, beside the module.
    pub(super) fn contents(&self) -> impl Iterator<Item = &[u8]> {
        [&self.page, &self.boot, &self.style]
            .into_iter()
            .map(String::as_bytes)
            .chain(
                self.public
                    .iter()
                    .flat_map(|asset| [asset.path.as_bytes(), &asset.content]),
            )
    }

    /// The bundle, the page last: it is complete before anything refers to it.
    pub(super) fn bundle(self, bound: Bound) -> Result<Vec<Asset>> {
        let module = Asset::hashed("app_bg", "wasm", bound.module);
        let script = Asset::hashed("app", "js", bound.script);
        let style = Asset::hashed("style", "css", self.style);
        let boot = fill(
            &self.boot,
            &[("app.js", &script.href()), ("app.wasm", &module.href())],
        )?;
        let boot = Asset::hashed("boot", "js", boot);
        let page = fill(
            &self.page,
            &[
                ("app.js", &script.href()),
                ("app.wasm", &module.href()),
                ("boot.js", &boot.href()),
                ("style.css", &style.href()),
            ],
        )?;
        let mut assets = vec![module, script, style, boot];
        assets.extend(self.public);
        assets.push(Asset::new("index.html", page));
        Ok(assets)
    }
}

/// One style sheet of `app.css` and what it imports, in its order: one request in place of several.
fn style(folder: &Path) -> Result<String> {
    let mut sheet = String::new();
    for line in text(&folder.join("app.css"))?.lines() {
        let import = line
            .strip_prefix("@import \"")
            .and_then(|rest| rest.strip_suffix("\";"));
        match import {
            Some(name) => sheet.push_str(&text(&folder.join(name))?),
            None => sheet.push_str(line),
        }
        sheet.push('\n');
    }
    Ok(sheet)
}

/// Puts `values` in the place of `{{name}}`. Every name must be there, and no other.
fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut filled = template.to_owned();
    for (name, value) in values {
        let place = format!("{{{{{name}}}}}");
        ensure!(filled.contains(&place), "a template lacks {place}");
        filled = filled.replace(&place, value);
    }
    ensure!(
        !filled.contains("{{"),
        "a template has a place that nothing fills"
    );
    Ok(filled)
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_place() {
        assert_eq!(fill("<{{a}}|{{a}}>", &[("a", "1")]).unwrap(), "<1|1>");
        assert!(fill("<{{a}}>", &[("b", "1")]).is_err());
        assert!(fill("<{{a}}{{b}}>", &[("a", "1")]).is_err());
    }

    #[test]
    fn the_page_keeps_to_a_strict_content_security_policy() {
        let frontend = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend");
        let bound = Bound {
            script: "export default 1".to_owned(),
            module: vec![0],
        };
        let assets = Sources::read(&frontend).unwrap().bundle(bound).unwrap();
        let page = String::from_utf8(assets.last().unwrap().content.clone()).unwrap();
        for script in page.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.contains("src=\"/assets/") && rest.starts_with("</script>"));
        }
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"));
        for asset in &assets[..4] {
            assert!(
                asset.path.starts_with("assets/boot-") || page.contains(&asset.href()),
                "{}",
                asset.path
            );
        }
    }
}
