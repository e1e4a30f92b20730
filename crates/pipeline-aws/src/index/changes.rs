//! Telling a user's changes as they happen.
//!
//! DynamoDB has no way to wait, and its streams are for few readers, not for one per browser. So a
//! stream asks for the user's counters, one small read, and reads the changes only when there are
//! some. It asks more often while a file of the user is unfinished, less and less often while
//! nothing changes; what this very process writes it hears of at once.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use futures::stream::{self, BoxStream, StreamExt};
use platen_api_types::UserId;
use platen_pipeline::{Change, FileKey, IndexError, Revision};

use super::{
    DynamoIndex, attribute as at,
    fields::{Fields, ItemError},
    item::{Stored, has_expired},
    key::{FILE, Item, parse_sort},
    local::{Local, Watcher},
    table::BY_REVISION,
};
use crate::error::FromSdk;

/// Until the next look after something changed.
const SOON: Duration = Duration::from_millis(200);
/// Longest pause while a file is queued or being rendered: how late a browser may learn that its
/// PDF is ready.
const WHILE_UNFINISHED: Duration = Duration::from_secs(1);
/// Longest pause otherwise. An idle stream makes 17 000 reads of one unit a day.
const WHILE_IDLE: Duration = Duration::from_secs(5);
/// Changes read at once.
const BATCH: i32 = 100;

struct Follower {
    index: DynamoIndex,
    user: UserId,
    /// Keeps the watcher's place among the process's users.
    local: Arc<Local>,
    watcher: Arc<Watcher>,
    /// What the caller has seen; `None` until that is known.
    after: Option<u64>,
    asked_after: Option<Revision>,
    told: VecDeque<Change>,
    pause: Option<Duration>,
}

impl DynamoIndex {
    pub(super) fn follow(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>> {
        let local = self.users.get(user);
        let follower = Follower {
            index: self.clone(),
            user,
            watcher: local.watch(),
            local,
            after: None,
            asked_after: after,
            told: VecDeque::new(),
            pause: None,
        };
        stream::unfold(Some(follower), |follower| async {
            let mut follower = follower?;
            match follower.next().await {
                Ok(change) => Some((Ok(change), Some(follower))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed()
    }
}

impl Follower {
    async fn next(&mut self) -> Result<Change, IndexError> {
        loop {
            if let Some(change) = self.told.pop_front() {
                return Ok(change);
            }
            if let Some(pause) = self.pause {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = self.watcher.changed() => self.pause = None,
                }
            }
            self.look().await?;
        }
    }

    async fn look(&mut self) -> Result<(), IndexError> {
        let after = match self.after {
            Some(after) => after,
            None => self.begin().await?,
        };
        let counters = self.index.read_counters(self.user).await?;
        let limit = if counters.unfinished > 0 {
            WHILE_UNFINISHED
        } else {
            WHILE_IDLE
        };
        if counters.revision > after {
            let read = self.read_changes(after).await?;
            // A file that changed again is told with its later change, so the end of what there is
            // may lie before the last revision.
            self.after = Some(if read.complete {
                read.last.max(counters.revision)
            } else {
                read.last
            });
            self.pause = read.complete.then_some(SOON);
        } else {
            self.after = Some(after);
            self.pause = Some(match self.pause {
                Some(pause) => (pause * 3 / 2).min(limit),
                None => SOON,
            });
        }
        Ok(())
    }

    /// The revision up to which the caller knows everything.
    async fn begin(&self) -> Result<u64, IndexError> {
        // With this in hand no write of this process is under way, so the watcher has heard of all
        // that came after it was made.
        let _writing = self.local.writing.lock().await;
        let newest = self.index.read_counters(self.user).await?.revision;
        if let Some(Revision(after)) = self.asked_after
            && after <= newest
        {
            return Ok(after);
        }
        Ok(match self.watcher.first() {
            Some(first) => newest.min(first.saturating_sub(1)),
            None => newest,
        })
    }

    async fn read_changes(&mut self, after: u64) -> Result<Read, IndexError> {
        let output = self
            .index
            .query(self.user)
            .index_name(BY_REVISION)
            .key_condition_expression("#user = :user AND #revision > :after")
            .expression_attribute_names("#revision", at::REVISION)
            .expression_attribute_values(":after", AttributeValue::N(after.to_string()))
            .limit(BATCH)
            .send()
            .await
            .map_err(IndexError::from_sdk)?;
        let now = self.index.now();
        let mut last = after;
        for item in output.items() {
            last = last.max(Fields(item).number(at::REVISION)?);
            if let Some(stored) = self.stored(item, now)? {
                self.told.push_back(Change {
                    revision: Revision(stored.revision),
                    record: stored.record,
                });
            }
        }
        Ok(Read {
            last,
            complete: output.last_evaluated_key.is_none(),
        })
    }

    /// `None`: a removed file that is forgotten by now.
    fn stored(&self, item: &Item, now: jiff::Timestamp) -> Result<Option<Stored>, ItemError> {
        match parse_sort(Fields(item).text(FILE)?) {
            Some((_, false)) => Stored::from_item(item).map(Some),
            Some((file, true)) if !has_expired(item, now)? => {
                let user = self.user;
                Stored::from_gone(FileKey { user, file }, item).map(Some)
            }
            _ => Ok(None),
        }
    }
}

struct Read {
    /// Revision of the last change read.
    last: u64,
    /// There are no more after it.
    complete: bool,
}
