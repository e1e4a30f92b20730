//! Reads variables, and notes every mistake.

use std::collections::BTreeMap;

use super::{ConfigErrors, Mistake};

const PREFIX: &str = "PLATEN_";

/// A value that cannot be used. The reader has noted why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong;

/// Reads one variable after another. An empty one counts as unset.
pub(super) struct Reader<'a> {
    environment: &'a BTreeMap<String, String>,
    asked: Vec<&'static str>,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(environment: &'a BTreeMap<String, String>) -> Self {
        Self {
            environment,
            asked: Vec::new(),
            mistakes: Vec::new(),
        }
    }

    pub(super) fn required<T>(
        &mut self,
        variable: &'static str,
        accepts: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Wrong> {
        // What nobody has set is as wrong as what cannot be read.
        let text = self.text(variable).unwrap_or_default();
        let value = if text.is_empty() { None } else { parse(text) };
        self.note(variable, accepts, value)
    }

    pub(super) fn optional<T>(
        &mut self,
        variable: &'static str,
        accepts: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        match self.text(variable) {
            None => Ok(None),
            Some(text) => self.note(variable, accepts, parse(text)).map(Some),
        }
    }

    pub(super) fn or_else<T>(
        &mut self,
        variable: &'static str,
        default: impl FnOnce() -> T,
        accepts: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Wrong> {
        self.optional(variable, accepts, parse)
            .map(|value| value.unwrap_or_else(default))
    }

    /// Variables with our prefix that nobody asked for, but for those in `others`.
    pub(super) fn strangers(&self, others: &[&str]) -> Vec<String> {
        self.environment
            .keys()
            .filter(|name| name.starts_with(PREFIX))
            .filter(|name| !self.asked.iter().chain(others).any(|known| known == name))
            .cloned()
            .collect()
    }

    /// What was read, or everything that is wrong.
    pub(super) fn finish<T>(self, whole: Result<T, Wrong>) -> Result<T, ConfigErrors> {
        match whole {
            Ok(whole) if self.mistakes.is_empty() => Ok(whole),
            _ => Err(ConfigErrors(self.mistakes)),
        }
    }

    fn text(&mut self, variable: &'static str) -> Option<&'a str> {
        self.asked.push(variable);
        let text = self.environment.get(variable)?;
        (!text.is_empty()).then_some(text)
    }

    fn note<T>(
        &mut self,
        variable: &'static str,
        accepts: &str,
        value: Option<T>,
    ) -> Result<T, Wrong> {
        if value.is_none() {
            let remedy = format!("set {accepts}");
            self.mistakes.push(Mistake { variable, remedy });
        }
        value.ok_or(Wrong)
    }
}
