//! Names of attributes. Several are reserved words of DynamoDB, so expressions name all of them
//! through placeholders.

pub(super) const NAME: &str = "name";
pub(super) const URL: &str = "url";
/// `PdfOptions` as JSON.
pub(super) const OPTIONS: &str = "options";
pub(super) const STATUS: &str = "status";
pub(super) const TOKEN: &str = "token";
pub(super) const ATTEMPTS: &str = "attempts";
/// Milliseconds since 1970, as all times here but [`EXPIRES_AT`].
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const UPDATED_AT: &str = "updated_at";
pub(super) const LEASE_UNTIL: &str = "lease_until";
/// Of a file that is being rendered, once it is beyond the first; readers of before pass it over.
pub(super) const STAGE: &str = "stage";
pub(super) const FINISHED_AT: &str = "finished_at";
pub(super) const TITLE: &str = "title";
pub(super) const FINAL_URL: &str = "final_url";
pub(super) const PAGES: &str = "pages";
pub(super) const SIZE: &str = "size";
pub(super) const SHA256: &str = "sha256";
pub(super) const FAILURE_CODE: &str = "failure_code";
pub(super) const FAILURE_DETAIL: &str = "failure_detail";
/// `SearchText`: filter expressions know no case folding.
pub(super) const SEARCH: &str = "search";
/// Grows by one with every write of the item: what a conditional write compares.
pub(super) const VERSION: &str = "version";
/// Place of the last change among the changes of all the user's files. Sort key of
/// [`BY_REVISION`](super::table::BY_REVISION).
pub(super) const REVISION: &str = "revision";
/// One of [`SHARDS`](super::table::SHARDS), on unfinished files only. Partition key of
/// [`BY_DUE`](super::table::BY_DUE).
pub(super) const DUE_SHARD: &str = "due_shard";
/// When an unfinished file begins to look forgotten. Sort key of [`BY_DUE`](super::table::BY_DUE).
pub(super) const DUE: &str = "due";
/// Name of a removed file; not [`NAME`], which would keep it in [`BY_NAME`](super::table::BY_NAME).
pub(super) const FORMER_NAME: &str = "former_name";

/// Of the counters: files not being deleted, those of them queued or rendering, newest revision.
pub(super) const FILES: &str = "files";
pub(super) const UNFINISHED: &str = "unfinished";
pub(super) const LAST_REVISION: &str = "last_revision";

/// Of an idempotency key: digest of the request, and the file it made.
pub(super) const FINGERPRINT: &str = "fingerprint";
pub(super) const MADE: &str = "made";

/// Seconds since 1970, as DynamoDB's time to live wants it. It may take days until the item is
/// gone, so readers compare.
pub(super) const EXPIRES_AT: &str = "expires_at";
