//! `GET /file/{name}/thumbnail`

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt, IfNoneMatch};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platen_api_types::ProblemCode;
use platen_pipeline::{FileName, PdfFacts, StoreError};
use platen_thumbnail::{ThumbnailError, Undrawable, Width};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::download;
use crate::http::{
    App,
    error::ApiError,
    extract::{FilePath, Query, Reader},
    openapi::Binary,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::NotFound,
    ProblemCode::NoThumbnail,
    ProblemCode::NotReady,
    ProblemCode::InvalidQuery,
    ProblemCode::Overloaded,
];

/// Changes when the same PDF is drawn differently, so that browsers let go of the earlier picture.
const EDITION: u32 = 1;

/// A picture is nothing but a picture, wherever it is opened.
const POLICY: &str = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Pixels from left to right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum Pixels {
    #[default]
    #[serde(rename = "320")]
    Small,
    /// For screens that have two pixels where others have one.
    #[serde(rename = "640")]
    Large,
}

impl From<Pixels> for Width {
    fn from(pixels: Pixels) -> Self {
        match pixels {
            Pixels::Small => Self::Px320,
            Pixels::Large => Self::Px640,
        }
    }
}

/// How large the picture shall be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Size {
    /// Pixels from left to right; `320` when left out, `640` for screens with twice as many.
    #[serde(default)]
    #[param(inline)]
    width: Pixels,
}

/// See the first page
///
/// A picture of it, as wide as asked for. Of a page that is much higher than wide, it shows the top.
#[utoipa::path(
    get,
    path = "/file/{name}/thumbnail",
    operation_id = "getThumbnail",
    tag = "files",
    params(
        ("name" = String, Path, description = "Name of the file."),
        Size,
        ("If-None-Match" = Option<String>, Header, description = "Give nothing when the picture is still this one."),
    ),
    responses(
        (status = 200, description = "The picture.", content_type = "image/png", body = inline(Binary)),
        (status = 304, description = "The picture is still the one of If-None-Match."),
    ),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    FilePath(name): FilePath<FileName>,
    Query(Size { width }): Query<Size>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let record = app
        .index
        .get_by_name(identity.user, &name)
        .await?
        .ok_or_else(ApiError::no_such_file)?;
    let width = Width::from(width);
    let tag = etag(download::ready(&record)?, width)?;
    let mut answer = answer_headers();
    answer.typed_insert(tag.clone());
    let condition = headers.typed_get::<IfNoneMatch>();
    if condition.is_some_and(|condition| !condition.precondition_passes(&tag)) {
        return Ok((StatusCode::NOT_MODIFIED, answer).into_response());
    }
    match app.thumbnails.get(record.pdf_key(), width).await {
        Ok(Ok(picture)) => Ok((answer, picture).into_response()),
        Ok(Err(why)) => Err(no_thumbnail(why)),
        Err(error) => Err(match &*error {
            ThumbnailError::Missing(_) => download::gone(&app, &record).await?,
            _ => failed(error),
        }),
    }
}

/// Weak: a picture drawn anew says the same, but need not be the same to the last byte.
fn etag(pdf: &PdfFacts, width: Width) -> Result<ETag, ApiError> {
    let (digest, width) = (hex::encode(pdf.sha256), width.pixels());
    format!("W/\"{digest}-{width}-{EDITION}\"")
        .parse()
        .map_err(|_| ApiError::internal("a digest is no entity tag"))
}

