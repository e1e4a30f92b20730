//! Events of the protocol that matter to a render, with the fields that do.
//!
//! Sources: `https://chromedevtools.github.io/devtools-protocol/tot/Page/`, `…/Network/`, `…/Fetch/`
//! and `…/Target/`.

use std::collections::HashMap;

use serde::Deserialize;

pub(super) const CRASHED: &str = "Target.targetCrashed";
pub(super) const DETACHED_FROM_TARGET: &str = "Target.detachedFromTarget";
pub(crate) const ATTACHED_TO_TARGET: &str = "Target.attachedToTarget";
pub(crate) const DIALOG_OPENING: &str = "Page.javascriptDialogOpening";
pub(crate) const DOWNLOAD_WILL_BEGIN: &str = "Page.downloadWillBegin";
pub(crate) const FRAME_CLEARED_SCHEDULED_NAVIGATION: &str = "Page.frameClearedScheduledNavigation";
pub(crate) const FRAME_NAVIGATED: &str = "Page.frameNavigated";
pub(crate) const FRAME_SCHEDULED_NAVIGATION: &str = "Page.frameScheduledNavigation";
pub(crate) const FRAME_STARTED_NAVIGATING: &str = "Page.frameStartedNavigating";
pub(crate) const FRAME_STOPPED_LOADING: &str = "Page.frameStoppedLoading";
pub(crate) const LIFECYCLE: &str = "Page.lifecycleEvent";
pub(crate) const LOADING_FAILED: &str = "Network.loadingFailed";
pub(crate) const LOADING_FINISHED: &str = "Network.loadingFinished";
pub(crate) const NAVIGATED_WITHIN_DOCUMENT: &str = "Page.navigatedWithinDocument";
pub(crate) const REQUEST_PAUSED: &str = "Fetch.requestPaused";
pub(crate) const REQUEST_WILL_BE_SENT: &str = "Network.requestWillBeSent";
pub(crate) const RESPONSE_RECEIVED: &str = "Network.responseReceived";
pub(crate) const TARGET_CRASHED: &str = "Inspector.targetCrashed";
pub(crate) const TARGET_CREATED: &str = "Target.targetCreated";

/// Those of the above that happen in a page's session: what it subscribes to.
pub(crate) const OF_A_PAGE: &[&str] = &[
    ATTACHED_TO_TARGET,
    DIALOG_OPENING,
    DOWNLOAD_WILL_BEGIN,
    FRAME_CLEARED_SCHEDULED_NAVIGATION,
    FRAME_NAVIGATED,
    FRAME_SCHEDULED_NAVIGATION,
    FRAME_STARTED_NAVIGATING,
    FRAME_STOPPED_LOADING,
    LIFECYCLE,
    LOADING_FAILED,
    LOADING_FINISHED,
    NAVIGATED_WITHIN_DOCUMENT,
    REQUEST_PAUSED,
    REQUEST_WILL_BE_SENT,
    RESPONSE_RECEIVED,
    TARGET_CRASHED,
    TARGET_CREATED,
];

/// What the session of a page's worker or frame subscribes to.
pub(crate) const OF_A_COMPANION: &[&str] = &[
    ATTACHED_TO_TARGET,
    LOADING_FAILED,
    LOADING_FINISHED,
    REQUEST_PAUSED,
    REQUEST_WILL_BE_SENT,
];

/// [`DETACHED_FROM_TARGET`].
#[derive(Debug, Deserialize)]
pub(super) struct Detached<'a> {
    #[serde(rename = "sessionId")]
    pub session_id: &'a str,
}

/// [`CRASHED`].
#[derive(Debug, Deserialize)]
pub(super) struct Crash<'a> {
    #[serde(rename = "targetId")]
    pub target_id: &'a str,
    /// `crashed`, `abnormal`, `killed` and others.
    pub status: &'a str,
}

/// `Page.frameStartedNavigating`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameStartedNavigating {
    pub frame_id: String,
    pub url: String,
    pub loader_id: String,
    /// `differentDocument`, `sameDocument`, `reload`, …
    pub navigation_type: String,
}

