//! Settings that stand elsewhere and are looked up once, at start.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::{
    Config, Mistake, Sources, Vault,
    key::Key,
    vault::{Reference, VaultError},
};

/// Names a path of Systems Manager where settings may stand under the names of their variables.
pub(super) const PREFIX_VARIABLE: &str = "SSM_PREFIX";

/// A value that was looked up, or what kept it from being so.
#[derive(Clone, Debug)]
pub(super) struct LookedUp {
    /// Where it is: may be shown, unlike the value.
    pub reference: String,
    pub value: Result<String, String>,
}

impl Sources {
    /// Whether anything has to be looked up.
    pub fn refer_to_aws(&self) -> bool {
        self.variable(PREFIX_VARIABLE).is_some()
            || keys().any(|key| {
                self.text(key)
                    .is_some_and(|text| Reference::parse(&text).is_some())
            })
    }

    /// Looks up what is a reference, and what is not set but stands under the prefix. What cannot be
    /// read is a mistake that is told together with the others.
    pub async fn look_up(&mut self, vault: &Vault) {
        let prefixed = self.under_prefix(vault).await;
        let lookups = keys().filter_map(|key| {
            let (text, place) = if let Some(text) = self.text(key) {
                (text, None)
            } else {
                let (reference, value) = prefixed.get(key.env)?;
                (value.clone(), Some(reference.clone()))
            };
            Some(look_up(vault, key, text, place))
        });
        self.looked_up = join_all(lookups).await.into_iter().flatten().collect();
    }

    /// Settings under the prefix, by variable, each with its reference.
    async fn under_prefix(&mut self, vault: &Vault) -> BTreeMap<String, (String, String)> {
        let Some(prefix) = self.variable(PREFIX_VARIABLE) else {
            return BTreeMap::new();
        };
        let path = prefix.trim_end_matches('/').to_owned();
        match vault.under(&path).await {
            Ok(found) => found
                .into_iter()
                .map(|(name, value)| (name.clone(), (format!("ssm:{path}/{name}"), value)))
                .collect(),
            Err(error) => {
                self.mistakes.push(Mistake {
                    place: PREFIX_VARIABLE.to_owned(),
                    remedy: remedy(&path, &error),
                });
                BTreeMap::new()
            }
        }
    }

    /// What is set, in the environment or the file. A value that is not plain is complained of when
    /// it is read.
    fn text(&self, key: &Key) -> Option<String> {
        let (text, _) = self.given(key).ok()??;
        Some(text)
    }
}

/// `place` is where `text` was found, if that was not the environment or the file.
async fn look_up(
    vault: &Vault,
    key: &Key,
    text: String,
    place: Option<String>,
) -> Option<(&'static str, LookedUp)> {
    let looked_up = match (Reference::parse(&text), place) {
        (Some(reference), _) => LookedUp {
            value: vault
                .read(&reference)
                .await
                .map_err(|error| remedy(&text, &error)),
            reference: text,
        },
        (None, Some(reference)) => LookedUp {
            reference,
            value: Ok(text),
        },
        (None, None) => return None,
    };
    Some((key.env, looked_up))
}

fn remedy(reference: &str, error: &VaultError) -> String {
    format!("`{reference}`: {error}")
}

fn keys() -> impl Iterator<Item = &'static Key> {
    Config::SECTIONS.iter().flat_map(|section| section.keys)
}

#[cfg(test)]
mod tests;
