//! `GET` and `HEAD /file/{name}`

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch, IfRange};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use platen_api_types::ProblemCode;
use platen_pipeline::{ByteRange, FileName, FileRecord, FileState, PdfFacts};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::{
    App,
    disposition::content_disposition,
    error::ApiError,
    extract::{FilePath, Query, Reader},
    openapi::Binary,
    range::Wanted,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::NotFound,
    ProblemCode::NotReady,
    ProblemCode::RangeNotSatisfiable,
    ProblemCode::InvalidQuery,
];

/// A PDF is made of a stranger's page. Shown inline it has an origin of its own, loads nothing, and
/// only our own pages may frame it.
const POLICY: &str = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'";

/// What the browser does with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Disposition {
    /// Saves it.
    #[default]
    Attachment,
    /// Shows it.
    Inline,
}

/// How to hand out the file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Presentation {
    /// `attachment` when left out.
    #[serde(default)]
    #[param(inline)]
    disposition: Disposition,
}

/// Download the PDF
#[utoipa::path(
    method(get, head),
    path = "/file/{name}",
    operation_id = "downloadFile",
    tag = "files",
    params(
        ("name" = String, Path, description = "Name of the file."),
        Presentation,
        ("Range" = Option<String>, Header, description = "One range of bytes; several answer the whole file."),
        ("If-Range" = Option<String>, Header, description = "Give the range only of this very PDF, else the whole file."),
        ("If-None-Match" = Option<String>, Header, description = "Give nothing when the PDF is still this one."),
    ),
    responses(
        (status = 200, description = "The PDF.", content_type = "application/pdf", body = inline(Binary)),
        (status = 206, description = "The range asked for.", content_type = "application/pdf", body = inline(Binary)),
        (status = 304, description = "The PDF is still the one of If-None-Match."),
    ),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    FilePath(name): FilePath<FileName>,
    Query(presentation): Query<Presentation>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let record = app
        .index
        .get_by_name(identity.user, &name)
        .await?
        .ok_or_else(ApiError::no_such_file)?;
    let pdf = ready(&record)?;
    let mut answer = answer_headers(&record, pdf, presentation.disposition)?;
    let tag = etag(pdf)?;

    let condition = headers.typed_get::<IfNoneMatch>();
    if condition.is_some_and(|condition| !condition.precondition_passes(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    let condition = headers.typed_get::<IfRange>();
    let range = if condition.is_none_or(|condition| !condition.is_modified(Some(&tag), None)) {
        wanted_range(&headers, pdf.size)?
    } else {
        None
    };
    let (status, length) = match range {
        Some(ByteRange { first, last }) => {
            let span = format!("bytes {first}-{last}/{}", pdf.size);
            answer.insert(header::CONTENT_RANGE, value(span)?);
            (StatusCode::PARTIAL_CONTENT, last - first + 1)
        }
        None => (StatusCode::OK, pdf.size),
    };
    answer.insert(header::CONTENT_LENGTH, length.into());
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        open(&app, &record, range).await?
    };
    Ok((status, answer, body).into_response())
}

pub(super) fn ready(record: &FileRecord) -> Result<&PdfFacts, ApiError> {
    let detail = match &record.state {
        FileState::Ready { pdf, .. } => return Ok(pdf),
        FileState::Deleting => return Err(ApiError::no_such_file()),
        FileState::Queued | FileState::Rendering { .. } => {
            "The page is still being turned into a PDF. Try again in a moment.".to_owned()
        }
        FileState::Failed { failure, .. } => {
            format!(
                "The page could not be turned into a PDF. {}",
                failure.detail
            )
        }
    };
    Err(ApiError::new(ProblemCode::NotReady, detail))
}

/// Streams from the store. An object that is gone is no defect when its record is, too.
async fn open(app: &App, record: &FileRecord, range: Option<ByteRange>) -> Result<Body, ApiError> {
    let key = record.pdf_key();
    if let Some(object) = app.store.get(&key, range).await? {
        return Ok(Body::from_stream(object.body));
    }
    Err(gone(app, record).await?)
}

