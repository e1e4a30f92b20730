//! Erasing what accounts that are gone have left in index, queue and store.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use platen_api_types::UserId;
use platen_pipeline::{Clock, ConversionQueue, FileIndex, FileKey, FileQuery, IndexError};
use platen_telemetry::Chain;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{AccountStore, Erasure, StoreError},
    removal,
};

/// How long requests of a user may still be under way on some server after the account has ended:
/// far more than any may take, and than clocks may differ. Until then it is looked after.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

/// How often to look after accounts that ended on other servers, or before a crash.
const EVERY: Duration = Duration::from_mins(1);

/// Files removed in one go.
const BATCH: u16 = 100;

/// Removes the files of accounts that have ended, then what is remembered of them. Any number of
/// them may work at once; one is enough.
#[derive(Clone)]
pub struct Eraser {
    accounts: AccountStore,
    index: Arc<dyn FileIndex>,
    queue: Arc<dyn ConversionQueue>,
    clock: Arc<dyn Clock>,
    asked: Arc<Notify>,
}

/// What kept an account from being erased. The next look starts over.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Accounts(#[from] StoreError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl Eraser {
    pub fn new(
        accounts: AccountStore,
        index: Arc<dyn FileIndex>,
        queue: Arc<dyn ConversionQueue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            accounts,
            index,
            queue,
            clock,
            asked: Arc::default(),
        }
    }

    /// An account has just ended.
    pub fn wake(&self) {
        self.asked.notify_one();
    }

    /// Looks after accounts that have ended, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let erasing = async {
            loop {
                if let Err(error) = self.look().await {
                    tracing::warn!(error = %Chain(&error), "ended accounts cannot be looked up");
                }
                tokio::select! {
                    () = self.asked.notified() => {}
                    () = self.clock.sleep_until(self.clock.now() + EVERY) => {}
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = erasing => {}
        }
    }

    pub(crate) async fn look(&self) -> Result<(), StoreError> {
        for erasure in self.accounts.erasures().await? {
            // One that fails must not keep the others.
            if let Err(error) = self.erase(erasure).await {
                tracing::warn!(
                    user.id = %erasure.user,
                    error = %Chain(&error),
                    "account cannot be erased yet"
                );
            }
        }
        Ok(())
    }

    async fn erase(&self, Erasure { user, asked_at }: Erasure) -> Result<(), EraseError> {
        self.remove_files(user).await?;
        let is_settled = asked_at + SETTLED <= self.clock.now();
        // As long as converters have files to remove, something is left.
        if is_settled && self.index.forget_user(user).await? {
            self.accounts.end_erasure(user).await?;
            tracing::info!(user.id = %user, "account erased");
        }
        Ok(())
    }

    async fn remove_files(&self, user: UserId) -> Result<(), IndexError> {
        let query = FileQuery {
            limit: BATCH,
            ..FileQuery::default()
        };
        loop {
            // What was removed is not in the next page.
            let page = self.index.page(user, &query).await?;
            for record in &page.files {
                let key = FileKey {
                    user,
                    file: record.id,
                };
                removal::remove(&*self.index, &*self.queue, key, None).await?;
            }
            if !page.more {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use platen_api_types::FileId;
    use platen_pipeline::{FileState, Idempotency, NewFile, Put, Quota};

    use super::*;
    use crate::http::testing::{TestApp, User};

    async fn end_account(app: &TestApp, user: &User) {
        app.delete("/account").user(user).send().await.expect(202);
    }

    async fn left(app: &TestApp) -> Vec<UserId> {
        let erasures = app.accounts.erasures().await.unwrap();
        erasures.iter().map(|erasure| erasure.user).collect()
    }

    /// What a converter does with the messages.
    async fn convert_deletes(app: &TestApp, user: &User, files: &[FileId]) {
        for &file in files {
            let key = FileKey {
                user: user.id,
                file,
            };
            app.pipeline.index.remove(key).await.unwrap();
        }
    }

    #[tokio::test]
    async fn nothing_of_the_account_is_left_and_all_of_others() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let mut files = Vec::new();
        for _ in 0..BATCH {
            files.push(app.queued(&ada).await.id);
        }
        files.push(app.failed(&ada).await.id);
        files.push(app.ready(&ada, "Diary", b"%PDF-").await.id);
        let kept = app.ready(&bob, "Kept", b"%PDF-").await.id;
        end_account(&app, &ada).await;

        let eraser = &app.app.eraser;
        eraser.look().await.unwrap();
        for &file in &files {
            let record = app.record(ada.id, file).await.unwrap();
            assert_eq!(record.state, FileState::Deleting);
        }
        // As long as there are records, somebody has to know.
        app.advance(Duration::from_hours(2));
        eraser.look().await.unwrap();
        assert_eq!(left(&app).await, [ada.id]);
        convert_deletes(&app, &ada, &files).await;
        eraser.look().await.unwrap();
        assert_eq!(left(&app).await, []);
        assert!(app.pipeline.index.forget_user(ada.id).await.unwrap());
        let record = app.record(bob.id, kept).await.unwrap();
        assert!(matches!(record.state, FileState::Ready { .. }));
    }

    #[tokio::test]
    async fn a_request_that_was_under_way_goes_too() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        end_account(&app, &ada).await;
        let eraser = &app.app.eraser;
        eraser.look().await.unwrap();
        let late = app.queued(&ada).await.id;
        app.advance(Duration::from_mins(59));
        eraser.look().await.unwrap();
        let record = app.record(ada.id, late).await.unwrap();
        assert_eq!(record.state, FileState::Deleting);
        convert_deletes(&app, &ada, &[late]).await;
        // Not before nothing can come any more.
        eraser.look().await.unwrap();
        assert_eq!(left(&app).await, [ada.id]);
        app.advance(Duration::from_mins(1));
        eraser.look().await.unwrap();
        assert_eq!(left(&app).await, []);
    }

    #[tokio::test]
    async fn what_was_remembered_is_forgotten() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let new = || {
            let id = app.app.ids.file();
            NewFile {
                user: ada.id,
                id,
                name: platen_pipeline::FileName::new("example.com", id),
                url: "https://example.com/".to_owned(),
                options: platen_api_types::PdfOptions::default(),
                idempotency: Some(Idempotency {
                    key: "once".to_owned(),
                    fingerprint: [7; 32],
                }),
            }
        };
        let index = &app.pipeline.index;
        let file = new();
        let key = file.id;
        index.put_queued(file, Quota::UNLIMITED).await.unwrap();
        end_account(&app, &ada).await;
        app.app.eraser.look().await.unwrap();
        convert_deletes(&app, &ada, &[key]).await;
        app.advance(Duration::from_hours(1));
        app.app.eraser.look().await.unwrap();
        let again = index.put_queued(new(), Quota::UNLIMITED).await.unwrap();
        assert!(matches!(again, Put::Created(_)), "{again:?}");
    }

    #[tokio::test]
    async fn it_begins_when_it_is_told() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let file = app.queued(&ada).await.id;
        let stop = CancellationToken::new();
        let eraser = app.app.eraser.clone();
        let running = tokio::spawn({
            let stop = stop.clone();
            async move { eraser.run(stop).await }
        });
        // The clock stands still: nothing else wakes it.
        let mut changes = app.pipeline.index.changes(ada.id, None);
        end_account(&app, &ada).await;
        let change = futures::StreamExt::next(&mut changes).await.unwrap();
        let record = change.unwrap().record;
        assert_eq!((record.id, record.state), (file, FileState::Deleting));
        stop.cancel();
        running.await.unwrap();
    }
}
