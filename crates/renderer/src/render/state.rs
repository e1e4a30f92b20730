use std::collections::{HashMap, HashSet};

use platen_egress::VERDICT_HEADER;
use tokio::time::{Duration, Instant};

use crate::cdp::{SessionId, event};

/// Kinds of requests that do not end by themselves, or whose end no one would see in print. A
/// preflight's is not told to all; the request that it is for waits for it, too.
const ENDLESS: [&str; 6] = [
    "EventSource",
    "WebSocket",
    "Ping",
    "Media",
    "Prefetch",
    "Preflight",
];

/// A scheduled navigation further away than this is not waited for: a page that reloads itself
/// every minute is a page.
const FOLLOWED_REFRESH: Duration = Duration::from_secs(5);

/// What is known about the page from its events.
#[derive(Debug)]
pub(super) struct PageState {
    main_frame: String,
    /// The navigation under way in the main frame.
    pub navigation: Option<Navigation>,
    /// The document in the main frame; none before the first one.
    pub document: Option<Document>,
    /// Navigations that brought a document or an error.
    pub navigations: u32,
    /// When the page will go elsewhere by itself.
    pub scheduled: Option<Instant>,
    /// A navigation that ended without a document.
    pub fruitless: Option<Navigation>,
    /// The head of an answer that waits for what becomes of its body.
    pub answer: Option<event::RequestPaused>,
    /// Requests by id, and signs that companions were asked for by theirs, with the companion that they are
    /// of, if they are of one.
    in_flight: HashMap<String, Option<SessionId>>,
    /// What companions load without having told of it: the browser did, when it paused it.
    untold: Vec<Untold>,
    /// Scripts of shared workers that have begun.
    begun: HashSet<String>,
    /// When a request last began or ended.
    pub last_activity: Instant,
    /// It had companions: what it loads may set off what is heard of later.
    pub accompanied: bool,
    pub crashed: bool,
}

/// A request that a companion has not told of.
#[derive(Debug)]
struct Untold {
    of: SessionId,
    /// What the browser called it when it paused it.
    id: String,
    /// What the companion will call it, or not.
    network_id: Option<String>,
    url: String,
}

/// A navigation of the main frame, redirects included.
#[derive(Clone, Debug)]
pub(super) struct Navigation {
    pub loader: String,
    pub url: String,
    pub response: Option<Response>,
    /// Chromium's name of the error.
    pub error: Option<String>,
    pub download: bool,
}

impl Navigation {
    /// It ended at a PDF of the site's own.
    pub(super) fn leads_to_a_pdf(&self) -> bool {
        self.response.as_ref().is_some_and(|response| {
            response.status == 200
                && response.verdict.is_none()
                && response.mime_type == "application/pdf"
        })
    }
}

/// Head of the answer that a navigation ended with.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub status: u16,
    pub mime_type: String,
    /// The proxy answered in the origin's place.
    pub verdict: Option<String>,
}

/// A document that the main frame shows.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub loader: String,
    pub url: String,
    /// Chromium's own error page, and the address that it stands for.
    pub unreachable: Option<String>,
    pub loaded: bool,
    pub navigation: Option<Navigation>,
}

impl PageState {
    pub(super) fn new(main_frame: String) -> Self {
        Self {
            main_frame,
            navigation: None,
            document: None,
            navigations: 0,
            scheduled: None,
            fruitless: None,
            answer: None,
            in_flight: HashMap::new(),
            untold: Vec::new(),
            begun: HashSet::new(),
            last_activity: Instant::now(),
            accompanied: false,
            crashed: false,
        }
    }

    /// Nothing is being loaded.
    pub(super) fn is_quiet(&self) -> bool {
        self.in_flight.is_empty()
            && self.untold.is_empty()
            && self.navigation.is_none()
            && !self.will_leave()
    }

    /// The page is about to go elsewhere.
    pub(super) fn will_leave(&self) -> bool {
        self.scheduled.is_some()
    }