/// What to say of an object that is not there, though its record was.
pub(super) async fn gone(app: &App, record: &FileRecord) -> Result<ApiError, ApiError> {
    let missing = Missing(record.pdf_key().to_string());
    let now = app.index.get_by_name(record.user, &record.name).await?;
    Ok(match now {
        Some(now) if now.state == record.state => ApiError::internal(missing),
        Some(now) => ready(&now)
            .err()
            .unwrap_or_else(|| ApiError::unavailable(missing)),
        None => ApiError::no_such_file(),
    })
}

/// A record says `ready`, the store says no.
#[derive(Debug, thiserror::Error)]
#[error("pdf {0} is recorded but not stored")]
struct Missing(String);

/// `None`: the whole file.
fn wanted_range(headers: &HeaderMap, size: u64) -> Result<Option<ByteRange>, ApiError> {
    let wanted = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
        .map_or(Wanted::Whole, |value| Wanted::of(value, size));
    match wanted {
        Wanted::Whole => Ok(None),
        Wanted::Part(range) => Ok(Some(range)),
        Wanted::Nothing => Err(ApiError::new(
            ProblemCode::RangeNotSatisfiable,
            format!("The file has {size} bytes; the range lies outside of them."),
        )
        .with_header(header::CONTENT_RANGE, value(format!("bytes */{size}"))?)),
    }
}

fn answer_headers(
    record: &FileRecord,
    pdf: &PdfFacts,
    disposition: Disposition,
) -> Result<HeaderMap, ApiError> {
    let kind = match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    let disposition = content_disposition(kind, record.name.as_str(), pdf.title.as_deref());
    let mut headers = HeaderMap::new();
    for (name, text) in [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::ETAG, format!("\"{}\"", hex::encode(pdf.sha256))),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        // Kept by the browser alone, and never shown without asking whether it is still there.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ] {
        headers.insert(name, value(text)?);
    }
    Ok(headers)
}

fn etag(pdf: &PdfFacts) -> Result<ETag, ApiError> {
    format!("\"{}\"", hex::encode(pdf.sha256))
        .parse()
        .map_err(|_| ApiError::internal("a digest is no entity tag"))
}

