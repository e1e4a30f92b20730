//! `GET /files/archive`

use std::{
    collections::HashSet,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use async_zip::{Compression, DeflateOption, ZipDateTimeBuilder, ZipEntry, ZipEntryBuilder};
use async_zip::{base::write::ZipFileWriter, error::ZipError};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use futures::{AsyncWriteExt as _, StreamExt as _, stream};
use http::header;
use jiff::{Timestamp, tz::TimeZone};
use platen_api_types::{FileId, ProblemCode, limits};
use platen_pipeline::{FileKey, FileRecord, PdfStore, StoreError};
use serde::Deserialize;
use tokio::io::{DuplexStream, duplex};
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use super::download;
use crate::http::{
    App,
    error::ApiError,
    extract::{Query, Reader},
    openapi::Binary,
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[
    ProblemCode::NotFound,
    ProblemCode::NotReady,
    ProblemCode::InvalidQuery,
];

/// Bytes of an archive that wait to be sent. Who takes them slowly slows the reading down.
const AHEAD: usize = 64 * 1024;

/// Which files to take.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Selection {
    /// Ids of the files, separated by commas; 100 at most.
    #[param(
        min_length = 36,
        max_length = 3699,
        pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(,[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})*$",
        example = "0198f2a4-6c1e-7d3b-9f58-2b6f0e4c7a10,0198f2a4-6c1e-7d3b-9f58-2b6f0e4c7a11"
    )]
    ids: String,
}

/// Download several PDFs
///
/// As one ZIP archive, made while it is sent: its size is not known before. If a PDF cannot be read any
/// more, the connection ends before the archive does.
#[utoipa::path(
    get,
    path = "/files/archive",
    operation_id = "downloadArchive",
    tag = "files",
    params(Selection),
    responses(
        (status = 200, description = "The archive.", content_type = "application/zip", body = inline(Binary)),
    ),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    Query(selection): Query<Selection>,
) -> Result<Response, ApiError> {
    let mut records = Vec::new();
    for file in ids(&selection.ids)? {
        let user = identity.user;
        let record = app.index.get(FileKey { user, file }).await?;
        let record = record.ok_or_else(ApiError::no_such_file)?;
        download::ready(&record)?;
        records.push(record);
    }
    let day = app.clock.now().to_zoned(TimeZone::UTC).date();
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"platen-{day}.zip\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, archive(Arc::clone(&app.store), records)).into_response())
}

/// Each once, in the order they are asked for.
fn ids(list: &str) -> Result<Vec<FileId>, ApiError> {
    let mut seen = HashSet::new();
    let ids: Result<Vec<FileId>, _> = list.split(',').map(str::parse).collect();
    let mut ids = ids.map_err(|_| refusal("ids are those of files, separated by commas"))?;
    ids.retain(|id| seen.insert(*id));
    if ids.len() > limits::ARCHIVE_FILES {
        return Err(refusal("an archive holds at most 100 files"));
    }
    Ok(ids)
}

fn refusal(detail: &str) -> ApiError {
    ApiError::new(
        ProblemCode::InvalidQuery,
        format!("The query cannot be used: {detail}."),
    )
    .at("/ids")
}

/// Writes as fast as it is read. The task ends with whoever reads.
fn archive(store: Arc<dyn PdfStore>, records: Vec<FileRecord>) -> Body {
    let (writer, reader) = duplex(AHEAD);
    let writing = tokio::spawn(async move {
        let written = write(&*store, &records, writer).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "an archive could not be finished");
        }
        written
    });
    // What was read ends like a whole archive, even if the writer gave up.
    let end = stream::once(writing).filter_map(async |written| match written {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(Err(io::Error::other(error))),
        Err(error) => Some(Err(io::Error::other(error))),
    });
    Body::from_stream(ReaderStream::new(reader).chain(end))
}

/// What is written and not read yet, for a library that knows no tokio.
struct Ahead(DuplexStream);

