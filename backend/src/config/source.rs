//! Where values come from.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::{
    Config, Mistake,
    key::Key,
    lookup::{LookedUp, PREFIX_VARIABLE},
    reader::Origin,
};

/// Names the TOML file.
const FILE_VARIABLE: &str = "PLATEN_CONFIG";

/// Variables that are ours and that no key declares; the last two are those of `platen save`.
const NO_SETTINGS: [&str; 4] = [
    FILE_VARIABLE,
    PREFIX_VARIABLE,
    "PLATEN_SERVER",
    "PLATEN_KEY",
];

/// Read when it exists and no other is named.
const USUAL_FILE: &str = "platen.toml";

/// Why the TOML file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("configuration file {} cannot be read", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("configuration file {} is not TOML", path.display())]
    Syntax {
        path: PathBuf,
        #[source]
        source: Box<toml::de::Error>,
    },
}

/// The environment and the TOML file, as found at start.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub(super) env: BTreeMap<String, String>,
    pub(super) file: Option<File>,
    /// By variable: what is not what it says, but stands on AWS.
    pub(super) looked_up: BTreeMap<&'static str, LookedUp>,
    /// Found while looking up.
    pub(super) mistakes: Vec<Mistake>,
}

/// A TOML file that was read.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub path: PathBuf,
    pub table: toml::Table,
}

impl Sources {
    /// The process environment, and the file it names or that lies in the current directory.
    pub fn find() -> Result<Self, SourceError> {
        // What is not Unicode cannot be a value of ours, and other programs' variables may be.
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::new(env)
    }

    /// An environment, and the file it names or that lies in the current directory.
    pub fn new(env: BTreeMap<String, String>) -> Result<Self, SourceError> {
        let named = env.get(FILE_VARIABLE).filter(|path| !path.is_empty());
        let file = match named {
            Some(path) => Some(File::read(Path::new(path))?),
            None => match File::read(Path::new(USUAL_FILE)) {
                Ok(file) => Some(file),
                Err(SourceError::Read { source, .. })
                    if source.kind() == io::ErrorKind::NotFound =>
                {
                    None
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Self {
            env,
            file,
            ..Self::default()
        })
    }

    /// An environment without any file.
    pub fn of_env<const N: usize>(env: [(&str, &str); N]) -> Self {
        Self {
            env: env
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Self::default()
        }
    }

    /// A variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// What a key is set to, as it stands in the environment or the file.
    pub(super) fn given(&self, key: &Key) -> Result<Option<(String, Origin)>, String> {
        if let Some(text) = self.variable(key.env) {
            return Ok(Some((text.to_owned(), Origin::Environment)));
        }
        let in_file = self
            .file
            .as_ref()
            .and_then(|file| file.table.get(key.section)?.get(key.name));
        match in_file.map(plain_text) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some((text, Origin::File))),
            Some(None) => Err("set a plain value or a list of them in the file".to_owned()),
        }
    }

    /// Variables that look like ours and that no key declares: perhaps misspelt. No error, because
    /// Kubernetes sets such variables for a service of the name `platen`.
    pub fn unknown_variables(&self) -> impl Iterator<Item = &str> {
        let is_known = |name: &str| {
            let mut keys = Config::SECTIONS.iter().flat_map(|section| section.keys);
            NO_SETTINGS.contains(&name) || keys.any(|key| key.env == name)
        };
        self.env
            .keys()
            .map(String::as_str)
            .filter(move |name| name.starts_with("PLATEN_") && !is_known(name))
    }
}

impl File {
    fn read(path: &Path) -> Result<Self, SourceError> {
        let text = std::fs::read_to_string(path).map_err(|source| SourceError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, SourceError> {
        let table = text.parse().map_err(|source| SourceError::Syntax {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self {
            path: path.to_owned(),
            table,
        })
    }
}

/// TOML has types where the environment has text; lists become what a variable would hold.
fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(switch) => Some(switch.to_string()),
        toml::Value::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(plain_text).collect();
            Some(texts?.join(","))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}
