//! `GET /files`

use std::sync::Arc;

use axum::{Json, extract::State};
use platen_api_types::{File, FileId, FileList, FileStatus, Order, ProblemCode, limits};
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
    /// Which files come first; the newest when left out.
    #[param(inline)]
    order: Option<Order>,
    /// Files per page; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before, which was asked for in the same order.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// My files
///
/// Ordered by the time of the request, in either direction. Other orders, as by title or by size, would
/// take an index each to be quick over 100 000 files, and are not offered.
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
    let query = query(filter)?;
    let page = app.index.page(identity.user, &query).await?;
    Ok(Json(list(query.order, page)))
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
    let order = filter.order.unwrap_or_default();
    let after = filter
        .cursor
        .map(|cursor| {
            cursor::read(order, &cursor)
                .map(FileId::from_uuid)
                .ok_or_else(|| {
                    let wrong = "cursor is the next_cursor of a page before, in the same order";
                    refusal("/cursor", wrong)
                })
        })
        .transpose()?;
    Ok(FileQuery {
        status: filter.status,
        text,
        order,
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

fn list(order: Order, page: Page) -> FileList {
    let last = page.files.last().map(|record| record.id);
    FileList {
        next_cursor: last
            .filter(|_| page.more)
            .map(|last| cursor::write(order, last.as_uuid())),
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

    /// All pages of two files, one after the other.
    async fn pages(app: &TestApp, user: &User, query: &str) -> Vec<FileId> {
        let mut seen = Vec::new();
        let mut page = format!("?limit=2{query}");
        loop {
            let list = files(app, user, &page).await;
            seen.extend(ids(&list));
            match list.next_cursor {
                Some(cursor) => page = format!("?limit=2{query}&cursor={cursor}"),
                None => return seen,
            }
        }
    }

    #[tokio::test]
    async fn pages_hold_every_file_once_in_either_order() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        let mut expected = Vec::new();
        for _ in 0..5 {
            app.advance(std::time::Duration::from_millis(1));
            expected.insert(0, app.queued(&ada).await.id);
        }
        app.queued(&bob).await;
        assert_eq!(pages(&app, &ada, "").await, expected);
        assert_eq!(pages(&app, &ada, "&order=newest").await, expected);
        expected.reverse();
        let narrowed = "&order=oldest&status=queued&q=example";
        for query in ["&order=oldest", narrowed] {
            assert_eq!(pages(&app, &ada, query).await, expected, "{query}");
        }
        assert_eq!(files(&app, &ada, "").await.next_cursor, None);
    }

    #[tokio::test]
    async fn a_cursor_belongs_to_its_order() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        for _ in 0..2 {
            app.queued(&ada).await;
        }
        for (order, other) in [("newest", "oldest"), ("oldest", "newest")] {
            let list = files(&app, &ada, &format!("?limit=1&order={order}")).await;
            let cursor = list.next_cursor.unwrap();
            let path = format!("/files?order={other}&cursor={cursor}");
            let answer = app.get(&path).user(&ada).send().await;
            answer.problem(ProblemCode::InvalidQuery);
            let rest = files(&app, &ada, &format!("?order={order}&cursor={cursor}")).await;
            assert_eq!(rest.files.len(), 1);
        }
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
            "?order=title",
            "?order=",
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
