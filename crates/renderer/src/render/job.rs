use headless_chrome::protocol::cdp::{
    Browser::GetVersion,
    Page::{Navigate, StopLoading},
};
use platen_api_types::{FailureCode, PdfOptions, Stage, limits};
use platen_egress::{EgressPolicy, JobProxy, TargetUrl};
use tokio::{
    sync::watch::{self, Sender},
    time::{Duration, Instant, sleep_until},
};
use url::Url;

use super::{
    document,
    emulate::emulate,
    origin::{self, OwnHeaders},
    prepare::Plan,
    print::print_command,
    reason::{self, HttpErrors},
    settle::{Settled, Settling, Survey},
    state::PageState,
    watch::{Watch, pump},
};
use crate::{
    RenderError, RetryReason,
    cdp::{CallError, Session},
    fleet::Tab,
};

/// What is known of a page that was printed.
#[derive(Debug)]
pub(crate) struct Facts {
    pub title: String,
    pub final_url: Url,
    pub http_status: Option<u16>,
    /// All of it arrived before the time-out.
    pub complete: bool,
}

/// A page that was printed.
#[derive(Debug)]
pub(crate) struct Printed {
    pub body: Body,
    pub facts: Facts,
}

/// Where the PDF is.
#[derive(Debug)]
pub(crate) enum Body {
    /// In a stream of the browser, with this handle.
    Stream(String),
    /// Here: it was a PDF from the start.
    Document { bytes: Vec<u8>, pages: u32 },
}

/// What a navigation came to.
enum Arrival {
    /// A document, with this loader.
    Page(String),
    /// A PDF, which the browser does not show.
    Pdf,
}

/// How long a browser may take to say that it lives.
const LIFE_SIGN: Duration = Duration::from_secs(5);

/// Loads, settles, checks and prints a page within the hard stop.
pub(crate) async fn run(
    tab: &mut Tab,
    policy: &EgressPolicy,
    url: &TargetUrl,
    options: &PdfOptions,
    stage: &Sender<Stage>,
    hard_stop: Duration,
) -> Result<Printed, RenderError> {
    let printed = attempt(tab, policy, url, options, stage, hard_stop).await;
    let no_answer = matches!(
        &printed,
        Err(RenderError::Fail(failure))
            if matches!(failure.code, FailureCode::Timeout | FailureCode::PageCrashed)
    );
    if no_answer
        && let Err(error) = tab
            .browser()
            .root()
            .call_within(LIFE_SIGN, GetVersion(None))
            .await
    {
        // It was not the page that hung.
        tab.browser().kill();
        return Err(RetryReason::BrowserLost(error).into());
    }
    printed
}

async fn attempt(
    tab: &mut Tab,
    policy: &EgressPolicy,
    url: &TargetUrl,
    options: &PdfOptions,
    stage: &Sender<Stage>,
    hard_stop: Duration,
) -> Result<Printed, RenderError> {
    let start = Instant::now();
    let (sender, receiver) = watch::channel(PageState::new(tab.frame_id.clone()));
    let mut job = Job {
        session: tab.session.clone(),
        frame_id: tab.frame_id.clone(),
        user_agent: tab.browser().user_agent.clone(),
        proxy: tab.proxy_handle(),
        policy,
        url,
        options,
        stage,
        watch: Watch::new(receiver),
        soft: start + Duration::from_secs(options.timeout_s.into()),
        hard: start + hard_stop,
    };
    let headers = OwnHeaders::new(url.as_url(), options);
    let proxy = tab.proxy_handle();
    let hard = job.hard;
    let connection = tab.session.connection().clone();
    tokio::select! {
        // Events first: a step must not read an answer before what happened ahead of it.
        biased;
        () = pump(&tab.session, &mut tab.events, &headers, &sender) => Err(if connection.is_closed() {
            lost(CallError::ConnectionClosed { method: "Page.navigate" })
        } else {
            RenderError::fail(FailureCode::PageCrashed)
        }),
        printed = job.run() => printed,
        () = proxy.budget_spent() => Err(RenderError::fail(FailureCode::TrafficLimit)),
        () = sleep_until(hard) => Err(RenderError::fail(
            if sender.borrow().document.is_some() {
                FailureCode::PageCrashed
            } else {
                FailureCode::Timeout
            },
        )),
    }
}