impl futures::AsyncWrite for Ahead {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        tokio::io::AsyncWrite::poll_write(Pin::new(&mut self.0), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        tokio::io::AsyncWrite::poll_flush(Pin::new(&mut self.0), context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        tokio::io::AsyncWrite::poll_shutdown(Pin::new(&mut self.0), context)
    }
}

/// Why an archive ended before its time.
#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error("the archive cannot be written")]
    Zip(#[from] ZipError),
    #[error("a PDF cannot be read")]
    Store(#[from] StoreError),
    #[error("a PDF cannot be copied")]
    Copy(#[from] io::Error),
    #[error("a PDF has been deleted meanwhile")]
    Gone,
}

async fn write(
    store: &dyn PdfStore,
    records: &[FileRecord],
    writer: DuplexStream,
) -> Result<(), ArchiveError> {
    let mut zip = ZipFileWriter::new(Ahead(writer));
    for record in records {
        let pdf = store.get(&record.pdf_key(), None).await?;
        let mut pdf = pdf.ok_or(ArchiveError::Gone)?.body;
        let mut entry = zip.write_entry_stream(entry(record)).await?;
        while let Some(chunk) = pdf.next().await {
            entry.write_all(&chunk?).await?;
        }
        entry.close().await?;
    }
    zip.close().await?;
    Ok(())
}

/// PDFs are compressed already. Only deflated entries may tell their size after what they hold, for
/// those who read the archive as it comes.
fn entry(record: &FileRecord) -> ZipEntry {
    ZipEntryBuilder::new(record.name.as_str().into(), Compression::Deflate)
        .deflate_option(DeflateOption::Super)
        .last_modification_date(date(record.created_at))
        .unix_permissions(0o644)
        .build()
}

/// In UTC: archives know no zones.
fn date(at: Timestamp) -> async_zip::ZipDateTime {
    let at = at.to_zoned(TimeZone::UTC);
    let part = |number: i8| u32::try_from(number).unwrap_or_default();
    ZipDateTimeBuilder::new()
        .year(at.year().into())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .build()
}

#[cfg(test)]
mod tests {
    #[expect(
        deprecated,
        reason = "what is to take its place cannot read from memory yet"
    )]
    use async_zip::base::read::mem::ZipFileReader;
    use http_body_util::BodyExt as _;
    use platen_pipeline::PdfStore as _;

    use super::*;
    use crate::http::testing::{Answer, TestApp, User};

    async fn get(app: &TestApp, user: &User, ids: &str) -> Answer {
        let path = format!("/files/archive?ids={ids}");
        app.get(&path).user(user).send().await
    }

    /// Names and contents.
    #[expect(
        deprecated,
        reason = "what is to take its place cannot read from memory yet"
    )]
    async fn unpack(archive: Vec<u8>) -> Vec<(String, Vec<u8>)> {
        let zip = ZipFileReader::new(archive).await.unwrap();
        let mut entries = Vec::new();
        for (index, entry) in zip.file().entries().iter().enumerate() {
            let mut content = Vec::new();
            let mut reader = zip.reader_with_entry(index).await.unwrap();
            reader.read_to_end_checked(&mut content).await.unwrap();
            let name = entry.filename().as_str().unwrap().to_owned();
            entries.push((name, content));
        }
        entries
    }

    #[tokio::test]
    async fn holds_what_was_asked_for_each_once() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let large = vec![b'%'; 3 * AHEAD];
        let first = app.ready(&ada, "First", b"%PDF-1").await;
        let second = app.ready(&ada, "Second", &large).await;
        app.ready(&ada, "Third", b"%PDF-3").await;
        let ids = format!("{},{},{}", second.id, first.id, second.id);
        let answer = get(&app, &ada, &ids).await;
        answer.expect(200);
        assert_eq!(answer.header("content-type"), "application/zip");
        let disposition = answer.header("content-disposition");
        assert!(
            disposition.starts_with("attachment; filename=\"platen-2"),
            "{disposition}"
        );
        let entries = unpack(answer.body.to_vec()).await;
        let expected = [
            (second.name.to_string(), large),
            (first.name.to_string(), b"%PDF-1".to_vec()),
        ];
        assert_eq!(entries, expected);
    }

    #[tokio::test]
    async fn what_cannot_be_in_it_is_told_before_it_begins() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let ready = app.ready(&ada, "Ready", b"%PDF-").await;
        let others = app.ready(&bob, "Bob's", b"%PDF-").await;
        let failed = app.failed(&ada).await;
        let with = |id: FileId| format!("{},{id}", ready.id);
        let answer = get(&app, &ada, &with(others.id)).await;
        answer.problem(ProblemCode::NotFound);
        let answer = get(&app, &ada, &with(failed.id)).await;
        answer.problem(ProblemCode::NotReady);
        let many: Vec<_> = (0..=limits::ARCHIVE_FILES)
            .map(|_| uuid::Uuid::now_v7().to_string())
            .collect();
        for ids in ["", "x", &format!("{},", ready.id), &many.join(",")] {
            let answer = get(&app, &ada, ids).await;
            answer.problem(ProblemCode::InvalidQuery);
        }
    }

    #[tokio::test]
    async fn one_that_cannot_be_finished_does_not_end_like_a_whole_one() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let first = app.ready(&ada, "First", b"%PDF-1").await;
        let lost = app.ready(&ada, "Lost", b"%PDF-2").await;
        let store = &app.pipeline.store;
        store.delete(&lost.pdf_key()).await.unwrap();
        let body = archive(Arc::clone(store) as Arc<dyn PdfStore>, vec![first, lost]);
        let error = body.collect().await.unwrap_err();
        assert!(error.to_string().contains("deleted"), "{error}");
    }
}