    /// The main frame shows the document of `loader`, and keeps it as far as is known.
    pub(super) fn is_at(&self, loader: &str) -> bool {
        self.navigation.is_none() && !self.will_leave() && self.shows(loader)
    }

    /// The main frame shows the document of `loader`.
    pub(super) fn shows(&self, loader: &str) -> bool {
        self.document
            .as_ref()
            .is_some_and(|document| document.loader == loader)
    }

    fn is_main(&self, frame: Option<&str>) -> bool {
        frame == Some(self.main_frame.as_str())
    }

    fn of_navigation(&mut self, loader: &str) -> Option<&mut Navigation> {
        self.navigation
            .as_mut()
            .filter(|navigation| navigation.loader == loader)
    }

    pub(super) fn started_navigating(&mut self, started: event::FrameStartedNavigating) {
        if self.is_main(Some(&started.frame_id)) && started.navigation_type != "sameDocument" {
            self.begin(started.loader_id, started.url);
        }
    }

    fn begin(&mut self, loader: String, url: String) {
        if let Some(navigation) = self.of_navigation(&loader) {
            navigation.url = url;
        } else {
            self.navigation = Some(Navigation {
                loader,
                url,
                response: None,
                error: None,
                download: false,
            });
        }
    }

    pub(super) fn request(&mut self, request: event::RequestWillBeSent) {
        let kind = request.r#type.as_deref();
        if kind == Some("Document") && self.is_main(request.frame_id.as_deref()) {
            if request.request_id == request.loader_id {
                // A redirect is one more request of the same navigation.
                self.begin(request.loader_id, request.request.url);
            }
            return;
        }
        // What belongs to no document ends unheard, but for a worker's script: the worker tells of its
        // end, when the script has run.
        if request.loader_id.is_empty() && kind != Some("Script") {
            return;
        }
        self.load(request, None);
    }

    /// A worker, or a frame of its own process, begins to load something.
    pub(super) fn request_of(&mut self, companion: SessionId, request: event::RequestWillBeSent) {
        let redirect = request.redirect_response.as_ref();
        let from = redirect.map_or(&request.request.url, |answer| &answer.url);
        self.forget_untold(&companion, |untold| {
            untold.network_id.as_ref() == Some(&request.request_id) || untold.url == *from
        });
        self.load(request, Some(companion));
    }

    /// A companion's request is about to be sent.
    pub(super) fn paused_of(&mut self, companion: &SessionId, paused: event::RequestPaused) {
        self.last_activity = Instant::now();
        // A preflight's end is not told. The request that waits for it is paused in its turn, if it may
        // be sent.
        let is_told =
            (paused.network_id.as_ref()).is_some_and(|id| self.in_flight.contains_key(id));
        if is_told || paused.is_preflight() || ENDLESS.contains(&&*paused.resource_type) {
            return;
        }
        if let Some(before) = &paused.redirected_request_id
            && !self.forget_untold(companion, |untold| untold.id == *before)
        {
            // The one that led here was told of meanwhile, and so was this.
            return;
        }
        self.untold.push(Untold {
            of: companion.clone(),
            id: paused.request_id,
            network_id: paused.network_id,
            url: paused.request.url,
        });
    }

    /// False when there was none.
    fn forget_untold(&mut self, of: &SessionId, is_it: impl Fn(&Untold) -> bool) -> bool {
        let at = (self.untold.iter()).position(|untold| untold.of == *of && is_it(untold));
        at.map(|at| self.untold.swap_remove(at)).is_some()
    }

