//! Where things are kept: all on this machine, or nothing.

use std::path::{Path, PathBuf};

use super::{
    AwsNames, Database, JwtKey,
    reader::Reader,
    sections::{Accounts, Data},
    setting::{DatabaseUrl, ServiceUrl},
};

/// What the settings come to when they are looked at together.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub pipeline: PipelinePlace,
    pub database: OrFolder<DatabaseUrl>,
    pub jwt_key: OrFolder<JwtKey>,
}

/// Where files, messages and PDFs are.
#[derive(Clone, Debug)]
pub enum PipelinePlace {
    /// In a folder of this machine, where pages are converted, too.
    Folder(PathBuf),
    Aws(AwsResources),
}

/// The parts of the pipeline on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsResources {
    pub queue: ServiceUrl,
    pub dead_letters: ServiceUrl,
    pub table: String,
    pub bucket: String,
}

/// Something that was set, or else is kept in the data folder.
#[derive(Clone, Debug)]
pub enum OrFolder<T> {
    Set(T),
    In(PathBuf),
}

impl Deployment {
    /// `None` when something is missing; the reader has noted what.
    pub(super) fn of(
        reader: &mut Reader<'_>,
        data: Option<Data>,
        aws: Option<AwsNames>,
        database: Option<&Database>,
        accounts: Option<&Accounts>,
    ) -> Option<Self> {
        // A section that could not be read has been complained of: nothing is said about it twice.
        match resources(reader, aws?) {
            Aws::Half => None,
            Aws::All(resources) => {
                let url = shared(reader, "DATABASE_URL", database, |of| of.url.clone());
                let key = shared(reader, "PLATEN_JWT_KEY", accounts, |of| of.jwt_key.clone());
                Some(Self {
                    pipeline: PipelinePlace::Aws(resources),
                    database: OrFolder::Set(url?),
                    jwt_key: OrFolder::Set(key?),
                })
            }
            Aws::None => {
                let Some(folder) = data?.dir else {
                    let remedy = "there is no home folder: set a folder to keep data in";
                    reader.complain("PLATEN_DATA_DIR".to_owned(), remedy.to_owned());
                    return None;
                };
                Some(Self {
                    database: or_folder(database?.url.clone(), &folder),
                    jwt_key: or_folder(accounts?.jwt_key.clone(), &folder),
                    pipeline: PipelinePlace::Folder(folder),
                })
            }
        }
    }
}

enum Aws {
    None,
    Half,
    All(AwsResources),
}

/// All four, or none.
fn resources(reader: &mut Reader<'_>, names: AwsNames) -> Aws {
    let mut set = Vec::new();
    let mut missing = Vec::new();
    for (name, is_set) in [
        ("PLATEN_SQS_QUEUE_URL", names.queue_url.is_some()),
        (
            "PLATEN_SQS_DEAD_LETTERS_URL",
            names.dead_letters_url.is_some(),
        ),
        ("PLATEN_DYNAMODB_TABLE", names.table.is_some()),
        ("PLATEN_S3_BUCKET", names.bucket.is_some()),
    ] {
        if is_set { &mut set } else { &mut missing }.push(name);
    }
    if set.is_empty() {
        return Aws::None;
    }
    let all = || {
        Some(AwsResources {
            queue: names.queue_url?,
            dead_letters: names.dead_letters_url?,
            table: names.table?,
            bucket: names.bucket?,
        })
    };
    if let Some(resources) = all() {
        return Aws::All(resources);
    }
    let remedy = format!(
        "Platen on AWS needs this beside {}. Set it, or unset the rest to keep everything on this \
         machine",
        set.join(", ")
    );
    reader.complain(missing.join(", "), remedy);
    Aws::Half
}

/// What servers on AWS have in common, as any of them may be replaced by another at any time.
fn shared<S, T>(
    reader: &mut Reader<'_>,
    name: &str,
    section: Option<&S>,
    value: impl FnOnce(&S) -> Option<T>,
) -> Option<T> {
    let value = value(section?);
    if value.is_none() {
        let remedy = "set it: on AWS, servers keep nothing on their machine, and all need the same";
        reader.complain(name.to_owned(), remedy.to_owned());
    }
    value
}

fn or_folder<T>(value: Option<T>, folder: &Path) -> OrFolder<T> {
    value.map_or_else(|| OrFolder::In(folder.to_owned()), OrFolder::Set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    const QUEUE: (&str, &str) = ("PLATEN_SQS_QUEUE_URL", "http://127.0.0.1:1/0/platen");
    const DEAD: (&str, &str) = ("PLATEN_SQS_DEAD_LETTERS_URL", "http://127.0.0.1:1/0/dead");
    const TABLE: (&str, &str) = ("PLATEN_DYNAMODB_TABLE", "platen");
    const BUCKET: (&str, &str) = ("PLATEN_S3_BUCKET", "platen-pdfs");
    const DATABASE: (&str, &str) = ("DATABASE_URL", "postgres://u:p@db/platen");
    const JWT: (&str, &str) = ("PLATEN_JWT_KEY", KEY);
    const HOME: (&str, &str) = ("HOME", "/h");

    fn places<const N: usize>(env: [(&str, &str); N]) -> Vec<String> {
        let errors = Config::load(&Sources::of_env(env)).unwrap_err();
        errors.0.into_iter().map(|mistake| mistake.place).collect()
    }

    #[test]
    fn without_aws_everything_is_in_the_folder() {
        let (config, _) = Config::load(&Sources::of_env([HOME])).unwrap();
        let folder = PathBuf::from("/h/.local/share/platen");
        let Deployment {
            pipeline: PipelinePlace::Folder(pipeline),
            database: OrFolder::In(database),
            jwt_key: OrFolder::In(jwt_key),
        } = config.deployment
        else {
            panic!("{:?}", config.deployment);
        };
        assert_eq!(
            [pipeline, database, jwt_key],
            [folder.clone(), folder.clone(), folder]
        );
    }

    #[test]
    fn on_aws_there_is_no_folder() {
        // Not even a home.
        let env = [QUEUE, DEAD, TABLE, BUCKET, DATABASE, JWT];
        let (config, _) = Config::load(&Sources::of_env(env)).unwrap();
        let PipelinePlace::Aws(resources) = config.deployment.pipeline else {
            panic!("{:?}", config.deployment);
        };
        assert_eq!(
            (resources.table.as_str(), resources.bucket.as_str()),
            (TABLE.1, BUCKET.1)
        );
        assert_eq!(resources.queue.as_str(), QUEUE.1);
        assert_eq!(resources.dead_letters.as_str(), DEAD.1);
    }

    #[test]
    fn half_a_set_is_one_mistake_that_names_what_is_missing() {
        assert_eq!(
            places([HOME, QUEUE, BUCKET]),
            ["PLATEN_SQS_DEAD_LETTERS_URL, PLATEN_DYNAMODB_TABLE"]
        );
        assert_eq!(
            places([HOME, QUEUE, DEAD, TABLE, DATABASE, JWT]),
            ["PLATEN_S3_BUCKET"]
        );
    }

    #[test]
    fn what_several_servers_share_has_to_be_set() {
        assert_eq!(
            places([HOME, QUEUE, DEAD, TABLE, BUCKET]),
            ["DATABASE_URL", "PLATEN_JWT_KEY"]
        );
    }

    #[test]
    fn a_folder_is_needed_where_there_is_nothing_else() {
        assert_eq!(places([DATABASE, JWT]), ["PLATEN_DATA_DIR"]);
    }
}
