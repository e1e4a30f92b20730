use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::{asset::Asset, code::Code, compile::Bound, squeeze::squeeze, words::Language};

/// Files of `frontend/` that go into the bundle, as they are or as templates.
pub(super) struct Sources {
    page: String,
    first: String,
    boot: String,
    style: String,
    languages: Vec<Language>,
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
            first: text(&frontend.join("first.js"))?,
            boot: text(&frontend.join("boot.js"))?,
            style: style(&frontend.join("style"))?,
            languages: Language::read_all(&frontend.join("locales"))?,
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
    pub(super) fn contents(&self) -> Result<Vec<Vec<u8>>> {
        let mut contents: Vec<Vec<u8>> = [&self.page, &self.first, &self.boot, &self.style]
            .map(|text| text.clone().into_bytes())
            .into();
        for asset in &self.public {
            contents.push(asset.path.clone().into_bytes());
            contents.push(asset.content.clone());
        }
        for language in &self.languages {
            contents.push(language.asset()?.content);
        }
        Ok(contents)
    }

    /// The bundle, the page last: it is complete before anything refers to it.
    pub(super) fn bundle(self, bound: Bound) -> Result<Vec<Asset>> {
        let Code {
            module,
            script,
            link,
            parts,
        } = Code::named(bound)?;
        let style = Asset::hashed("style", "css", squeeze(&self.style));
        let words: Vec<Asset> = self
            .languages
            .iter()
            .map(Language::asset)
            .collect::<Result<_>>()?;
        let languages: Vec<String> = self
            .languages
            .iter()
            .zip(&words)
            .map(|(language, words)| format!("\"{}\":\"{}\"", language.tag, words.href()))
            .collect();
        let languages = format!("{{{}}}", languages.join(","));
        let first = fill(&squeeze(&self.first), &[("languages", &languages)])?;
        let first = Asset::hashed("first", "js", first);
        let boot = fill(
            &squeeze(&self.boot),
            &[("app.js", &script.href()), ("app.wasm", &module.href())],
        )?;
        let boot = Asset::hashed("boot", "js", boot);
        let page = fill(
            &self.page,
            &[
                ("app.js", &script.href()),
                ("link.js", &link.href()),
                ("app.wasm", &module.href()),
                ("boot.js", &boot.href()),
                ("first.js", &first.href()),
                ("style.css", &style.href()),
                ("app.boot_failed", &self.said("app.boot_failed")?),
                ("app.boot_noscript", &self.said("app.boot_noscript")?),
            ],
        )?;
        let mut assets = vec![module, script, link, style, first, boot];
        assets.extend(parts);
        assets.extend(words);
        assets.extend(self.public);
        assets.push(Asset::new("index.html", page));
        Ok(assets)
    }

    /// A sentence in every language, for a page whose words cannot be loaded.
    fn said(&self, key: &str) -> Result<String> {
        self.languages
            .iter()
            .map(|language| {
                let text = language.get(key)?;
                Ok(format!("<p lang=\"{}\">{text}</p>", language.tag))
            })
            .collect()
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
            link: String::new(),
            parts: Vec::new(),
        };
        let assets = Sources::read(&frontend).unwrap().bundle(bound).unwrap();
        let page = String::from_utf8(assets.last().unwrap().content.clone()).unwrap();
        for script in page.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.contains("src=\"/assets/") && rest.starts_with("</script>"));
        }
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onclick"));
        for asset in &assets[..6] {
            assert!(page.contains(&asset.href()), "{}", asset.path);
        }
    }
}
