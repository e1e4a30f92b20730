//! Their list: the names of all ready files, in one array.

use std::error::Error;

use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::stream;
use http::{StatusCode, header, request::Parts};
use platen_api_types::{FileList, limits};

use super::answer::{read, taken};
use crate::http::error::ApiError;

type Failure = Box<dyn Error + Send + Sync>;

/// They know no pages. So that a long list need not fit in memory, one page after the other is asked
/// for as they take the names.
pub(super) async fn list(request: Request, next: Next) -> Response {
    let (head, _) = request.into_parts();
    let pages = Pages { head, next };
    let mut answer = match pages.get(None).await {
        Ok(answer) if answer.status() == StatusCode::OK => answer,
        Ok(refusal) => return refusal,
        Err(error) => return ApiError::internal(error).into_response(),
    };
    let first = match taken(&mut answer).await {
        Ok(first) => first,
        Err(error) => return error.into_response(),
    };
    let names = Names {
        pages,
        rest: Rest::Page(first),
        before: "[",
    };
    answer.headers_mut().remove(header::CONTENT_LENGTH);
    *answer.body_mut() = Body::from_stream(stream::try_unfold(names, Names::write));
    answer
}

/// The list of the API, of ready files alone.
struct Pages {
    head: Parts,
    next: Next,
}

impl Pages {
    async fn get(&self, cursor: Option<&str>) -> Result<Response, Failure> {
        let path = self.head.uri.path();
        let limit = limits::PAGE_SIZE.end();
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}"));
        let cursor = cursor.unwrap_or_default();
        let mut head = self.head.clone();
        head.uri = format!("{path}?status=ready&limit={limit}{cursor}").parse()?;
        let request = Request::from_parts(head, Body::empty());
        Ok(self.next.clone().run(request).await)
    }
}

/// An array, as far as it is written.
struct Names {
    pages: Pages,
    rest: Rest,
    /// What goes before the next name.
    before: &'static str,
}

enum Rest {
    Page(FileList),
    /// What begins at this cursor.
    At(String),
    Nothing,
}

impl Names {
    async fn write(mut self) -> Result<Option<(String, Self)>, Failure> {
        let page = match self.rest {
            Rest::Page(page) => page,
            Rest::At(cursor) => {
                let answer = self.pages.get(Some(&cursor)).await?;
                if answer.status() != StatusCode::OK {
                    // The head is sent: all that is left is to not end the array.
                    return Err(Interrupted(answer.status()).into());
                }
                read(answer.into_body()).await?
            }
            Rest::Nothing => return Ok(None),
        };
        let mut text = String::new();
        for file in &page.files {
            text.push_str(self.before);
            text.push_str(&serde_json::to_string(&file.name)?);
            self.before = ",";
        }
        self.rest = if let Some(cursor) = page.next_cursor {
            Rest::At(cursor)
        } else {
            text.push_str(if self.before == "[" { "[]" } else { "]" });
            Rest::Nothing
        };
        Ok(Some((text, self)))
    }
}

/// The session ended while the list was read, or something broke.
#[derive(Debug, thiserror::Error)]
#[error("the list broke off: a page of it was answered with {0}")]
struct Interrupted(StatusCode);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::StreamExt;
    use platen_pipeline::Quota;

    use crate::http::testing::{Settings, TestApp, User};

    async fn names(app: &TestApp, user: &User) -> Vec<String> {
        let call = app.get("/files?limit=1").header("token", &user.token);
        call.send().await.expect(200).json()
    }

    #[tokio::test]
    async fn holds_ready_files_newest_first_and_may_be_empty() {
        let app = TestApp::start().await;
        let (ada, bob) = (app.user("ada").await, app.user("bob").await);
        assert!(names(&app, &ada).await.is_empty());
        let mut expected = Vec::new();
        for title in ["one", "two"] {
            app.advance(Duration::from_millis(1));
            expected.insert(0, app.ready(&ada, title, b"%PDF-").await.name.to_string());
            app.queued(&ada).await;
            app.failed(&ada).await;
            app.ready(&bob, title, b"%PDF-").await;
        }
        assert_eq!(names(&app, &ada).await, expected);
    }

    fn roomy() -> Settings {
        let quota = Quota::UNLIMITED;
        Settings {
            quota,
            ..Settings::default()
        }
    }

    #[tokio::test]
    async fn holds_all_of_many_pages() {
        let app = TestApp::with(roomy()).await;
        let ada = app.user("ada").await;
        let mut expected = Vec::new();
        for _ in 0..450 {
            app.advance(Duration::from_millis(1));
            expected.insert(0, app.ready(&ada, "one", b"%PDF-").await.name.to_string());
        }
        assert_eq!(names(&app, &ada).await, expected);
    }

    #[tokio::test]
    async fn does_not_end_as_if_whole_when_the_session_ends_meanwhile() {
        let app = TestApp::with(roomy()).await;
        let ada = app.user("ada").await;
        for _ in 0..201 {
            app.ready(&ada, "one", b"%PDF-").await;
        }
        let call = app.get("/files").header("token", &ada.token);
        let mut body = call.start().await.into_body().into_data_stream();
        body.next().await.unwrap().unwrap();
        app.signed_in("ada").await;
        body.next().await.unwrap().unwrap_err();
    }

    #[tokio::test]
    async fn at_the_root_it_is_the_same_list() {
        let app = TestApp::start().await;
        let ada = app.user("ada").await;
        let name = app.ready(&ada, "one", b"%PDF-").await.name.to_string();
        let call = app.visit("/files").header("token", &ada.token);
        let names: Vec<String> = call.send().await.expect(200).json();
        assert_eq!(names, [name]);
        let stranger = app.visit("/files").header("token", "").send().await;
        assert!(
            stranger
                .expect(401)
                .header("content-type")
                .starts_with("text/plain")
        );
    }
}
