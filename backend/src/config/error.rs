//! What is wrong with the configuration.

use std::fmt;

/// One mistake, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where the value came from: `PLATEN_LISTEN`, or `server.listen in platen.toml`.
    pub place: String,
    /// What is wrong and what is accepted.
    pub remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.remedy)
    }
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Mistake>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        for mistake in &self.0 {
            write!(f, "\n  - {mistake}")?;
        }
        f.write_str("\n`platen config --reference` documents every key")
    }
}

impl std::error::Error for ConfigErrors {}
