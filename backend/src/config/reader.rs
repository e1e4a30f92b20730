//! Reads keys from the sources, and notes every mistake.

use platen_telemetry::MaskedUrl;

use super::{
    ConfigErrors, Mistake, Setting, Sources,
    key::{DefaultValue, Exposure, Key, Section},
};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File,
    Environment,
    /// Looked up where a reference pointed, or under the prefix.
    Aws,
}

/// A key with the value in force, as it may be shown.
#[derive(Clone, Debug)]
pub struct Effective {
    pub(super) key: &'static Key,
    /// `None`: unset.
    pub shown: Option<String>,
    pub origin: Origin,
}

/// Reads one key after another.
pub(super) struct Reader<'a> {
    sources: &'a Sources,
    mistakes: Vec<Mistake>,
    effective: Vec<Effective>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            mistakes: sources.mistakes.clone(),
            effective: Vec::new(),
        }
    }

    pub(super) fn read<T: Setting>(&mut self, key: &'static Key) -> Option<T> {
        let (text, origin) = match self.text(key) {
            Ok(found) => found,
            Err(remedy) => {
                self.complain(key.env.to_owned(), remedy);
                return None;
            }
        };
        let value = T::parse(&text);
        if value.is_none() {
            let file = self.sources.file.as_ref();
            let place = match (self.sources.looked_up.get(key.env), file) {
                (Some(found), _) => format!("{} at `{}`", key.env, found.reference),
                (None, Some(file)) if origin == Origin::File => {
                    format!("{}.{} in {}", key.section, key.name, file.path.display())
                }
                _ => key.env.to_owned(),
            };
            let remedy = match T::complaint(&text) {
                Some(complaint) => format!("{complaint}. Set {}", T::accepts()),
                None => format!("set {}", T::accepts()),
            };
            self.complain(place, remedy);
        }
        self.effective.push(Effective {
            key,
            shown: (!text.is_empty()).then(|| self.shown(key, text)),
            origin,
        });
        value
    }

    /// Of what was looked up, where it is.
    fn shown(&self, key: &Key, text: String) -> String {
        if let Some(found) = self.sources.looked_up.get(key.env) {
            return found.reference.clone();
        }
        match key.exposure {
            Exposure::Open => text,
            Exposure::Url => MaskedUrl(&text).to_string(),
            Exposure::Secret => "********".to_owned(),
        }
    }

    /// The text in force; empty: unset.
    fn text(&self, key: &Key) -> Result<(String, Origin), String> {
        if let Some(found) = self.sources.looked_up.get(key.env) {
            return found.value.clone().map(|text| (text, Origin::Aws));
        }
        if let Some(given) = self.sources.given(key)? {
            return Ok(given);
        }
        let text = match key.default {
            DefaultValue::Unset => String::new(),
            DefaultValue::Text(text) => text.to_owned(),
            DefaultValue::Computed { compute, .. } => compute(self.sources)?,
        };
        Ok((text, Origin::Default))
    }

    /// Notes a mistake.
    pub(super) fn complain(&mut self, place: String, remedy: String) {
        self.mistakes.push(Mistake { place, remedy });
    }

    /// Notes what stands in the file and belongs to no key.
    fn look_for_strangers(&mut self, sections: &[Section]) {
        if let Some(file) = &self.sources.file {
            let mut stranger = |name: String| {
                self.mistakes.push(Mistake {
                    place: format!("{name} in {}", file.path.display()),
                    remedy: "there is no such setting: correct the name or remove it".to_owned(),
                });
            };
            for (name, value) in &file.table {
                let section = sections.iter().find(|section| section.name == name);
                match (section, value.as_table()) {
                    (Some(section), Some(table)) => table
                        .keys()
                        .filter(|key| !section.keys.iter().any(|known| known.name == *key))
                        .for_each(|key| stranger(format!("{name}.{key}"))),
                    _ => stranger(name.clone()),
                }
            }
        }
    }

    /// Everything that was read, or everything that is wrong.
    pub(super) fn finish<T>(
        mut self,
        value: Option<T>,
        sections: &[Section],
    ) -> Result<(T, Vec<Effective>), ConfigErrors> {
        self.look_for_strangers(sections);
        match value {
            Some(value) if self.mistakes.is_empty() => Ok((value, self.effective)),
            _ => Err(ConfigErrors(self.mistakes)),
        }
    }
}
