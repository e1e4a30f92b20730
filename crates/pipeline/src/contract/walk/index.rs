//! Random walks through an index and the model beside it.

use std::time::Duration;

use platen_api_types::{FileId, FileStatus, Order, Stage, UserId};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};
use uuid::Uuid;

use super::walk_all;
use crate::contract::{
    IndexHarness, facts, failure,
    model::{Answer, Model, Operation},
    new_file,
};
use crate::{
    Clock, FencingToken, FileIndex, FileKey, FileQuery, Idempotency, IndexError, Outcome, Quota,
};

/// One step as it is drawn: small numbers, so that steps meet each other.
#[derive(Clone, Debug)]
struct Step {
    /// Milliseconds that pass first.
    wait: u64,
    user: u8,
    /// Which of the files made so far, counted from the newest; one too far names none.
    file: u8,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    Put {
        key: Option<u8>,
        fingerprint: u8,
        files: u64,
        in_progress: u64,
    },
    Claim,
    /// How far the token lies behind the newest.
    Renew(u64),
    Advance(u64, Stage),
    Release(u64),
    Ready(u64),
    Failed(u64),
    Requeue,
    MarkDeleting,
    Remove,
    ForgetUser,
    Get,
    GetByName,
    Page {
        status: Option<FileStatus>,
        text: Option<&'static str>,
        order: Order,
        after: bool,
        limit: u16,
    },
    Count,
    TakeStale {
        age: u64,
    },
}

const LEASE: Duration = Duration::from_millis(500);