fn answer_headers() -> HeaderMap {
    [
        (header::CONTENT_TYPE, "image/png"),
        // As with the PDF: a picture of a file that was deleted is not shown.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ]
    .into_iter()
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
    .collect()
}

fn no_thumbnail(why: Undrawable) -> ApiError {
    let detail = match why {
        Undrawable::Broken => "The PDF is damaged, so there is no picture of it.",
        Undrawable::Locked => "The PDF is locked with a password, so there is no picture of it.",
        Undrawable::Empty => "The PDF has no pages, so there is no picture of it.",
        Undrawable::TooMuch => "The first page is too intricate for a small picture.",
    };
    let advice = "Download the PDF to see what it holds.";
    ApiError::new(ProblemCode::NoThumbnail, format!("{detail} {advice}"))
}

fn failed(error: Arc<ThumbnailError>) -> ApiError {
    match &*error {
        ThumbnailError::Busy(_) => ApiError::overloaded(),
        ThumbnailError::Artist(_) | ThumbnailError::Store(StoreError::Unavailable(_)) => {
            ApiError::unavailable(error)
        }
        ThumbnailError::Store(_) | ThumbnailError::Missing(_) => ApiError::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use platen_pipeline::{FileState, PdfStore as _};

    use super::*;
    use crate::http::testing::{Answer, TestApp, User};

    /// One sheet, A4, half of it red.
    const PDF: &[u8] = b"%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>> endobj
4 0 obj <</Length 25>> stream
1 0 0 rg 0 0 595 421 re f
endstream endobj
trailer <</Root 1 0 R>>
%%EOF";

    async fn get(app: &TestApp, user: &User, path: &str, etag: &str) -> Answer {
        let call = app.get(path).user(user);
        call.header("if-none-match", etag).send().await
    }

    /// Width and height of a PNG.
    fn size(picture: &[u8]) -> (u32, u32) {
        assert!(picture.starts_with(b"\x89PNG"), "no PNG");
        let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    }

    #[tokio::test]
    async fn a_picture_is_drawn_once_and_sent_once() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.ready(&ada, "Red", PDF).await;
        let path = format!("/file/{}/thumbnail", record.name);
        let first = get(&app, &ada, &path, "\"x\"").await;
        assert_eq!(size(&first.expect(200).body), (320, 453));
        assert_eq!(first.header("content-type"), "image/png");
        assert_eq!(first.header("cache-control"), "private, no-cache");
        assert!(first.header("content-security-policy").contains("sandbox"));
        let again = app.get(&path).user(&ada).send().await;
        assert_eq!(again.expect(200).body, first.body);
        assert_eq!(app.artist.drawn(), 1);

        let tag = first.header("etag");
        let unchanged = get(&app, &ada, &path, tag).await;
        assert!(unchanged.expect(304).body.is_empty());
        assert_eq!(unchanged.header("etag"), tag);

        let path = format!("{path}?width=640");
        let large = get(&app, &ada, &path, tag).await;
        assert_eq!(size(&large.expect(200).body), (640, 906));
        assert_eq!(app.artist.drawn(), 2);
        let other = app.get(&path.replace("640", "641")).user(&ada).send().await;
        other.problem(ProblemCode::InvalidQuery);
    }

    #[tokio::test]
    async fn what_is_known_to_be_unchanged_is_not_drawn() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.ready(&ada, "Red", PDF).await;
        let FileState::Ready { pdf, .. } = &record.state else {
            panic!("{record:?}");
        };
        let tag = format!("W/\"{}-320-{EDITION}\"", hex::encode(pdf.sha256));
        let path = format!("/file/{}/thumbnail", record.name);
        get(&app, &ada, &path, &tag).await.expect(304);
        assert_eq!(app.artist.drawn(), 0);
    }

    #[tokio::test]
    async fn a_pdf_that_cannot_be_drawn_is_tried_once_and_told_so() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.ready(&ada, "Broken", b"%PDF-1.4 and no more").await;
        let path = format!("/file/{}/thumbnail", record.name);
        for _ in 0..2 {
            let answer = app.get(&path).user(&ada).send().await;
            answer.problem(ProblemCode::NoThumbnail);
        }
        assert_eq!(app.artist.drawn(), 1);
    }

    #[tokio::test]
    async fn what_is_not_ready_has_none_yet() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for record in [app.queued(&ada).await, app.failed(&ada).await] {
            let path = format!("/file/{}/thumbnail", record.name);
            let answer = app.get(&path).user(&ada).send().await;
            answer.problem(ProblemCode::NotReady);
        }
    }

    #[tokio::test]
    async fn the_picture_of_another_is_not_there_remembered_or_not() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let record = app.ready(&ada, "Red", PDF).await;
        let path = format!("/file/{}/thumbnail", record.name);
        app.get(&path).user(&ada).send().await.expect(200);
        let theirs = app.get(&path).user(&bob).send().await;
        let missing = app.get("/file/none.pdf/thumbnail").user(&bob).send().await;
        assert_eq!(
            theirs.problem(ProblemCode::NotFound).detail,
            missing.problem(ProblemCode::NotFound).detail
        );
        app.get(&path)
            .send()
            .await
            .problem(ProblemCode::Unauthenticated);
    }

    #[tokio::test]
    async fn a_deleted_file_has_no_picture_and_a_lost_one_is_our_fault() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let record = app.ready(&ada, "Red", PDF).await;
        let file = format!("/file/{}", record.name);
        let path = format!("{file}/thumbnail");
        app.get(&path).user(&ada).send().await.expect(200);
        app.delete(&file).user(&ada).send().await.expect(204);
        let answer = app.get(&path).user(&ada).send().await;
        answer.problem(ProblemCode::NotFound);

        let record = app.ready(&ada, "Lost", PDF).await;
        let store = &app.pipeline.store;
        store.delete(&record.pdf_key()).await.unwrap();
        let path = format!("/file/{}/thumbnail", record.name);
        let answer = app.get(&path).user(&ada).send().await;
        answer.problem(ProblemCode::Internal);
    }
}
