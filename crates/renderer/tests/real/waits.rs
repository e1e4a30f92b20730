//! What a job waited for, as its trace tells.

use std::{
    fmt::Debug,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, Instant},
};

use tracing::{
    Dispatch, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber as _,
    span::{Attributes, Id},
};
use tracing_subscriber::{
    Registry,
    layer::{Context, Layer, SubscriberExt as _},
    registry::LookupSpan,
};

/// The waits of one job in order, and the steps that could be long for other reasons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waits(Vec<Wait>);

#[derive(Clone, Debug)]
struct Wait {
    name: String,
    time: Duration,
    /// Nothing was waited for: there was something to do.
    is_work: bool,
}

impl Waits {
    /// Of what was waited for.
    pub(crate) fn names(&self) -> Vec<&str> {
        let waits = self.0.iter().filter(|wait| !wait.is_work);
        waits.map(|wait| wait.name.as_str()).collect()
    }

    /// Of all waits or steps with this name together.
    pub(crate) fn time(&self, name: &str) -> Duration {
        let waits = self.0.iter();
        waits
            .filter(|wait| wait.name == name)
            .map(|wait| wait.time)
            .sum()
    }
}

/// While there is one subscriber in a process, `tracing` asks only whether the thread that comes first
/// to a span has it. That may be another test's: with a second one it asks all.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Registry::default()));

/// Runs a job and tells what it waited for.
pub(crate) async fn watched<T>(job: impl Future<Output = T>) -> (T, Waits) {
    LazyLock::force(&SECOND);
    let seen = Arc::<Mutex<Waits>>::default();
    let dispatch = Dispatch::new(Registry::default().with(Recorder(seen.clone())));
    let result = job.with_subscriber(dispatch).await;
    let waits = seen.lock().unwrap().clone();
    (result, waits)
}

struct Recorder(Arc<Mutex<Waits>>);

struct Step {
    name: String,
    start: Instant,
    is_work: bool,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let is_work = match attributes.metadata().name() {
            "renderer.wait" => false,
            "renderer.work" => true,
            _ => return,
        };
        let mut name = Name::default();
        attributes.record(&mut name);
        let step = Step {
            name: name.0,
            start: Instant::now(),
            is_work,
        };
        context.span(id).unwrap().extensions_mut().insert(step);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let extensions = span.extensions();
        if let Some(step) = extensions.get::<Step>() {
            let wait = Wait {
                name: step.name.clone(),
                time: step.start.elapsed(),
                is_work: step.is_work,
            };
            self.0.lock().unwrap().0.push(wait);
        }
    }
}

#[derive(Default)]
struct Name(String);

impl Visit for Name {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