    fn load(&mut self, request: event::RequestWillBeSent, companion: Option<SessionId>) {
        if request.r#type.is_some_and(|kind| ENDLESS.contains(&&*kind)) {
            return;
        }
        self.last_activity = Instant::now();
        self.in_flight.insert(request.request_id, companion);
    }

    /// A companion was asked for a sign; until it comes there may be more to load.
    pub(super) fn expect(&mut self, companion: &SessionId) {
        let sign = companion.as_str().to_owned();
        self.in_flight.insert(sign, Some(companion.clone()));
    }

    /// Nothing more will be heard of a companion.
    pub(super) fn parted(&mut self, companion: &SessionId) {
        let before = self.in_flight.len() + self.untold.len();
        self.in_flight
            .retain(|_, of| of.as_ref() != Some(companion));
        self.untold.retain(|untold| untold.of != *companion);
        if self.in_flight.len() + self.untold.len() < before {
            self.last_activity = Instant::now();
        }
    }

    pub(super) fn response(&mut self, received: event::ResponseReceived) {
        if received.r#type != "Document" || !self.is_main(received.frame_id.as_deref()) {
            return;
        }
        let Some(navigation) = self.of_navigation(&received.loader_id) else {
            return;
        };
        let response = received.response;
        let verdict = response
            .headers
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(VERDICT_HEADER))
            .map(|(_, verdict)| verdict);
        navigation.response = Some(Response {
            status: response.status,
            mime_type: response.mime_type,
            verdict,
        });
    }

    pub(super) fn finished(&mut self, finished: &event::LoadingFinished) {
        self.end(&finished.request_id);
    }

    pub(super) fn failed(&mut self, failed: event::LoadingFailed) {
        self.end(&failed.request_id);
        let Some(navigation) = self.of_navigation(&failed.request_id) else {
            return;
        };
        // Otherwise Chromium's error page follows, and the navigation ends with it.
        let is_abandoned = failed.error_text == "net::ERR_ABORTED";
        navigation.error = Some(failed.error_text);
        if is_abandoned {
            self.abandon();
        }
    }

    fn abandon(&mut self) {
        self.fruitless = self.navigation.take();
        self.navigations += 1;
    }

    pub(super) fn download(&mut self, download: &event::DownloadWillBegin) {
        if self.is_main(Some(&download.frame_id))
            && let Some(navigation) = self.navigation.as_mut().or(self.fruitless.as_mut())
        {
            navigation.download = true;
        }
    }

    pub(super) fn end(&mut self, request: &str) {
        if self.in_flight.remove(request).is_some() {
            self.last_activity = Instant::now();
        }
    }

    /// What a companion was loading has come, or will not.
    pub(super) fn end_of(&mut self, companion: &SessionId, request: &str) {
        if self.in_flight.contains_key(request) || self.begun.contains(request) {
            self.end(request);
        } else if self.forget_untold(companion, |untold| {
            untold.network_id.as_deref() == Some(request)
        }) || self.forget_untold(companion, |_| true)
        {
            self.last_activity = Instant::now();
        }
    }

    /// A shared worker has begun; this was the request for its script.
    pub(super) fn begun(&mut self, script: String) {
        self.end(&script);
        self.begun.insert(script);
    }

    pub(super) fn navigated(&mut self, navigated: event::FrameNavigated) {
        let frame = navigated.frame;
        if frame.parent_id.is_some() {
            return;
        }
        // The blank page that every tab begins with: on a busy machine its event may come late.
        if self.document.is_none() && frame.url == "about:blank" {
            return;
        }
        let navigation = self
            .navigation
            .take_if(|navigation| navigation.loader == frame.loader_id);
        // What the old document was still loading is of no interest; what the new one loads is
        // reported after this event.
        self.in_flight.clear();
        self.untold.clear();
        self.scheduled = None;
        self.fruitless = None;
        self.navigations += 1;
        self.document = Some(Document {
            loader: frame.loader_id,
            url: frame.url + frame.url_fragment.as_deref().unwrap_or_default(),
            unreachable: frame.unreachable_url,
            loaded: false,
            navigation,
        });
    }

    /// What was under way has been given up, by the page itself for one.
    pub(super) fn stopped_loading(&mut self, stopped: &event::FrameStoppedLoading) {
        if self.is_main(Some(&stopped.frame_id)) && self.document.is_some() {
            self.navigation = None;
        }
    }

    pub(super) fn navigated_within(&mut self, navigated: event::NavigatedWithinDocument) {
        if self.is_main(Some(&navigated.frame_id))
            && let Some(document) = &mut self.document
        {
            document.url = navigated.url;
        }
    }

    pub(super) fn scheduled(&mut self, scheduled: &event::FrameScheduledNavigation) {
        // A page that only reloads itself every so often is as good now as later.
        let elsewhere = self
            .document
            .as_ref()
            .is_none_or(|document| document.url != scheduled.url);
        if !self.is_main(Some(&scheduled.frame_id)) || !elsewhere {
            return;
        }
        if let Ok(delay) = Duration::try_from_secs_f64(scheduled.delay)
            && delay <= FOLLOWED_REFRESH
        {
            self.scheduled = Some(Instant::now() + delay);
        }
    }

    pub(super) fn cleared(&mut self, cleared: &event::FrameClearedScheduledNavigation) {
        if self.is_main(Some(&cleared.frame_id)) {
            self.scheduled = None;
        }
    }

    pub(super) fn lifecycle(&mut self, event: &event::Lifecycle) {
        if event.name == "load"
            && self.is_main(Some(&event.frame_id))
            && let Some(document) = &mut self.document
            && document.loader == event.loader_id
        {
            document.loaded = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn navigated(url: &str) -> event::FrameNavigated {
        serde_json::from_value(serde_json::json!({
            "frame": { "id": "main", "loaderId": url, "url": url }
        }))
        .unwrap()
    }

    #[test]
    fn the_blank_page_that_a_tab_begins_with_is_no_document() {
        let mut state = PageState::new("main".to_owned());
        state.navigated(navigated("about:blank"));
        assert!(state.document.is_none());
        state.navigated(navigated("http://example.com/"));
        assert!(state.shows("http://example.com/"));
        // A page that clears itself away is what it has become.
        state.navigated(navigated("about:blank"));
        assert!(state.shows("about:blank"));
    }
    /// A companion's request without an id that the network's events know.
    fn paused(kind: &str) -> event::RequestPaused {
        serde_json::from_value(serde_json::json!({
            "requestId": "interception-1",
            "resourceType": kind,
            "request": { "url": "http://example.com/", "method": "GET", "headers": {} }
        }))
        .unwrap()
    }

    #[test]
    fn an_end_of_unknown_id_ends_one_request_of_its_companion() {
        let mut state = PageState::new("main".to_owned());
        let [one, other] = ["one", "other"].map(SessionId::from);
        state.paused_of(&one, paused("Fetch"));
        state.paused_of(&one, paused("Fetch"));
        state.end_of(&other, "a");
        state.end_of(&one, "b");
        assert!(!state.is_quiet());
        state.end_of(&one, "c");
        assert!(state.is_quiet());
    }

    #[test]
    fn the_end_of_a_shared_workers_script_is_no_other_requests() {
        let mut state = PageState::new("main".to_owned());
        let worker = SessionId::from("worker");
        state.begun("script".to_owned());
        state.paused_of(&worker, paused("Fetch"));
        state.end_of(&worker, "script");
        assert!(!state.is_quiet());
        state.end_of(&worker, "fetch");
        assert!(state.is_quiet());
    }

    #[test]
    fn a_preflight_has_no_end_that_could_be_waited_for() {
        let mut preflight = paused("Other");
        let asks = "Access-Control-Request-Method".to_owned();
        preflight.request.headers.insert(asks, "GET".to_owned());
        preflight.network_id = Some("preflight".to_owned());
        let mut state = PageState::new("main".to_owned());
        state.paused_of(&SessionId::from("worker"), preflight);
        assert!(state.is_quiet());
    }

    #[test]
    fn nothing_is_expected_of_a_companion_that_has_gone() {
        let mut state = PageState::new("main".to_owned());
        let worker = SessionId::from("worker");
        state.paused_of(&worker, paused("Fetch"));
        state.parted(&worker);
        assert!(state.is_quiet());
    }

    #[test]
    fn what_does_not_end_by_itself_is_not_waited_for() {
        let mut state = PageState::new("main".to_owned());
        let worker = SessionId::from("worker");
        for kind in ENDLESS {
            state.paused_of(&worker, paused(kind));
        }
        assert!(state.is_quiet());
    }
}
