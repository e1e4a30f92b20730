//! Making the bucket. Terraform describes the one for production, which also blocks public access
//! and clears incomplete uploads away.

use aws_sdk_s3::{
    Client,
    operation::create_bucket::CreateBucketError,
    types::{BucketLocationConstraint, CreateBucketConfiguration},
};
use platen_pipeline::StoreError;

use crate::error::FromSdk;

/// The region that may not be named when a bucket is made there.
const DEFAULT_REGION: &str = "us-east-1";

/// Makes a bucket, for tests and emulators. One that is already ours stays as it is.
pub async fn create_bucket(client: &Client, bucket: &str) -> Result<(), StoreError> {
    let place = client
        .config()
        .region()
        .filter(|region| region.as_ref() != DEFAULT_REGION)
        .map(|region| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region.as_ref()))
                .build()
        });
    let result = client
        .create_bucket()
        .bucket(bucket)
        .set_create_bucket_configuration(place)
        .send()
        .await;
    match result {
        Ok(_) => return Ok(()),
        Err(e) if e.as_service_error().is_some_and(is_there) => {}
        Err(e) => return Err(StoreError::from_sdk(e)),
    }
    // Not every server tells one's own from somebody else's; asking for it does.
    client
        .head_bucket()
        .bucket(bucket)
        .send()
        .await
        .map(drop)
        .map_err(StoreError::from_sdk)
}

fn is_there(error: &CreateBucketError) -> bool {
    error.is_bucket_already_owned_by_you() || error.is_bucket_already_exists()
}
