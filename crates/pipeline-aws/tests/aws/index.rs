//! The index on every DynamoDB there is.

use std::sync::Arc;

use platen_peers::Kind;
use platen_pipeline::contract::{IndexHarness, ManualClock};
use platen_pipeline_aws::create_table;

use crate::support::{aws, name};

async fn harness(kind: Kind) -> IndexHarness {
    let aws = aws(kind).await;
    let table = name();
    create_table(aws.dynamodb_client(), &table).await.unwrap();
    let clock = ManualClock::new();
    IndexHarness {
        index: Arc::new(aws.index(table, clock.clone())),
        clock,
        keep: Box::new(()),
    }
}

mod dynoxide {
    use super::{IndexHarness, Kind};

    async fn index() -> IndexHarness {
        super::harness(Kind::Dynoxide).await
    }

    platen_pipeline::file_index_contract!(index);
}

mod moto {
    use super::{IndexHarness, Kind};

    async fn index() -> IndexHarness {
        super::harness(Kind::Moto).await
    }

    platen_pipeline::file_index_contract!(index);
}