/// `Page.frameNavigated`
#[derive(Debug, Deserialize)]
pub(crate) struct FrameNavigated {
    pub frame: Frame,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Frame {
    pub parent_id: Option<String>,
    pub loader_id: String,
    pub url: String,
    /// Part of the URL after `#`, with it.
    pub url_fragment: Option<String>,
    /// Set when Chromium shows its own error page: the address that could not be loaded.
    pub unreachable_url: Option<String>,
}

/// `Page.navigatedWithinDocument`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NavigatedWithinDocument {
    pub frame_id: String,
    pub url: String,
}

/// `Page.frameScheduledNavigation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameScheduledNavigation {
    pub frame_id: String,
    /// Seconds.
    pub delay: f64,
    pub url: String,
}

/// `Page.frameClearedScheduledNavigation`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameClearedScheduledNavigation {
    pub frame_id: String,
}

/// `Page.frameStoppedLoading`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FrameStoppedLoading {
    pub frame_id: String,
}

/// `Page.lifecycleEvent`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lifecycle {
    pub frame_id: String,
    pub loader_id: String,
    pub name: String,
}

/// `Page.javascriptDialogOpening`
#[derive(Debug, Deserialize)]
pub(crate) struct DialogOpening {
    /// `alert`, `confirm`, `prompt` or `beforeunload`.
    pub r#type: String,
}

/// `Page.downloadWillBegin`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DownloadWillBegin {
    pub frame_id: String,
}

/// `Network.requestWillBeSent`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestWillBeSent {
    pub request_id: String,
    pub loader_id: String,
    pub frame_id: Option<String>,
    pub r#type: Option<String>,
    pub request: Request,
    /// The answer that led here.
    pub redirect_response: Option<Request>,
}

/// What a request and the answer to it have in common.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub url: String,
}

/// `Fetch.requestPaused`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestPaused {
    pub request_id: String,
    /// What the events of the network call the request, if they tell of it.
    pub network_id: Option<String>,
    /// The one whose answer led here.
    pub redirected_request_id: Option<String>,
    pub resource_type: String,
    pub request: PausedRequest,
    /// Set when the answer's head is there, and nothing of its body was read.
    pub response_status_code: Option<u16>,
    /// Set when there is no answer.
    pub response_error_reason: Option<String>,
    #[serde(default)]
    pub response_headers: Vec<Header>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Header {
    pub name: String,
    pub value: String,
}

impl RequestPaused {
    /// It has not been sent yet.
    pub(crate) fn is_request(&self) -> bool {
        self.response_status_code.is_none() && self.response_error_reason.is_none()
    }

    /// It asks whether another request may be sent.
    pub(crate) fn is_preflight(&self) -> bool {
        let asks = "access-control-request-method";
        self.request
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case(asks))
    }

    /// The head of an answer that leads nowhere else.
    pub(crate) fn is_answer(&self) -> bool {
        self.response_status_code
            .is_some_and(|status| !(300..400).contains(&status))
    }

    pub(crate) fn response_header(&self, name: &str) -> Option<&str> {
        let mut headers = self.response_headers.iter();
        let header = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        Some(&header.value)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct PausedRequest {
    pub url: String,
    #[serde(default)]
    pub headers: HashMap<String, String>,
}

/// `Network.responseReceived`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResponseReceived {
    pub loader_id: String,
    pub frame_id: Option<String>,
    pub r#type: String,
    pub response: Response,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pub status: u16,
    #[serde(default)]
    pub headers: HashMap<String, String>,
    pub mime_type: String,
}

/// `Network.loadingFinished`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFinished {
    pub request_id: String,
}

/// `Network.loadingFailed`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoadingFailed {
    pub request_id: String,
    /// Chromium's name of the error, such as `net::ERR_NAME_NOT_RESOLVED`.
    pub error_text: String,
}

/// `Target.attachedToTarget`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachedToTarget {
    pub session_id: String,
    pub target_info: TargetInfo,
}

/// `Target.targetCreated`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetCreated {
    pub target_info: TargetInfo,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetInfo {
    /// Of a worker, it is the id of the request for its script, too.
    pub target_id: String,
    /// `worker`, `shared_worker`, `iframe`, …
    pub r#type: String,
    pub browser_context_id: Option<String>,
}
