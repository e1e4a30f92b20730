use platen_api_types::{FailureCode, PdfOptions};
use serde::{Deserialize, Serialize};
use tokio::time::{Duration, Instant, sleep};
use tracing::Instrument as _;

use super::{
    ask::{self, Unanswered, World},
    banners,
    prepare::{self, Plan},
    state::PageState,
    watch::Watch,
};
use crate::{
    RenderError, RetryReason,
    cdp::{CallError, Session},
};

const SURVEY: &str = include_str!("scripts/survey.js");
const VIEWER: &str = include_str!("scripts/viewer.js");
const SELECTOR: &str = include_str!("scripts/selector.js");
const EXPRESSION: &str = include_str!("scripts/expression.js");
const OBSERVES: &str = include_str!("scripts/observes.js");

/// A wait that a script in the page does. The time-out of the job bounds it besides its cap.
struct Step {
    name: &'static str,
    script: &'static str,
    cap: Duration,
}

const SCROLL: Step = Step {
    name: "scroll",
    script: include_str!("scripts/scroll.js"),
    cap: Duration::from_secs(5),
};
const STILL: Step = Step {
    name: "still",
    script: include_str!("scripts/still.js"),
    cap: Duration::from_millis(500),
};
const DRAWN: Step = Step {
    name: "drawn",
    script: include_str!("scripts/drawn.js"),
    cap: Duration::from_millis(1500),
};
const READY: Step = Step {
    name: "ready",
    script: include_str!("scripts/ready.js"),
    cap: Duration::from_secs(5),
};

/// How long the network must be silent after it was not.
const QUIET_WINDOW: Duration = Duration::from_millis(100);

/// How long all waits for it may take together.
const QUIET_CAP: Duration = Duration::from_secs(5);

/// How often a page that runs no scripts is asked whether it is ready.
const READY_INTERVAL: Duration = Duration::from_millis(50);

/// What the page says of itself.
#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "answers to separate questions"
)]
pub(super) struct Survey {
    pub title: String,
    /// It is data or a picture, which the browser may show in a viewer of its own.
    viewer: bool,
    /// Scripts can run in it, ours included, and it has some.
    scripted: bool,
    /// Scripts can run in it. Without them nothing asynchronous does, ours included.
    scriptable: bool,
    pub empty: bool,
    /// Of the document, in CSS pixels.
    pub height: f64,
    view: f64,
    /// It scrolls in a box of its own.
    inner: bool,
    /// It has a style of its own.
    pub styled: bool,
    /// It has what may be wider than the paper.
    pub wide: bool,
    /// It has a canvas.
    pub draws: bool,
    deferred: bool,
    unready: bool,
}

/// How settling ended.
#[derive(Debug)]
pub(super) enum Settled {
    /// The document is as complete as it will be, and made ready for paper.
    Here(Survey, Plan),
    /// The page went elsewhere meanwhile.
    Left,
}

/// What is left of the time that a document may keep the network busy.
#[derive(Debug)]
struct Quiet {
    left: Duration,
}

impl Default for Quiet {
    fn default() -> Self {
        Self { left: QUIET_CAP }
    }
}

/// Lets one document settle.
#[derive(Debug)]
pub(super) struct Settling<'a> {
    pub session: &'a Session,
    pub frame_id: &'a str,
    pub options: &'a PdfOptions,
    /// When to take what is there.
    pub deadline: Instant,
}

