//! Makes table, queues and bucket on an emulator and prints where they are, as environment
//! variables of the product:
//!
//! ```sh
//! scripts/peers/start /tmp/peers && source /tmp/peers/env
//! cargo run --package platen-pipeline-aws --example provision -- platen
//! ```
//!
//! Not for production, where Terraform describes them with keys, backups and rights.

use std::{
    error::Error,
    io::{Write, stdout},
};

use platen_pipeline_aws::{Aws, create_bucket, create_queues, create_table};

/// Deliveries before a message is a dead letter.
const DELIVERIES: u16 = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "platen".into());
    let aws = Aws::from_env().await?;
    create_table(aws.dynamodb_client(), &name).await?;
    create_bucket(aws.s3_client(), &name).await?;
    let queues = create_queues(aws.sqs_client(), &name, DELIVERIES).await?;
    writeln!(
        stdout(),
        "export PLATEN_DYNAMODB_TABLE={name} PLATEN_S3_BUCKET={name}\n\
         export PLATEN_SQS_QUEUE_URL={}\n\
         export PLATEN_SQS_DEAD_LETTERS_URL={}",
        queues.work,
        queues.dead_letters,
    )?;
    Ok(())
}
