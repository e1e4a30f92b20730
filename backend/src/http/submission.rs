//! From a URL and options to a record and a message, for every endpoint that takes requests.

use std::time::Duration;

use platen_api_types::{PdfOptions, ProblemCode, UserId};
use platen_egress::TargetUrl;
use platen_pipeline::{FileName, FileRecord, FileState, Idempotency, Message, NewFile, Put};
use platen_telemetry::Chain;
use sha2::{Digest, Sha256};

use super::{App, error::ApiError, layers::TraceParent, rates::Standing};
use crate::request::readable;

/// When it is worth asking again: a few pages have been rendered by then.
const PLACE_MAY_BE_FREE: Duration = Duration::from_secs(10);

/// Judges the URL and records the request. The options were checked.
pub(super) async fn accept(
    app: &App,
    user: UserId,
    url: &str,
    options: &PdfOptions,
    key: Option<String>,
) -> Result<FileRecord, ApiError> {
    let target = TargetUrl::parse(url, &app.egress)?;
    let id = app.ids.file();
    let url = target.as_str().to_owned();
    let file = NewFile {
        user,
        id,
        name: FileName::new(&readable(&target), id),
        idempotency: key
            .map(|key| {
                fingerprint(&url, options).map(|fingerprint| Idempotency { key, fingerprint })
            })
            .transpose()?,
        url,
        options: options.clone(),
    };
    let quota = app.limits.quota;
    match app.index.put_queued(file, quota).await? {
        Put::Created(record) | Put::Repeated(record) => Ok(record),
        Put::Conflict => Err(ApiError::new(
            ProblemCode::IdempotencyConflict,
            "This Idempotency-Key was used for another request, or for a file deleted since. \
             Use a new one.",
        )),
        Put::QuotaExceeded => Err(quota_exceeded(quota.files)),
        Put::TooManyInProgress => Err(too_many_in_progress(quota.in_progress)),
    }
}

/// Tells the converters. The record is what counts: a message that is lost here is sent again by
/// the sweeper, so the request is accepted all the same. A repeat sends again what may be lost.
pub(super) async fn send(app: &App, record: &FileRecord, trace: &TraceParent) {
    if record.state != FileState::Queued {
        return;
    }
    let message = Message::convert(record.user, record.id).traced(trace.as_str());
    if let Err(error) = app.queue.send(&message).await {
        tracing::warn!(file.id = %record.id, error = %Chain(&error), "left to the sweeper");
    }
}

/// Wrong options have a code of their own, whether types or ranges tell.
pub(super) fn blame_options(error: ApiError) -> ApiError {
    let of_options = error
        .errors()
        .first()
        .is_some_and(|error| error.pointer.starts_with("/options"));
    if error.code() == ProblemCode::InvalidBody && of_options {
        error.with_code(ProblemCode::InvalidOptions)
    } else {
        error
    }
}

fn quota_exceeded(most: u64) -> ApiError {
    ApiError::new(
        ProblemCode::QuotaExceeded,
        format!(
            "Your library holds {most} files, which is all it may. Delete some, then try again."
        ),
    )
}

fn too_many_in_progress(most: u64) -> ApiError {
    let quota = u32::try_from(most).unwrap_or(u32::MAX);
    ApiError::rate_limited(
        format!(
            "You are waiting for {most} pages already, which is all that may be in progress at \
             once. Come back when some of them are ready."
        ),
        Standing::spent("requests-in-progress", quota, None, PLACE_MAY_BE_FREE),
    )
}

/// What an idempotency key stands for.
fn fingerprint(url: &str, options: &PdfOptions) -> Result<[u8; 32], ApiError> {
    let options = serde_json::to_vec(options).map_err(ApiError::internal)?;
    Ok(Sha256::new()
        .chain_update(url)
        .chain_update([0])
        .chain_update(options)
        .finalize()
        .into())
}
