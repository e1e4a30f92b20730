//! Values kept on AWS: in Systems Manager's parameters, and in Secrets Manager.

use std::{collections::BTreeMap, error::Error};

use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_types::SdkConfig;
use serde_json::{Map, Value};

use platen_telemetry::Chain;

/// A text in place of a value that says where the value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// `ssm:` and the name of a parameter.
    Parameter(String),
    /// `secretsmanager:` and the name or ARN of a secret; behind `#`, a key of the JSON object in it.
    Secret { id: String, key: Option<String> },
}

impl Reference {
    /// `None`: the text stands for itself.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("ssm:") {
            return Some(Self::Parameter(name.to_owned()));
        }
        let secret = text.strip_prefix("secretsmanager:")?;
        let (id, key) = match secret.split_once('#') {
            Some((id, key)) => (id, Some(key.to_owned())),
            None => (secret, None),
        };
        Some(Self::Secret {
            id: id.to_owned(),
            key,
        })
    }
}

/// Why there is no value, in words for whoever has to mend it.
#[derive(Debug, thiserror::Error)]
pub(super) enum VaultError {
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("reading it is denied: allow `{0}`, and `kms:Decrypt` with its key")]
    Denied(&'static str),
    #[error("the secret is not text")]
    Binary,
    #[error("the secret is not a JSON object, so it has no key `{0}`")]
    NoObject(String),
    #[error("the secret has no key `{0}` with a text or a number")]
    NoKey(String),
    #[error("it cannot be read: {0}")]
    Other(String),
}

/// Reads values, decrypted.
#[derive(Clone, Debug)]
pub struct Vault {
    parameters: aws_sdk_ssm::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

impl Vault {
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            parameters: aws_sdk_ssm::Client::new(sdk),
            secrets: aws_sdk_secretsmanager::Client::new(sdk),
        }
    }

    pub(super) async fn read(&self, reference: &Reference) -> Result<String, VaultError> {
        match reference {
            Reference::Parameter(name) => self.parameter(name).await,
            Reference::Secret { id, key } => {
                let secret = self.secret(id).await?;
                match key {
                    Some(key) => value_of(&secret, key),
                    None => Ok(secret),
                }
            }
        }
    }

    async fn parameter(&self, name: &str) -> Result<String, VaultError> {
        let request = self.parameters.get_parameter().name(name);
        let answer = request.with_decryption(true).send().await;
        let answer = answer.map_err(|error| sort(&error, "parameter", "ssm:GetParameter"))?;
        let value = answer.parameter.and_then(|parameter| parameter.value);
        value.ok_or(VaultError::Missing("parameter"))
    }

    async fn secret(&self, id: &str) -> Result<String, VaultError> {
        let right = "secretsmanager:GetSecretValue";
        let answer = self.secrets.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| sort(&error, "secret", right))?;
        answer.secret_string.ok_or(VaultError::Binary)
    }

    /// The parameters directly under a path, by their last name.
    pub(super) async fn under(&self, path: &str) -> Result<BTreeMap<String, String>, VaultError> {
        let mut found = BTreeMap::new();
        let request = self.parameters.get_parameters_by_path().path(path);
        let mut pages = request.with_decryption(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| sort(&error, "path", "ssm:GetParametersByPath"))?;
            for parameter in page.parameters.unwrap_or_default() {
                if let (Some(name), Some(value)) = (parameter.name, parameter.value)
                    && let Some((_, last)) = name.rsplit_once('/')
                {
                    found.insert(last.to_owned(), value);
                }
            }
        }
        Ok(found)
    }
}

fn value_of(secret: &str, key: &str) -> Result<String, VaultError> {
    let object: Map<String, Value> =
        serde_json::from_str(secret).map_err(|_| VaultError::NoObject(key.to_owned()))?;
    match object.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(number @ Value::Number(_)) => Ok(number.to_string()),
        _ => Err(VaultError::NoKey(key.to_owned())),
    }
}

fn sort<E>(error: &SdkError<E>, what: &'static str, right: &'static str) -> VaultError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error.code() {
        Some("ParameterNotFound" | "ParameterVersionNotFound" | "ResourceNotFoundException") => {
            VaultError::Missing(what)
        }
        Some("AccessDeniedException") => VaultError::Denied(right),
        _ => VaultError::Other(Chain(error).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_values() {
        let secret = |id: &str, key: Option<&str>| {
            Some(Reference::Secret {
                id: id.to_owned(),
                key: key.map(str::to_owned),
            })
        };
        let arn = "arn:aws:secretsmanager:eu-west-1:1:secret:platen-Ab1";
        for (text, reference) in [
            (
                "ssm:/platen/key",
                Some(Reference::Parameter("/platen/key".into())),
            ),
            ("secretsmanager:platen", secret("platen", None)),
            ("secretsmanager:platen#db", secret("platen", Some("db"))),
            (&format!("secretsmanager:{arn}#db"), secret(arn, Some("db"))),
            ("postgres://u:p@db/platen", None),
            ("", None),
        ] {
            assert_eq!(Reference::parse(text), reference, "{text}");
        }
    }

    #[test]
    fn keys_of_a_secret_are_read() {
        let secret = r#"{"port": 5432, "host": "db", "tags": []}"#;
        assert_eq!(value_of(secret, "host").unwrap(), "db");
        assert_eq!(value_of(secret, "port").unwrap(), "5432");
        for (secret, key) in [
            (secret, "tags"),
            (secret, "user"),
            ("db", "host"),
            ("[]", "0"),
        ] {
            let error = value_of(secret, key).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }
}