fn value(text: String) -> Result<HeaderValue, ApiError> {
    HeaderValue::try_from(text).map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use platen_pipeline::PdfStore;

    use super::*;
    use crate::http::testing::{Answer, TestApp, User};

    const PDF: &[u8] = b"%PDF-0123456789";

    struct Shelf {
        app: TestApp,
        ada: User,
        path: String,
    }

    impl Shelf {
        async fn new() -> Self {
            let app = TestApp::start().await;
            let ada = app.user("ada").await;
            let record = app.ready(&ada, "Szép cím", PDF).await;
            let path = format!("/file/{}", record.name);
            Self { app, ada, path }
        }

        async fn get(&self, headers: &[(&str, &str)]) -> Answer {
            let call = self.app.get(&self.path).user(&self.ada);
            let call = headers
                .iter()
                .fold(call, |call, (name, value)| call.header(name, value));
            call.send().await
        }
    }

    #[tokio::test]
    async fn hands_out_the_pdf_and_says_what_it_is() {
        let shelf = Shelf::new().await;
        let answer = shelf.get(&[]).await;
        assert_eq!(answer.expect(200).body, PDF);
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(answer.header("content-length"), "15");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'self'")
        );
        let disposition = answer.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; filename=\"example.com-"),
            "{disposition}"
        );
        assert!(
            disposition.ends_with("; filename*=UTF-8''Sz%C3%A9p%20c%C3%ADm.pdf"),
            "{disposition}"
        );
    }

    #[tokio::test]
    async fn inline_shows_it() {
        let shelf = Shelf::new().await;
        let get = |query: &str| {
            let path = format!("{}{query}", shelf.path);
            shelf.app.get(&path).user(&shelf.ada).send()
        };
        let answer = get("?disposition=inline").await;
        assert!(
            answer
                .expect(200)
                .header("content-disposition")
                .starts_with("inline;")
        );
        get("?disposition=frame")
            .await
            .problem(ProblemCode::InvalidQuery);
    }

    #[tokio::test]
    async fn head_says_the_same_without_the_pdf() {
        let shelf = Shelf::new().await;
        let get = shelf.get(&[]).await;
        let head = shelf
            .app
            .call(Method::HEAD, &shelf.path)
            .user(&shelf.ada)
            .send()
            .await;
        assert!(head.expect(200).body.is_empty());
        for name in [
            "content-length",
            "etag",
            "content-type",
            "content-disposition",
        ] {
            assert_eq!(head.header(name), get.header(name));
        }
    }

    #[tokio::test]
    async fn ranges_follow_rfc_9110() {
        let shelf = Shelf::new().await;
        for (range, status, body, span) in [
            ("bytes=0-4", 206, &PDF[..5], "bytes 0-4/15"),
            ("bytes=5-", 206, &PDF[5..], "bytes 5-14/15"),
            ("bytes=-3", 206, &PDF[12..], "bytes 12-14/15"),
            ("bytes=10-99", 206, &PDF[10..], "bytes 10-14/15"),
            ("bytes=-99", 206, PDF, "bytes 0-14/15"),
            ("bytes=14-14", 206, &PDF[14..], "bytes 14-14/15"),
            ("bytes=0-1,3-4", 200, PDF, ""),
            ("bytes=4-2", 200, PDF, ""),
            ("bytes=x-2", 200, PDF, ""),
            ("lines=0-4", 200, PDF, ""),
            ("bytes=", 200, PDF, ""),
        ] {
            let answer = shelf.get(&[("range", range)]).await;
            assert_eq!(answer.expect(status).body, body, "{range}");
            assert_eq!(answer.header("content-range"), span, "{range}");
            assert_eq!(answer.header("content-length"), body.len().to_string());
        }
        for range in ["bytes=15-", "bytes=99-100", "bytes=-0"] {
            let answer = shelf.get(&[("range", range)]).await;
            answer.problem(ProblemCode::RangeNotSatisfiable);
            assert_eq!(answer.header("content-range"), "bytes */15", "{range}");
        }
    }

    #[tokio::test]
    async fn conditions_spare_the_transfer() {
        let shelf = Shelf::new().await;
        let tag = shelf.get(&[]).await.header("etag").to_owned();
        assert_eq!(tag.len(), 66, "{tag}");
        let both = format!("\"x\", W/{tag}");
        for (condition, status) in [
            (tag.as_str(), 304),
            (&both, 304),
            ("*", 304),
            ("\"x\"", 200),
        ] {
            let answer = shelf.get(&[("if-none-match", condition)]).await;
            answer.expect(status);
            assert_eq!(answer.header("etag"), tag);
        }
        for (condition, status) in [
            (tag.as_str(), 206),
            ("\"x\"", 200),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 200),
        ] {
            let answer = shelf
                .get(&[("range", "bytes=0-1"), ("if-range", condition)])
                .await;
            answer.expect(status);
        }
    }

    #[tokio::test]
    async fn what_is_not_ready_says_why() {
        let shelf = Shelf::new().await;
        let (app, ada) = (&shelf.app, &shelf.ada);
        for record in [app.queued(ada).await, app.failed(ada).await] {
            let answer = app
                .get(&format!("/file/{}", record.name))
                .user(ada)
                .send()
                .await;
            answer.problem(ProblemCode::NotReady);
        }
    }

    #[tokio::test]
    async fn the_file_of_another_is_not_there() {
        let shelf = Shelf::new().await;
        let bob = shelf.app.user("bob").await;
        let others = shelf.app.get(&shelf.path).user(&bob).send().await;
        let missing = shelf.app.get("/file/nothing.pdf").user(&bob).send().await;
        assert_eq!(
            others.problem(ProblemCode::NotFound).detail,
            missing.problem(ProblemCode::NotFound).detail
        );
        let path = shelf
            .app
            .get("/file/..%2F..%2Fetc%2Fpasswd")
            .user(&bob)
            .send()
            .await;
        path.problem(ProblemCode::NotFound);
    }

    #[tokio::test]
    async fn a_pdf_that_went_missing_is_our_fault() {
        let shelf = Shelf::new().await;
        let record = shelf.app.ready(&shelf.ada, "Lost", PDF).await;
        shelf
            .app
            .pipeline
            .store
            .delete(&record.pdf_key())
            .await
            .unwrap();
        let path = format!("/file/{}", record.name);
        let answer = shelf.app.get(&path).user(&shelf.ada).send().await;
        let problem = answer.problem(ProblemCode::Internal);
        assert!(!problem.detail.contains("users/"), "{problem:?}");
    }
}
