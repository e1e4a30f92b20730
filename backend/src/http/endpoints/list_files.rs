//! `GET /files`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{File, FileId, FileList, FileStatus, ProblemCode, limits};
use platen_pipeline::{FileQuery, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::{
    App, cursor,
    error::ApiError,
    extract::{Query, Reader},
};

pub(crate) const PROBLEMS: &[ProblemCode] = &[ProblemCode::InvalidQuery];

/// Which files to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only files in this state.
    status: Option<FileStatus>,
    /// Only files whose title, URL or name contains this, in any case.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Files per page; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// My files, newest first
#[utoipa::path(
    get,
    path = "/files",
    operation_id = "listFiles",
    tag = "files",
    params(Filter),
    responses((status = 200, description = "One page of the list.", body = FileList)),
)]
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Reader(identity): Reader,
    Query(filter): Query<Filter>,
) -> Result<Json<FileList>, ApiError> {
    let page = app.index.page(identity.user, &query(filter)?).await?;
    Ok(Json(list(page)))
}

fn query(filter: Filter) -> Result<FileQuery, ApiError> {
    let limit = filter.limit.unwrap_or(limits::DEFAULT_PAGE_SIZE);
    if !limits::PAGE_SIZE.contains(&limit) {
        return Err(refusal("/limit", "limit is between 1 and 200"));
    }
    let text = filter.q.filter(|text| !text.is_empty());
    if text
        .as_ref()
        .is_some_and(|text| text.len() > limits::SEARCH_BYTES)
    {
        return Err(refusal("/q", "q has at most 200 bytes"));
    }
    let after = filter
        .cursor
        .map(|cursor| {
            cursor::read(&cursor)
                .map(FileId::from_uuid)
                .ok_or_else(|| refusal("/cursor", "cursor is the next_cursor of a page before"))
        })
        .transpose()?;
    Ok(FileQuery {
        status: filter.status,
        text,
        after,
        limit,
    })
}

fn refusal(pointer: &str, detail: &str) -> ApiError {
    ApiError::new(
        ProblemCode::InvalidQuery,
        format!("The query cannot be used: {detail}."),
    )
    .at(pointer)
}

fn list(page: Page) -> FileList {
    let last = page.files.last().map(|record| record.id);
    FileList {
        next_cursor: last
            .filter(|_| page.more)
            .map(|last| cursor::write(last.as_uuid())),
        files: page.files.into_iter().map(File::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::testing::{TestApp, User};

    async fn files(app: &TestApp, user: &User, query: &str) -> FileList {
        let answer = app.get(&format!("/files{query}")).user(user).send().await;
        answer.expect(200).json()
    }

    fn ids(list: &FileList) -> Vec<FileId> {
        list.files.iter().map(|file| file.id).collect()
    }

    #[tokio::test]
    async fn pages_hold_every_file_once_newest_first() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let mut expected = Vec::new();
        for _ in 0..5 {
            app.advance(std::time::Duration::from_millis(1));
            expected.insert(0, app.queued(&ada).await.id);
        }
        app.queued(&bob).await;
        let mut seen = Vec::new();
        let mut query = "?limit=2".to_owned();
        loop {
            let list = files(&app, &ada, &query).await;
            seen.extend(ids(&list));
            match list.next_cursor {
                Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, expected);
        assert_eq!(files(&app, &ada, "").await.next_cursor, None);
    }

    #[tokio::test]
    async fn finds_by_state_and_text() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let ready = app.ready(&ada, "Árvíztűrő tükörfúrógép", b"%PDF-").await;
        let failed = app.failed(&ada).await;
        for (query, expected) in [
            ("?status=ready", vec![ready.id]),
            ("?status=failed", vec![failed.id]),
            ("?status=queued", vec![]),
            ("?status=deleting", vec![]),
            ("?q=%C3%A1RV%C3%8DZ", vec![ready.id]),
            ("?q=EXAMPLE&status=failed", vec![failed.id]),
            ("?q=100%25", vec![]),
            ("?q=", vec![failed.id, ready.id]),
        ] {
            let mut found = ids(&files(&app, &ada, query).await);
            let mut expected = expected;
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[tokio::test]
    async fn a_query_that_makes_no_sense_is_told() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let long = format!("?q={}", "x".repeat(201));
        for query in [
            "?limit=0",
            "?limit=201",
            "?limit=x",
            "?limit=-1",
            "?status=done",
            "?status=",
            "?cursor=x",
            "?cursor=",
            "?page=2",
            "?limit=1&limit=2",
            &long,
        ] {
            let answer = app.get(&format!("/files{query}")).user(&ada).send().await;
            answer.problem(ProblemCode::InvalidQuery);
        }
    }
}
