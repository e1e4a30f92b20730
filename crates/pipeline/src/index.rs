//! Port: the index of files.

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use platen_api_types::{FileId, FileStatus, Order, PdfOptions, Stage, UserId};

use crate::{FencingToken, FileName, FileRecord, Outcome};

/// How long an index remembers what is over: idempotency keys, and files that were removed.
pub const REMEMBERED: Duration = Duration::from_hours(24);

/// Names one file: all work is done by user and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileKey {
    pub user: UserId,
    pub file: FileId,
}

/// A request that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFile {
    pub user: UserId,
    pub id: FileId,
    pub name: FileName,
    pub url: String,
    pub options: PdfOptions,
    pub idempotency: Option<Idempotency>,
}

/// An `Idempotency-Key` and what it was used for. Kept for [`REMEMBERED`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The client's key.
    pub key: String,
    /// Digest of the request: the same key with another digest is a conflict.
    pub fingerprint: [u8; 32],
}

/// How much one user may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Files, those being deleted not counted.
    pub files: u64,
    /// Of them, those that are queued or being rendered.
    pub in_progress: u64,
}

impl Quota {
    /// As much as anybody wants.
    pub const UNLIMITED: Self = Self {
        files: u64::MAX,
        in_progress: u64::MAX,
    };
}

/// What became of [`FileIndex::put_queued`].
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    Created(FileRecord),
    /// The idempotency key was used for the same request: its file, as it now is.
    Repeated(FileRecord),
    /// The idempotency key was used for a different request, or for a file deleted since.
    Conflict,
    /// The user already has as many files as allowed.
    QuotaExceeded,
    /// As many of the user's files as allowed are unfinished already; later there will be fewer.
    TooManyInProgress,
}

/// What became of [`FileIndex::claim`].
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// The file is the caller's until the lease ends; `record.token` is the fencing token.
    Claimed(FileRecord),
    /// Another converter has it until then.
    Busy { until: Timestamp },
    /// Ready or failed: nothing to do.
    Finished(FileRecord),
    /// On its way out.
    Deleting,
    /// There is no such file (any more).
    Missing,
}

/// What became of a conditional write by the holder of a fencing token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    Recorded,
    /// The file was claimed by another, finished, deleted or is being deleted: nothing was written.
    ///
    /// A `finish` whose answer was lost ends here when it is tried again. [`FileIndex::get`] tells
    /// who was recorded: the record is final and names the caller's own token.
    Superseded,
}

/// Which of a user's files to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileQuery {
    /// Only files in this state. Files being deleted are never listed.
    pub status: Option<FileStatus>,
    /// Only files whose title, URL or name contains this, in any case: see
    /// [`SearchText`](crate::SearchText).
    pub text: Option<String>,
    pub order: Order,
    /// Only files that come after this one in that order: the last of the page before.
    pub after: Option<FileId>,
    /// At most so many.
    pub limit: u16,
}

/// Part of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub files: Vec<FileRecord>,
    /// There are more after the last of these.
    pub more: bool,
}

/// Orders the changes of one user's files. Opaque: it may only be compared and handed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// A file changed; this is how it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub revision: Revision,
    pub record: FileRecord,
}

/// Why the index could not answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// May work when tried again: throttled, busy, unreachable.
    #[error("file index is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Will not work when tried again: denied, missing table, a record that cannot be read.
    #[error("file index failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The records of all files. Every write is conditional, so that any number of backends and
/// converters may work on it at once. A reader sees every write that had returned before.
///
/// Times are kept to the millisecond.
#[async_trait]
pub trait FileIndex: Send + Sync {
    /// Writes a new record in state `queued`, unless the idempotency key was used before or the
    /// user already has as much as `quota` allows: of files, asked first, or of unfinished ones.
    /// Atomic: of two calls with one key, one creates.
    async fn put_queued(&self, new: NewFile, quota: Quota) -> Result<Put, IndexError>;

    /// Takes the file for `lease`: from `queued`, or from `rendering` when its lease has ended.
    /// Raises the fencing token by one and counts an attempt.
    async fn claim(&self, key: FileKey, lease: Duration) -> Result<Claim, IndexError>;

    /// Prolongs the lease to `lease` from now.
    async fn renew(
        &self,
        key: FileKey,
        token: FencingToken,
        lease: Duration,
    ) -> Result<Finish, IndexError>;

    /// Tells how far the holder is with a file: `rendering` stays. Whatever ends the claim, or takes
    /// it over, forgets it.
    async fn advance(
        &self,
        key: FileKey,
        token: FencingToken,
        stage: Stage,
    ) -> Result<Finish, IndexError>;

    /// Gives a claimed file back: `rendering` → `queued`.
    async fn release(&self, key: FileKey, token: FencingToken) -> Result<Finish, IndexError>;

    /// Records how the conversion ended: `rendering` → `ready` or `failed`.
    async fn finish(
        &self,
        key: FileKey,
        token: FencingToken,
        outcome: Outcome,
    ) -> Result<Finish, IndexError>;

    /// `failed` → `queued`, attempts back to 0. `None`: there is no such file, or it has not failed.
    async fn requeue(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError>;

    /// Any state → `deleting`; a file that is being deleted stays as it is. `None`: there is no
    /// such file.
    async fn mark_deleting(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError>;

    /// Removes a record in state `deleting`; others stay. Removing what is gone is no error.
    async fn remove(&self, key: FileKey) -> Result<(), IndexError>;

    /// Forgets a user who has no files: idempotency keys, removed files, counts. `false`: there are
    /// some, if only being deleted, and nothing was forgotten.
    ///
    /// For users who are gone. A request accepted at the same moment may lose its idempotency key.
    async fn forget_user(&self, user: UserId) -> Result<bool, IndexError>;

    async fn get(&self, key: FileKey) -> Result<Option<FileRecord>, IndexError>;

    /// Files being deleted have no name any more: `None`.
    async fn get_by_name(
        &self,
        user: UserId,
        name: &FileName,
    ) -> Result<Option<FileRecord>, IndexError>;

    async fn page(&self, user: UserId, query: &FileQuery) -> Result<Page, IndexError>;

    /// How many files the user has, those being deleted not counted.
    async fn count(&self, user: UserId) -> Result<u64, IndexError>;

    /// How far the user's files have come: [`Self::changes`] after it tells what changes from this
    /// call on, and perhaps what changed right before it.
    async fn revision(&self, user: UserId) -> Result<Revision, IndexError>;

    /// Unfinished work that nobody seems to be doing: `queued`, `rendering` and `deleting` records
    /// that last changed before `before`, the `rendering` ones only when their lease ended before
    /// it, too. Those waiting longest first. Each is stamped as changed now, so that the next look
    /// does not find it again at once.
    async fn take_stale(
        &self,
        before: Timestamp,
        limit: u16,
    ) -> Result<Vec<FileRecord>, IndexError>;

    /// The user's files as they change, without end: first what changed after `after` (nothing
    /// when `None`), then what changes from this call on. A slow reader may miss steps in between,
    /// never the last state of a file. A prolonged lease is no change.
    ///
    /// A file that was removed since is told as `deleting`, by id and name, for
    /// [`REMEMBERED`]. A revision that this index has not given yet counts as `None`. After an
    /// error the stream ends.
    fn changes(
        &self,
        user: UserId,
        after: Option<Revision>,
    ) -> BoxStream<'static, Result<Change, IndexError>>;

    /// Whether the index answers, for readiness.
    async fn ping(&self) -> Result<(), IndexError>;
}