struct Job<'a> {
    session: Session,
    frame_id: String,
    user_agent: String,
    proxy: std::sync::Arc<JobProxy>,
    policy: &'a EgressPolicy,
    url: &'a TargetUrl,
    options: &'a PdfOptions,
    stage: &'a Sender<Stage>,
    watch: Watch,
    /// When what has arrived is printed.
    soft: Instant,
    /// When the job ends, whatever it is doing.
    hard: Instant,
}

impl Job<'_> {
    async fn run(&mut self) -> Result<Printed, RenderError> {
        self.enter(Stage::Loading);
        emulate(&self.session, self.options, &self.user_agent)
            .await
            .map_err(refused_options)?;
        origin::give(&self.session, self.url.as_url(), self.options)
            .await
            .map_err(lost)?;
        self.navigate().await?;
        loop {
            let Arrival::Page(loader) = self.arrive().await? else {
                return self.take_document().await;
            };
            let settled = Settling {
                session: &self.session,
                frame_id: &self.frame_id,
                options: self.options,
                deadline: self.soft,
            }
            .settle(&mut self.watch, &loader)
            .await?;
            let Settled::Here(survey, plan) = settled else {
                continue;
            };
            let facts = self.check(&survey)?;
            self.enter(Stage::Printing);
            if let Some(stream) = self.print(&loader, &plan).await? {
                let body = Body::Stream(stream);
                return Ok(Printed { body, facts });
            }
            self.enter(Stage::Loading);
        }
    }

    /// Tells it once.
    fn enter(&self, stage: Stage) {
        self.stage
            .send_if_modified(|told| std::mem::replace(told, stage) != stage);
    }

    fn http_errors(&self) -> HttpErrors {
        HttpErrors::of(self.options)
    }

    /// Takes the PDF that is at the address already.
    async fn take_document(&mut self) -> Result<Printed, RenderError> {
        let url = self.url.as_url();
        let (body, final_url) = document::fetch(
            &self.session,
            &mut self.watch,
            url,
            &OwnHeaders::new(url, self.options),
            self.policy,
            self.soft,
        )
        .await?;
        let facts = Facts {
            title: String::new(),
            final_url,
            http_status: Some(200),
            complete: true,
        };
        Ok(Printed { body, facts })
    }

    /// Starts to load the page. Done when there is a document, or none will come.
    async fn navigate(&mut self) -> Result<(), RenderError> {
        let navigate = self.session.send(&Navigate {
            url: self.url.as_str().to_owned(),
            referrer: None,
            transition_Type: None,
            frame_id: None,
            referrer_policy: None,
        });
        let patience = self.soft.saturating_duration_since(Instant::now());
        match navigate.within(patience).result().await {
            Ok(_) => Ok(()),
            Err(CallError::TimedOut { .. }) => Err(RenderError::fail(FailureCode::Timeout)),
            Err(error) => Err(lost(error)),
        }
    }

    /// Waits until a document has loaded, or as much of it as arrives in time.
    async fn arrive(&mut self) -> Result<Arrival, RenderError> {
        let arrived = self
            .watch
            .until(self.soft, |state| {
                state.navigations > limits::REDIRECTS
                    || state.navigation.is_none()
                        && !state.will_leave()
                        && (state.fruitless.is_some()
                            || state.document.as_ref().is_some_and(|document| {
                                document.loaded || document.unreachable.is_some()
                            }))
            })
            .await;
        let loader = {
            let state = self.watch.now();
            if state.navigations > limits::REDIRECTS {
                return Err(RenderError::fail(FailureCode::TooManyRedirects));
            }
            match (&state.document, &state.fruitless) {
                (Some(document), _) if document.unreachable.is_some() => {
                    reason::check_document(document, &self.proxy, self.policy, self.http_errors())?;
                    document.loader.clone()
                }
                // A download that a page started leaves the page as it was.
                (Some(document), _) => document.loader.clone(),
                (None, Some(navigation)) if navigation.leads_to_a_pdf() => {
                    return Ok(Arrival::Pdf);
                }
                (None, Some(navigation)) => {
                    return Err(reason::of_navigation(
                        navigation,
                        &self.proxy,
                        self.http_errors(),
                    ));
                }
                (None, None) => return Err(RenderError::fail(FailureCode::Timeout)),
            }
        };
        if !arrived {
            // Nothing more is to come in between; a page that does not stop is printed as it is.
            drop(self.session.send(&StopLoading(None)));
        }
        Ok(Arrival::Page(loader))
    }

    /// Success means a real page.
    fn check(&self, survey: &Survey) -> Result<Facts, RenderError> {
        let state = self.watch.now();
        let document = state
            .document
            .as_ref()
            .ok_or_else(|| RenderError::fail(FailureCode::Timeout))?;
        let final_url =
            reason::check_document(document, &self.proxy, self.policy, self.http_errors())?;
        if survey.empty {
            return Err(RenderError::fail_with(
                FailureCode::UnsupportedContent,
                "The page is empty: there is nothing to print. \
                 If it takes its time, name what to wait for.",
            ));
        }
        Ok(Facts {
            title: survey.title.trim().to_owned(),
            final_url,
            http_status: document
                .navigation
                .as_ref()
                .and_then(|navigation| navigation.response.as_ref())
                .map(|response| response.status),
            complete: Instant::now() < self.soft,
        })
    }

    /// Prints into a stream. `None` when the page went elsewhere meanwhile.
    async fn print(&mut self, loader: &str, plan: &Plan) -> Result<Option<String>, RenderError> {
        let patience = self.hard.saturating_duration_since(Instant::now());
        let printed = self
            .session
            .call_within(patience, print_command(self.options, plan))
            .await;
        match printed {
            Ok(printed) => match printed.stream {
                Some(stream) => Ok(Some(stream)),
                None => Err(RetryReason::UnknownPdf("no stream was returned").into()),
            },
            Err(CallError::Refused { message, .. }) if message.contains("age range") => {
                Err(RenderError::fail_with(
                    FailureCode::UnsupportedContent,
                    "The document has none of the pages that page_ranges asks for.",
                ))
            }
            Err(CallError::Refused { .. }) if !self.watch.now().is_at(loader) => Ok(None),
            Err(CallError::TimedOut { .. }) => Err(RenderError::fail(FailureCode::PageCrashed)),
            Err(error) => Err(lost(error)),
        }
    }
}

/// A command that no page can make fail has failed.
pub(crate) fn lost(error: CallError) -> RenderError {
    match error {
        CallError::SessionClosed { .. } => RenderError::fail(FailureCode::PageCrashed),
        error if error.is_connection_closed() => RetryReason::BrowserLost(error).into(),
        error => RetryReason::Protocol(error).into(),
    }
}

/// Chromium alone knows all time zones and locales.
fn refused_options(error: CallError) -> RenderError {
    match error {
        CallError::Refused {
            method: method @ ("Emulation.setTimezoneOverride" | "Emulation.setLocaleOverride"),
            ..
        } => {
            let option = if method.ends_with("setLocaleOverride") {
                "locale"
            } else {
                "timezone"
            };
            RenderError::fail_with(
                FailureCode::UnsupportedContent,
                format!("The browser does not know the {option} that was asked for."),
            )
        }
        error => lost(error),
    }
}