impl Settling<'_> {
    /// Goes through the steps; those that a page does not need cost it nothing.
    pub(super) async fn settle(
        &self,
        watch: &mut Watch,
        loader: &str,
    ) -> Result<Settled, RenderError> {
        match self.steps(watch, loader).await {
            Ok((survey, plan)) => Ok(Settled::Here(survey, plan)),
            Err(Unanswered::Left) => Ok(Settled::Left),
            Err(Unanswered::Threw(message)) => Err(RetryReason::Protocol(CallError::Refused {
                method: "Runtime.evaluate",
                code: 0,
                message,
            })
            .into()),
            Err(Unanswered::Failed(error)) => Err(error),
        }
    }

    async fn steps(&self, watch: &mut Watch, loader: &str) -> Result<(Survey, Plan), Unanswered> {
        let world = ask::our_world(self.session, self.frame_id).await?;
        let mut survey = self.survey(world).await?;
        if survey.viewer {
            ask::call::<Option<bool>>(self.session, world, VIEWER, &(), Duration::ZERO).await?;
            survey = self.survey(world).await?;
        }
        if survey.scripted {
            self.wait_in(world, &STILL).await?;
        }
        let mut quiet = Quiet::default();
        let mut stirred = self.quiet(watch, loader, &mut quiet).await?;
        if stirred && survey.scripted {
            survey = self.survey(world).await?;
        }
        // Before scrolling, which some of them lock.
        stirred |= self.hide_banners(world, &survey).await?;
        if self.is_worth_scrolling(&survey).await? {
            self.wait_in(world, &SCROLL).await?;
            self.quiet(watch, loader, &mut quiet).await?;
            stirred = true;
        }
        if survey.scripted && survey.draws {
            self.wait_in(World::Page, &DRAWN).await?;
        }
        if survey.scriptable {
            stirred |= self.selector(world).await?;
            stirred |= self.expression().await?;
        }
        if survey.unready || stirred {
            self.ready(world, &survey).await?;
            stirred = true;
        }
        let delay = Duration::from_millis(self.options.wait.delay_ms.into());
        if !delay.is_zero() {
            let over = async {
                sleep(delay).await;
                Ok(true)
            };
            waiting("delay", over).await?;
            stirred = true;
        }
        if stirred {
            survey = self.survey(world).await?;
            // Some come late.
            self.hide_banners(world, &survey).await?;
        }
        let plan = prepare::prepare(self.session, world, self.options, &survey).await?;
        let state = watch.now();
        if state.is_at(loader) || self.is_late() && state.shows(loader) {
            Ok((survey, plan))
        } else {
            Err(Unanswered::Left)
        }
    }

    fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// What is left of `cap` before the deadline.
    fn at_most(&self, cap: Duration) -> Duration {
        cap.min(self.deadline.saturating_duration_since(Instant::now()))
    }

    async fn survey(&self, world: World) -> Result<Survey, Unanswered> {
        #[derive(Serialize)]
        struct Arguments {
            lazy: bool,
        }
        let arguments = Arguments {
            lazy: self.options.lazy_content,
        };
        ask::call(self.session, world, SURVEY, &arguments, Duration::ZERO).await
    }

    async fn wait_in(&self, world: World, step: &Step) -> Result<(), Unanswered> {
        wait_in(self.session, world, step, self.at_most(step.cap)).await
    }

    /// Waits for the network, if it is busy. Returns whether it was.
    async fn quiet(
        &self,
        watch: &mut Watch,
        loader: &str,
        quiet: &mut Quiet,
    ) -> Result<bool, Unanswered> {
        let start = Instant::now();
        {
            let state = watch.now();
            let is_alone = !state.accompanied || state.last_activity + QUIET_WINDOW <= start;
            if state.is_quiet() && is_alone {
                return Ok(false);
            }
        }
        let end = start + self.at_most(quiet.left);
        let left = |state: &PageState| !state.is_at(loader);
        let quieted = async { Ok(watch.until_quiet(QUIET_WINDOW, end, left).await) };
        waiting("quiet", quieted).await?;
        quiet.left = quiet.left.saturating_sub(start.elapsed());
        if watch.now().is_at(loader) || self.is_late() {
            Ok(true)
        } else {
            Err(Unanswered::Left)
        }
    }

    /// Hides what asks for consent, where that is wanted. Returns whether there was anything to hide.
    async fn hide_banners(&self, world: World, survey: &Survey) -> Result<bool, Unanswered> {
        if !self.options.hide_banners || !survey.styled {
            return Ok(false);
        }
        let span = tracing::debug_span!("renderer.work", step = "banners");
        let hidden = banners::hide(self.session, world);
        hidden.instrument(span).await
    }

    /// A page that defers content until it comes into view, and is higher than the window.
    async fn is_worth_scrolling(&self, survey: &Survey) -> Result<bool, Unanswered> {
        let may_scroll = self.options.lazy_content && survey.scripted && !self.is_late();
        if may_scroll && survey.deferred {
            return Ok(true);
        }
        if !may_scroll || survey.height <= survey.view && !survey.inner {
            return Ok(false);
        }
        let observes = OBSERVES.to_owned();
        match ask::evaluate(self.session, World::Page, observes, Duration::ZERO).await {
            // The page put something of its own there.
            Err(Unanswered::Threw(_)) => Ok(true),
            observes => observes,
        }
    }

    /// Waits for the element that the caller named. Returns whether there was one to wait for.
    async fn selector(&self, world: World) -> Result<bool, Unanswered> {
        #[derive(Serialize)]
        struct Arguments<'a> {
            selector: &'a str,
            milliseconds: u128,
        }
        let Some(selector) = &self.options.wait.selector else {
            return Ok(false);
        };
        let cap = self.at_most(Duration::MAX);
        let arguments = Arguments {
            selector,
            milliseconds: cap.as_millis(),
        };
        let found = ask::call::<bool>(self.session, world, SELECTOR, &arguments, cap);
        match waiting("selector", found).await {
            Ok(_) => Ok(true),
            Err(Unanswered::Threw(_)) => Err(RenderError::fail_with(
                FailureCode::UnsupportedContent,
                "The selector to wait for is not valid CSS.",
            )
            .into()),
            Err(other) => Err(other),
        }
    }

    /// Waits for what the caller wrote. Returns whether there was anything to wait for.
    async fn expression(&self) -> Result<bool, Unanswered> {
        #[derive(Serialize)]
        struct Arguments<'a> {
            expression: &'a str,
            milliseconds: u128,
        }
        let Some(expression) = &self.options.wait.expression else {
            return Ok(false);
        };
        let cap = self.at_most(Duration::MAX);
        let arguments = Arguments {
            expression,
            milliseconds: cap.as_millis(),
        };
        let world = World::Page;
        let held = ask::call::<bool>(self.session, world, EXPRESSION, &arguments, cap);
        match waiting("expression", held).await {
            // A page that broke its own built-ins never becomes what the caller waits for.
            Ok(_) | Err(Unanswered::Threw(_)) => Ok(true),
            Err(other) => Err(other),
        }
    }

    /// Waits for fonts and images.
    async fn ready(&self, world: World, survey: &Survey) -> Result<(), Unanswered> {
        if survey.scriptable {
            return self.wait_in(world, &READY).await;
        }
        let ready = self.ready_by_asking(world);
        waiting(READY.name, ready).await.map(drop)
    }

    /// The same for a page that runs no scripts, ours included.
    async fn ready_by_asking(&self, world: World) -> Result<bool, Unanswered> {
        let until = Instant::now() + self.at_most(READY.cap);
        let mut interval = tokio::time::interval(READY_INTERVAL);
        while self.survey(world).await?.unready {
            if Instant::now() >= until {
                return Ok(false);
            }
            interval.tick().await;
        }
        Ok(true)
    }
}

/// Waits until the page keeps still.
pub(super) async fn still(session: &Session, world: World) -> Result<(), Unanswered> {
    wait_in(session, world, &STILL, STILL.cap).await
}

/// Does a step, for `cap` at most.
async fn wait_in(
    session: &Session,
    world: World,
    step: &Step,
    cap: Duration,
) -> Result<(), Unanswered> {
    #[derive(Serialize)]
    struct Arguments {
        milliseconds: u128,
    }
    let arguments = Arguments {
        milliseconds: cap.as_millis(),
    };
    let done = ask::call(session, world, step.script, &arguments, cap);
    waiting(step.name, done).await.map(drop)
}

/// Shows a wait in traces: where the time of a page goes that takes long, and that of others does
/// not; and whether what was waited for came.
async fn waiting(
    step: &'static str,
    wait: impl Future<Output = Result<bool, Unanswered>>,
) -> Result<bool, Unanswered> {
    let span = tracing::debug_span!("renderer.wait", step, fulfilled = tracing::field::Empty);
    let fulfilled = wait.instrument(span.clone()).await?;
    span.record("fulfilled", fulfilled);
    Ok(fulfilled)
}
