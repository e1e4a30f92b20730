//! A URL that is a PDF already: taken as it is.

use headless_chrome::protocol::cdp::{Fetch, Page};
use platen_api_types::{FailureCode, limits};
use platen_egress::{Destination, EgressPolicy};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    job::{Body, lost},
    origin::OwnHeaders,
    watch::Watch,
};
use crate::{
    RenderError,
    cdp::{Session, event},
    pdf,
    stream::{CHUNK_BYTES, answer, ask},
};

/// Loads `url` once more, this time to keep what the browser would only refuse to show: through
/// the same context and the same proxy, so that the same rules hold.
/// Returns it with the address that it came from, after redirects.
pub(super) async fn fetch(
    session: &Session,
    watch: &mut Watch,
    url: &Url,
    headers: &OwnHeaders<'_>,
    policy: &EgressPolicy,
    deadline: Instant,
) -> Result<(Body, Url), RenderError> {
    let answers = Fetch::RequestPattern {
        url_pattern: None,
        resource_Type: None,
        request_stage: Some(Fetch::RequestStage::Response),
    };
    session
        .call(Fetch::Enable {
            patterns: Some(headers.patterns().into_iter().chain([answers]).collect()),
            handle_auth_requests: None,
        })
        .await
        .map_err(lost)?;
    // Its answer comes only when the body is dealt with.
    drop(session.send(&Page::Navigate {
        url: url.as_str().to_owned(),
        referrer: None,
        transition_Type: None,
        frame_id: None,
        referrer_policy: None,
    }));
    if !watch.until(deadline, |state| state.answer.is_some()).await {
        return Err(RenderError::fail(FailureCode::Timeout));
    }
    let (request_id, url) = {
        let state = watch.now();
        let Some(answer) = &state.answer else {
            return Err(RenderError::fail(FailureCode::Timeout));
        };
        (answer.request_id.clone(), of_a_pdf(answer, policy)?)
    };
    let stream = session
        .call(Fetch::TakeResponseBodyAsStream { request_id })
        .await
        .map_err(lost)?
        .stream;
    let bytes = timeout_at(deadline, read(session, &stream))
        .await
        .map_err(|_| RenderError::fail(FailureCode::Timeout))??;
    let (bytes, pages) = checked(bytes).await?;
    Ok((Body::Document { bytes, pages }, url))
}

/// The site may have changed its mind since the first time.
fn of_a_pdf(answer: &event::RequestPaused, policy: &EgressPolicy) -> Result<Url, RenderError> {
    let is_pdf = answer.response_status_code == Some(200)
        && answer
            .response_header("content-type")
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/pdf"));
    if !is_pdf {
        return Err(RenderError::fail(FailureCode::UnsupportedContent));
    }
    Url::parse(&answer.request.url)
        .ok()
        .filter(|url| {
            Destination::of(url)
                .is_some_and(|destination| policy.check_destination(&destination).is_ok())
        })
        .ok_or_else(|| RenderError::fail(FailureCode::DestinationBlocked))
}

/// Reads the stream to its end, or to the limit.
async fn read(session: &Session, handle: &str) -> Result<Vec<u8>, RenderError> {
    let mut all = Vec::new();
    loop {
        // Such a stream does not go back, and its reads must not overtake each other.
        let chunk = answer(ask(session, handle, None, CHUNK_BYTES)).await?;
        all.extend_from_slice(&chunk.bytes);
        if all.len() as u64 > limits::PDF_BYTES {
            return Err(RenderError::fail(FailureCode::OutputTooLarge));
        }
        if chunk.is_last {
            return Ok(all);
        }
    }
}

/// Sees that it is a PDF, and not too long.
async fn checked(bytes: Vec<u8>) -> Result<(Vec<u8>, u32), RenderError> {
    // Parsing is work, and a file that makes it panic is no PDF.
    let counted = tokio::task::spawn_blocking(move || pdf::count_pages(bytes)).await;
    let Ok(Some((bytes, pages))) = counted else {
        return Err(RenderError::fail_with(
            FailureCode::UnsupportedContent,
            "The address leads to a PDF that is broken, or protected by a password.",
        ));
    };
    if pages > limits::PDF_PAGES {
        return Err(RenderError::fail(FailureCode::TooManyPages));
    }
    Ok((bytes, pages))
}
