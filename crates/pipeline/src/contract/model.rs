//! What a [`FileIndex`](crate::FileIndex) does, as a pure state machine.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use platen_api_types::{Order, Stage, UserId};

use crate::{
    Claim, FencingToken, FileKey, FileName, FileQuery, FileRecord, FileState, Finish, Lease,
    NewFile, Outcome, Page, Put, Quota, REMEMBERED, SearchText,
};

/// One call of the port.
#[expect(
    clippy::large_enum_variant,
    reason = "a test holds a few, and a box hides what they say"
)]
#[derive(Clone, Debug)]
pub enum Operation {
    Put {
        new: NewFile,
        quota: Quota,
    },
    Claim {
        key: FileKey,
        lease: Duration,
    },
    Renew {
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    },
    Advance {
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    },
    Release {
        key: FileKey,
        token: FencingToken,
    },
    Finish {
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    },
    Requeue {
        key: FileKey,
    },
    MarkDeleting {
        key: FileKey,
    },
    Remove {
        key: FileKey,
    },
    ForgetUser {
        user: UserId,
    },
    Get {
        key: FileKey,
    },
    GetByName {
        user: UserId,
        name: FileName,
    },
    Page {
        user: UserId,
        query: FileQuery,
    },
    Count {
        user: UserId,
    },
    TakeStale {
        before: Timestamp,
    },
}

/// What the call returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Put(Put),
    Claim(Claim),
    Finish(Finish),
    Record(Option<FileRecord>),
    Page(Page),
    Count(u64),
    /// Ordered by id: which of two that waited equally long comes first is nobody's promise.
    Stale(Vec<FileRecord>),
    Forgotten(bool),
    Done,
}

#[derive(Clone, Debug)]
struct UsedKey {
    fingerprint: [u8; 32],
    file: FileKey,
    expires_at: Timestamp,
}

/// An index in memory, with nothing but the rules.
#[derive(Clone, Debug, Default)]
pub struct Model {
    files: BTreeMap<FileKey, FileRecord>,
    keys: BTreeMap<(UserId, String), UsedKey>,
}

impl Model {
    /// The record as it is, without asking as a user would.
    pub fn record(&self, key: FileKey) -> Option<&FileRecord> {
        self.files.get(&key)
    }

    /// Answers `operation` at `now` and becomes what it leads to.
    pub fn step(&mut self, now: Timestamp, operation: Operation) -> Answer {
        match operation {
            Operation::Put { new, quota } => Answer::Put(self.put(now, new, quota)),
            Operation::Claim { key, lease } => Answer::Claim(self.claim(now, key, lease)),
            Operation::Renew { key, token, lease } => self.held(now, key, token, |_, stage| {
                let until = now + lease;
                let lease = Lease { until };
                FileState::Rendering { lease, stage }
            }),
            Operation::Advance { key, token, stage } => self.held(now, key, token, |lease, _| {
                FileState::Rendering { lease, stage }
            }),
            Operation::Release { key, token } => {
                self.held(now, key, token, |_, _| FileState::Queued)
            }
            Operation::Finish {
                key,
                token,
                outcome,
            } => {
                let finished_at = now;
                self.held(now, key, token, |_, _| match outcome {
                    Outcome::Ready(pdf) => FileState::Ready { pdf, finished_at },
                    Outcome::Failed(failure) => FileState::Failed {
                        failure,
                        finished_at,
                    },
                })
            }
            Operation::Requeue { key } => Answer::Record(self.requeue(now, key)),
            Operation::MarkDeleting { key } => {
                let record = self.files.get_mut(&key).map(|file| {
                    if file.state != FileState::Deleting {
                        file.state = FileState::Deleting;
                        file.updated_at = now;
                    }
                    file.clone()
                });
                Answer::Record(record)
            }
            Operation::Remove { key } => {
                if self
                    .files
                    .get(&key)
                    .is_some_and(|file| file.state == FileState::Deleting)
                {
                    self.files.remove(&key);
                }
                Answer::Done
            }
            Operation::ForgetUser { user } => Answer::Forgotten(self.forget_user(user)),
            Operation::Get { key } => Answer::Record(self.files.get(&key).cloned()),
            Operation::GetByName { user, name } => {
                Answer::Record(self.listed(user).find(|file| file.name == name).cloned())
            }
            Operation::Page { user, query } => Answer::Page(self.page(user, &query)),
            Operation::Count { user } => Answer::Count(self.listed(user).count() as u64),
            Operation::TakeStale { before } => Answer::Stale(self.take_stale(now, before)),
        }
    }