fn action() -> impl Strategy<Value = Action> {
    let behind = prop_oneof![4 => Just(0_u64), 1 => 1..3_u64];
    let status = proptest::sample::select(FileStatus::ALL.to_vec());
    let stage = proptest::sample::select(Stage::ALL.to_vec());
    let order = proptest::sample::select(Order::ALL.to_vec());
    let text = proptest::sample::select(vec!["", "example", "TITLE", "page-", "nowhere"]);
    prop_oneof![
        6 => (proptest::option::of(0..2_u8), 0..2_u8, 1..6_u64, 1..6_u64).prop_map(
            |(key, fingerprint, files, in_progress)| Action::Put {
                key,
                fingerprint,
                files,
                in_progress,
            }
        ),
        6 => Just(Action::Claim),
        2 => behind.clone().prop_map(Action::Renew),
        2 => (behind.clone(), stage).prop_map(|(behind, stage)| Action::Advance(behind, stage)),
        2 => behind.clone().prop_map(Action::Release),
        3 => behind.clone().prop_map(Action::Ready),
        3 => behind.prop_map(Action::Failed),
        2 => Just(Action::Requeue),
        2 => Just(Action::MarkDeleting),
        2 => Just(Action::Remove),
        1 => Just(Action::ForgetUser),
        1 => Just(Action::Get),
        1 => Just(Action::GetByName),
        3 => (
            proptest::option::of(status),
            proptest::option::of(text),
            order,
            any::<bool>(),
            1..4_u16,
        )
            .prop_map(|(status, text, order, after, limit)| Action::Page {
                status,
                text,
                order,
                after,
                limit,
            }),
        1 => Just(Action::Count),
        1 => (0..600_u64).prop_map(|age| Action::TakeStale { age }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![4 => Just(1_u64), 2 => 1..400_u64, 1 => Just(86_400_000)];
    (wait, 0..2_u8, 0..4_u8, action()).prop_map(|(wait, user, file, action)| Step {
        wait,
        user,
        file,
        action,
    })
}

fn user(number: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

/// Makes the call that the step stands for, now that it is known what there is.
fn operation(step: &Step, model: &Model, files: &mut u128, harness: &IndexHarness) -> Operation {
    let user = user(step.user);
    let file = FileId::from_uuid(Uuid::from_u128(files.saturating_sub(u128::from(step.file))));
    let key = FileKey { user, file };
    let newest = model.record(key).map_or(0, |record| record.token.0);
    let token = |behind: u64| FencingToken(newest.saturating_sub(behind));
    match &step.action {
        Action::Put {
            key,
            fingerprint,
            files: most,
            in_progress,
        } => {
            *files += 1;
            let mut new = new_file(user, FileId::from_uuid(Uuid::from_u128(*files)));
            new.idempotency = key.map(|key| Idempotency {
                key: key.to_string(),
                fingerprint: [*fingerprint; 32],
            });
            let quota = Quota {
                files: *most,
                in_progress: *in_progress,
            };
            Operation::Put { new, quota }
        }
        Action::Claim => Operation::Claim { key, lease: LEASE },
        Action::Renew(behind) => Operation::Renew {
            key,
            token: token(*behind),
            lease: LEASE,
        },
        Action::Advance(behind, stage) => Operation::Advance {
            key,
            token: token(*behind),
            stage: *stage,
        },
        Action::Release(behind) => Operation::Release {
            key,
            token: token(*behind),
        },
        Action::Ready(behind) => Operation::Finish {
            key,
            token: token(*behind),
            outcome: Outcome::Ready(facts("A Title")),
        },
        Action::Failed(behind) => Operation::Finish {
            key,
            token: token(*behind),
            outcome: Outcome::Failed(failure()),
        },
        Action::Requeue => Operation::Requeue { key },
        Action::MarkDeleting => Operation::MarkDeleting { key },
        Action::Remove => Operation::Remove { key },
        Action::ForgetUser => Operation::ForgetUser { user },
        Action::Get => Operation::Get { key },
        Action::GetByName => Operation::GetByName {
            user,
            name: new_file(user, file).name,
        },
        Action::Page {
            status,
            text,
            order,
            after,
            limit,
        } => Operation::Page {
            user,
            query: FileQuery {
                status: *status,
                text: text.map(str::to_owned),
                order: *order,
                after: after.then_some(file),
                limit: *limit,
            },
        },
        Action::Count => Operation::Count { user },
        Action::TakeStale { age } => Operation::TakeStale {
            before: harness.clock.now() - Duration::from_millis(*age),
        },
    }
}

async fn ask(index: &dyn FileIndex, operation: Operation) -> Result<Answer, IndexError> {
    Ok(match operation {
        Operation::Put { new, quota } => Answer::Put(index.put_queued(new, quota).await?),
        Operation::Claim { key, lease } => Answer::Claim(index.claim(key, lease).await?),
        Operation::Renew { key, token, lease } => {
            Answer::Finish(index.renew(key, token, lease).await?)
        }
        Operation::Advance { key, token, stage } => {
            Answer::Finish(index.advance(key, token, stage).await?)
        }
        Operation::Release { key, token } => Answer::Finish(index.release(key, token).await?),
        Operation::Finish {
            key,
            token,
            outcome,
        } => Answer::Finish(index.finish(key, token, outcome).await?),
        Operation::Requeue { key } => Answer::Record(index.requeue(key).await?),
        Operation::MarkDeleting { key } => Answer::Record(index.mark_deleting(key).await?),
        Operation::Remove { key } => {
            index.remove(key).await?;
            Answer::Done
        }
        Operation::ForgetUser { user } => Answer::Forgotten(index.forget_user(user).await?),
        Operation::Get { key } => Answer::Record(index.get(key).await?),
        Operation::GetByName { user, name } => {
            Answer::Record(index.get_by_name(user, &name).await?)
        }
        Operation::Page { user, query } => Answer::Page(index.page(user, &query).await?),
        Operation::Count { user } => Answer::Count(index.count(user).await?),
        Operation::TakeStale { before } => {
            let mut stale = index.take_stale(before, 1000).await?;
            stale.sort_by_key(|record| (record.user, record.id));
            Answer::Stale(stale)
        }
    })
}

async fn walk(harness: IndexHarness, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut files = 0;
    for step in steps {
        harness.clock.advance(Duration::from_millis(step.wait));
        let operation = operation(&step, &model, &mut files, &harness);
        let shown = format!("{operation:?}");
        let expected = model.step(harness.clock.now(), operation.clone());
        let answer = ask(harness.index.as_ref(), operation)
            .await
            .map_err(|error| TestCaseError::fail(format!("{shown}: {error:?}")))?;
        prop_assert_eq!(answer, expected, "{}", shown);
    }
    Ok(())
}

/// Runs random sequences of calls against fresh adapters and the model.
pub fn compare<F>(factory: impl Fn() -> F)
where
    F: Future<Output = IndexHarness>,
{
    walk_all(&vec(step(), 1..80), |steps| async {
        walk(factory().await, steps).await
    });
}
