use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::asset::Asset;

/// What the app says in one language.
pub(super) struct Language {
    /// BCP 47, as the folder is called.
    pub(super) tag: String,
    words: BTreeMap<String, String>,
}

impl Language {
    /// The languages in `locales/`, a folder each with a file for every part of the app.
    pub(super) fn read_all(locales: &Path) -> Result<Vec<Self>> {
        names(locales)?
            .into_iter()
            .map(|tag| Self::read(&locales.join(&tag), tag))
            .collect()
    }

    fn read(folder: &Path, tag: String) -> Result<Self> {
        let mut words = BTreeMap::new();
        for name in names(folder)? {
            let path = folder.join(name);
            let text = fs::read_to_string(&path)?;
            let part: BTreeMap<String, String> = serde_json::from_str(&text)
                .with_context(|| format!("cannot read {}", path.display()))?;
            for (key, text) in part {
                let twice = words.insert(key.clone(), text).is_some();
                ensure!(!twice, "{} says {key} again", path.display());
            }
        }
        Ok(Self { tag, words })
    }

    /// All of its words in one file, for one request.
    pub(super) fn asset(&self) -> Result<Asset> {
        let stem = format!("words-{}", self.tag);
        let words = serde_json::to_vec(&self.words)?;
        Ok(Asset::hashed(&stem, "json", words))
    }

    pub(super) fn get(&self, key: &str) -> Result<&str> {
        let text = self.words.get(key).map(String::as_str);
        text.with_context(|| format!("{} has no word for {key}", self.tag))
    }
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}