    fn put(&mut self, now: Timestamp, new: NewFile, quota: Quota) -> Put {
        let key = FileKey {
            user: new.user,
            file: new.id,
        };
        self.keys.retain(|_, used| used.expires_at > now);
        if let Some(idempotency) = &new.idempotency
            && let Some(used) = self.keys.get(&(new.user, idempotency.key.clone()))
        {
            return match self.files.get(&used.file) {
                Some(file)
                    if used.fingerprint == idempotency.fingerprint
                        && file.state != FileState::Deleting =>
                {
                    Put::Repeated(file.clone())
                }
                _ => Put::Conflict,
            };
        }
        if self.listed(new.user).count() as u64 >= quota.files {
            return Put::QuotaExceeded;
        }
        let in_progress = self
            .listed(new.user)
            .filter(|file| matches!(file.state, FileState::Queued | FileState::Rendering { .. }));
        if in_progress.count() as u64 >= quota.in_progress {
            return Put::TooManyInProgress;
        }
        if let Some(idempotency) = new.idempotency {
            let used = UsedKey {
                fingerprint: idempotency.fingerprint,
                file: key,
                expires_at: now + REMEMBERED,
            };
            self.keys.insert((new.user, idempotency.key), used);
        }
        let record = FileRecord {
            user: new.user,
            id: new.id,
            name: new.name,
            url: new.url,
            options: new.options,
            state: FileState::Queued,
            token: FencingToken(0),
            attempts: 0,
            created_at: now,
            updated_at: now,
        };
        self.files.insert(key, record.clone());
        Put::Created(record)
    }

    fn claim(&mut self, now: Timestamp, key: FileKey, lease: Duration) -> Claim {
        let Some(file) = self.files.get_mut(&key) else {
            return Claim::Missing;
        };
        match &file.state {
            FileState::Rendering { lease, .. } if lease.until > now => {
                Claim::Busy { until: lease.until }
            }
            FileState::Queued | FileState::Rendering { .. } => {
                let until = now + lease;
                file.state = FileState::Rendering {
                    lease: Lease { until },
                    stage: Stage::default(),
                };
                file.token.0 += 1;
                file.attempts += 1;
                file.updated_at = now;
                Claim::Claimed(file.clone())
            }
            FileState::Ready { .. } | FileState::Failed { .. } => Claim::Finished(file.clone()),
            FileState::Deleting => Claim::Deleting,
        }
    }

    fn held(
        &mut self,
        now: Timestamp,
        key: FileKey,
        token: FencingToken,
        next: impl FnOnce(Lease, Stage) -> FileState,
    ) -> Answer {
        Answer::Finish(match self.files.get_mut(&key) {
            Some(file) if file.token == token => match file.state {
                FileState::Rendering { lease, stage } => {
                    file.state = next(lease, stage);
                    file.updated_at = now;
                    Finish::Recorded
                }
                _ => Finish::Superseded,
            },
            _ => Finish::Superseded,
        })
    }

    fn requeue(&mut self, now: Timestamp, key: FileKey) -> Option<FileRecord> {
        let file = self.files.get_mut(&key)?;
        if !matches!(file.state, FileState::Failed { .. }) {
            return None;
        }
        file.state = FileState::Queued;
        file.attempts = 0;
        file.updated_at = now;
        Some(file.clone())
    }

    fn forget_user(&mut self, user: UserId) -> bool {
        let has_files = self.files.keys().any(|key| key.user == user);
        if !has_files {
            self.keys.retain(|(of, _), _| *of != user);
        }
        !has_files
    }

    fn listed(&self, user: UserId) -> impl Iterator<Item = &FileRecord> {
        self.files
            .values()
            .filter(move |file| file.user == user && file.state != FileState::Deleting)
    }

    fn page(&self, user: UserId, query: &FileQuery) -> Page {
        let mut listed: Vec<_> = self.listed(user).collect();
        if query.order == Order::Newest {
            listed.reverse();
        }
        let mut matching = listed.into_iter().filter(|file| {
            let comes_after = |after| match query.order {
                Order::Newest => file.id < after,
                Order::Oldest => file.id > after,
            };
            query.after.is_none_or(comes_after)
                && query
                    .status
                    .is_none_or(|status| file.state.status() == status)
                && query
                    .text
                    .as_deref()
                    .is_none_or(|text| SearchText::of(file).matches(text))
        });
        let files = matching
            .by_ref()
            .take(usize::from(query.limit))
            .cloned()
            .collect();
        Page {
            files,
            more: matching.next().is_some(),
        }
    }

    fn take_stale(&mut self, now: Timestamp, before: Timestamp) -> Vec<FileRecord> {
        let mut stale = Vec::new();
        for file in self.files.values_mut() {
            let pending_since = match &file.state {
                FileState::Queued | FileState::Deleting => file.updated_at,
                FileState::Rendering { lease, .. } => file.updated_at.max(lease.until),
                FileState::Ready { .. } | FileState::Failed { .. } => continue,
            };
            if pending_since < before {
                file.updated_at = now;
                stale.push(file.clone());
            }
        }
        stale
    }
}
