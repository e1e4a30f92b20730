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
    span::{Attributes, Id, Record},
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
    /// What was waited for did not come.
    is_vain: bool,
}

impl Waits {
    /// Of what was waited for.
    pub(crate) fn names(&self) -> Vec<&str> {
        let waits = self.0.iter().filter(|wait| !wait.is_work);
        waits.map(|wait| wait.name.as_str()).collect()
    }

    /// Of what was waited for and did not come.
    pub(crate) fn in_vain(&self) -> Vec<&str> {
        let vain = self.0.iter().filter(|wait| wait.is_vain);
        vain.map(|wait| wait.name.as_str()).collect()
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
    is_vain: bool,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let is_work = match attributes.metadata().name() {
            "renderer.wait" => false,
            "renderer.work" => true,
            _ => return,
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let step = Step {
            name: fields.step,
            start: Instant::now(),
            is_work,
            is_vain: false,
        };
        context.span(id).unwrap().extensions_mut().insert(step);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(step) = span.extensions_mut().get_mut::<Step>() {
            let mut fields = Fields::default();
            values.record(&mut fields);
            step.is_vain = fields.fulfilled == Some(false);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let extensions = span.extensions();
        if let Some(step) = extensions.get::<Step>() {
            let wait = Wait {
                name: step.name.clone(),
                time: step.start.elapsed(),
                is_work: step.is_work,
                is_vain: step.is_vain,
            };
            self.0.lock().unwrap().0.push(wait);
        }
    }
}

#[derive(Default)]
struct Fields {
    step: String,
    fulfilled: Option<bool>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "step" {
            value.clone_into(&mut self.step);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "fulfilled" {
            self.fulfilled = Some(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
