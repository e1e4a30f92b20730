//! Shape of the table. Terraform describes the same one for production.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType,
        TimeToLiveSpecification,
    },
};
use platen_api_types::FileId;
use platen_pipeline::IndexError;

use super::{
    attribute as at,
    key::{FILE, USER},
};
use crate::error::FromSdk;

/// Local index: a user's files by name. Keys only. Local, because a file must be found by its name
/// as soon as it was written, and a global index is read some time later.
pub(super) const BY_NAME: &str = "by_name";

/// Local index: a user's files, and the removed ones, in order of their last change. Whole items,
/// so that one consistent read tells what changed.
pub(super) const BY_REVISION: &str = "by_revision";

/// Global index: unfinished files by when they begin to look forgotten. Finished ones have no
/// such attribute and so no place in it.
pub(super) const BY_DUE: &str = "by_due";

/// Parts of [`BY_DUE`]. One partition takes 1000 writes a second and a conversion makes about six,
/// so eight parts leave room for a thousand conversions a second; a sweep asks each once.
pub(super) const SHARDS: u8 = 8;

/// The part a file is in. The end of a UUIDv7 is random.
pub(super) fn shard(file: FileId) -> String {
    (file.as_uuid().as_u128() % u128::from(SHARDS)).to_string()
}

/// Makes the table as [`DynamoIndex`](crate::DynamoIndex) wants it, on demand capacity, for tests
/// and emulators: it asks for no encryption key, no backups and no protection against deletion.
/// A table of that name that exists stays as it is.
pub async fn create_table(client: &Client, table: &str) -> Result<(), IndexError> {
    let result = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes()?))
        .set_key_schema(Some(keys(USER, FILE)?))
        .local_secondary_indexes(local(BY_NAME, at::NAME, ProjectionType::KeysOnly)?)
        .local_secondary_indexes(local(BY_REVISION, at::REVISION, ProjectionType::All)?)
        .global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name(BY_DUE)
                .set_key_schema(Some(keys(at::DUE_SHARD, at::DUE)?))
                .projection(
                    Projection::builder()
                        .projection_type(ProjectionType::Include)
                        .non_key_attributes(at::LEASE_UNTIL)
                        .build(),
                )
                .build()
                .map_err(build)?,
        )
        .send()
        .await;
    match result {
        Ok(_) => {}
        Err(SdkError::ServiceError(e)) if e.err().is_resource_in_use_exception() => return Ok(()),
        Err(e) => return Err(IndexError::from_sdk(e)),
    }
    client
        .update_time_to_live()
        .table_name(table)
        .time_to_live_specification(
            TimeToLiveSpecification::builder()
                .attribute_name(at::EXPIRES_AT)
                .enabled(true)
                .build()
                .map_err(build)?,
        )
        .send()
        .await
        .map_err(IndexError::from_sdk)?;
    Ok(())
}

fn attributes() -> Result<Vec<AttributeDefinition>, IndexError> {
    use ScalarAttributeType::{N, S};
    [
        (USER, S),
        (FILE, S),
        (at::NAME, S),
        (at::REVISION, N),
        (at::DUE_SHARD, S),
        (at::DUE, N),
    ]
    .into_iter()
    .map(|(name, kind)| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind)
            .build()
            .map_err(build)
    })
    .collect()
}

fn keys(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, IndexError> {
    [(hash, KeyType::Hash), (range, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .map_err(build)
        })
        .collect()
}

fn local(name: &str, range: &str, kind: ProjectionType) -> Result<LocalSecondaryIndex, IndexError> {
    LocalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(USER, range)?))
        .projection(Projection::builder().projection_type(kind).build())
        .build()
        .map_err(build)
}

/// The SDK checks at run time that every required field was set.
pub(super) fn build(error: aws_sdk_dynamodb::error::BuildError) -> IndexError {
    IndexError::Failed(error.into())
}
