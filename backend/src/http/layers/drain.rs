//! Reads what a client is still sending after its request has been refused.
//!
//! When an answer is given before the body was read to its end, the connection is closed with
//! bytes in flight; the operating system then resets it, and most clients report the reset instead
//! of the answer. A little patience, bounded in bytes and time, lets them read why.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Bytes read and thrown away at most.
const MOST: u64 = 32 * 1024 * 1024;

/// Time spent on it at most.
const LONGEST: Duration = Duration::from_secs(10);

/// Where a body goes when its reader loses interest.
type Slot = Arc<Mutex<Option<Body>>>;

/// A body that returns to its slot when it is dropped unfinished.
struct Returning {
    body: Option<Body>,
    slot: Slot,
}

impl HttpBody for Returning {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Returning {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = unread;
    }
}

/// Holds an early answer back until the client has sent its body, or enough of it.
pub(crate) async fn drain(request: Request, next: Next) -> Response {
    // The client waits for a word before it sends the body; without one it will not.
    let waits = request.headers().contains_key(header::EXPECT);
    let slot = Slot::default();
    let request = request.map(|body| {
        Body::new(Returning {
            body: Some(body),
            slot: Arc::clone(&slot),
        })
    });
    let mut response = next.run(request).await;
    let unread = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(body) = unread {
        // Also a handler may have lost its patience with this client.
        let closing = response.headers().contains_key(header::CONNECTION);
        let finished = !waits
            && !closing
            && tokio::time::timeout(LONGEST, discard(body))
                .await
                .unwrap_or(false);
        if !finished {
            let headers = response.headers_mut();
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
    response
}

/// Whether the end of the body was reached.
async fn discard(mut body: Body) -> bool {
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > MOST {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware, routing::post};
    use futures::stream;
    use tower::ServiceExt;

    use super::*;

    fn router() -> Router {
        Router::new()
            .route("/", post(|| async { "refused" }))
            .route(
                "/read",
                post(|body: Bytes| async move { body.len().to_string() }),
            )
            .layer(middleware::from_fn(drain))
    }

    /// A body of so many chunks, which counts how many were taken.
    fn body(chunks: usize, taken: &Arc<Mutex<usize>>) -> Body {
        let taken = Arc::clone(taken);
        Body::from_stream(stream::iter(0..chunks).map(move |_| {
            *taken.lock().unwrap() += 1;
            Ok::<_, std::io::Error>(Bytes::from(vec![0; 1024 * 1024]))
        }))
    }

    async fn answer(path: &str, chunks: usize, expect: bool) -> (Response, usize) {
        let taken = Arc::default();
        let mut request = Request::post(path).body(body(chunks, &taken)).unwrap();
        if expect {
            let value = HeaderValue::from_static("100-continue");
            request.headers_mut().insert(header::EXPECT, value);
        }
        let response = router().oneshot(request).await.unwrap();
        let taken = *taken.lock().unwrap();
        (response, taken)
    }

    use futures::StreamExt;

    #[tokio::test]
    async fn an_unread_body_is_read_to_its_end() {
        let (response, taken) = answer("/", 10, false).await;
        assert_eq!(taken, 10);
        assert!(!response.headers().contains_key(header::CONNECTION));
    }

    #[tokio::test]
    async fn patience_ends() {
        let (response, taken) = answer("/", 1000, false).await;
        assert_eq!(taken, 33);
        assert_eq!(response.headers()[header::CONNECTION], "close");
    }

    #[tokio::test]
    async fn who_waits_for_a_word_gets_the_answer_at_once() {
        let (response, taken) = answer("/", 10, true).await;
        assert_eq!(taken, 0);
        assert_eq!(response.headers()[header::CONNECTION], "close");
    }

    #[tokio::test]
    async fn what_was_read_is_left_alone() {
        let (response, taken) = answer("/read", 1, false).await;
        assert_eq!(taken, 1);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "1048576");
    }
}
