//! What a table meets that one process with small files does not: other processes, large items,
//! answers in parts.

use std::sync::Arc;

use futures::{StreamExt, future::join_all};
use platen_api_types::{Failure, FailureCode, UserId};
use platen_peers::Kind;
use platen_pipeline::{
    Claim, FileIndex, FileKey, FileQuery, FileState, Finish, NewFile, Outcome, PdfFacts, Put,
    Quota, SystemClock,
    contract::{facts, ids, new_file},
};
use platen_pipeline_aws::{DynamoIndex, create_table};

use crate::support::{aws, name};

const DYNAMODBS: [Kind; 2] = [Kind::Dynoxide, Kind::Moto];
const LEASE: std::time::Duration = std::time::Duration::from_mins(1);

/// One table as several processes see it: each has connections and knowledge of its own.
async fn processes<const N: usize>(kind: Kind) -> [DynamoIndex; N] {
    let table = name();
    create_table(aws(kind).await.dynamodb_client(), &table)
        .await
        .unwrap();
    let indexes = [(); N].map(|()| async {
        let aws = aws(kind).await;
        aws.index(table.clone(), Arc::new(SystemClock))
    });
    join_all(indexes).await.try_into().unwrap()
}

async fn put(index: &DynamoIndex, new: NewFile) -> FileKey {
    let key = FileKey {
        user: new.user,
        file: new.id,
    };
    let put = index.put_queued(new, Quota::UNLIMITED).await.unwrap();
    assert!(matches!(put, Put::Created(_)), "{put:?}");
    key
}

async fn claim(index: &DynamoIndex, key: FileKey) -> platen_pipeline::FileRecord {
    match index.claim(key, LEASE).await.unwrap() {
        Claim::Claimed(record) => record,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn changes_of_other_processes_are_told() {
    for kind in DYNAMODBS {
        let [backend, converter] = processes(kind).await;
        let (user, file) = ids();
        let mut changes = backend.changes(user, None);
        let key = put(&backend, new_file(user, file)).await;
        let token = claim(&converter, key).await.token;
        let outcome = Outcome::Ready(facts("a"));
        let finish = converter.finish(key, token, outcome).await.unwrap();
        assert_eq!(finish, Finish::Recorded);
        let told = tokio::time::timeout(std::time::Duration::from_secs(10), async {
            loop {
                let change = changes.next().await.unwrap().unwrap();
                if matches!(change.record.state, FileState::Ready { .. }) {
                    break change.record;
                }
            }
        });
        let record = converter.get(key).await.unwrap();
        assert_eq!(told.await.ok(), record, "{kind:?}");
    }
}

/// DynamoDB answers with a megabyte at most, filtered only then.
#[tokio::test]
async fn a_page_reads_on_after_a_megabyte() {
    for kind in DYNAMODBS {
        let [index] = processes(kind).await;
        let (user, _) = ids();
        let mut oldest = new_file(user, ids().1);
        oldest.url = "https://example.org/needle".to_owned();
        let oldest = put(&index, oldest).await.file;
        for _ in 0..11 {
            let mut new = new_file(user, ids().1);
            new.options.header_html = Some("x".repeat(200_000));
            put(&index, new).await;
        }
        let all = FileQuery {
            limit: 50,
            ..FileQuery::default()
        };
        let page = index.page(user, &all).await.unwrap();
        assert_eq!((page.files.len(), page.more), (12, false), "{kind:?}");
        let needle = FileQuery {
            text: Some("NEEDLE".to_owned()),
            ..all
        };
        let page = index.page(user, &needle).await.unwrap();
        let found: Vec<_> = page.files.iter().map(|file| file.id).collect();
        assert_eq!((found, page.more), (vec![oldest], false), "{kind:?}");
    }
}

/// An item holds 400 KB, and a page decides how long its title is.
#[tokio::test]
async fn what_a_page_says_of_itself_fits() {
    for kind in DYNAMODBS {
        let [index] = processes(kind).await;
        let user: UserId = ids().0;
        let endless = "ő".repeat(1_000_000);
        let ready = Outcome::Ready(PdfFacts {
            title: Some(endless.clone()),
            final_url: format!("https://example.com/#{endless}"),
            ..facts("")
        });
        let failed = Outcome::Failed(Failure {
            code: FailureCode::HttpStatus,
            detail: endless.clone(),
        });
        for outcome in [ready, failed] {
            let mut new = new_file(user, ids().1);
            // As long as a request may be.
            new.options.header_html = Some("x".repeat(platen_api_types::limits::BODY_BYTES));
            let key = put(&index, new).await;
            let token = claim(&index, key).await.token;
            let finish = index.finish(key, token, outcome).await.unwrap();
            assert_eq!(finish, Finish::Recorded, "{kind:?}");
            match index.get(key).await.unwrap().unwrap().state {
                FileState::Ready { pdf, .. } => {
                    let title = pdf.title.unwrap();
                    assert!(title.len() > 4_000 && endless.starts_with(&title));
                    assert!(pdf.final_url.len() > 16_000);
                }
                FileState::Failed { failure, .. } => assert!(failure.detail.len() > 4_000),
                other => panic!("{other:?}"),
            }
        }
    }
}
