//! As a Lambda function.

use std::{env, io, time::Duration};

use anyhow::{Context as _, bail};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use platen_pipeline::Clock;
use platen_renderer::RendererConfig;
use platen_telemetry::Chain;
use platen_telemetry::EmbeddedMetrics;
use tracing::Instrument;

use crate::{Config, Function, FunctionError, FunctionSettings, MappedQueue, Parts};

/// Where `CloudWatch` shows the metrics.
const NAMESPACE: &str = "Platen";

/// Set by Lambda; the runtime library panics without them.
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    MEMORY,
];

/// Megabytes that the function has for everything in it.
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// Starts everything, which is Lambda's init phase, and then answers events for as long as the
/// environment lives. Ends with an error only: Lambda then makes a new environment.
pub(crate) async fn run(config: &Config) -> anyhow::Result<()> {
    for name in RUNTIME_VARIABLES {
        if env::var_os(name).is_none() {
            bail!(
                "{name} is not set, so this is not Lambda: to poll the queue, start it with --poll"
            );
        }
    }
    let memory = env::var(MEMORY).unwrap_or_default();
    let memory = memory
        .parse()
        .with_context(|| format!("{MEMORY} is not a number of megabytes"))?;
    let config = &Config {
        renderer: within(memory, config.renderer.clone()),
        ..config.clone()
    };
    let metrics = EmbeddedMetrics::install(NAMESPACE)?;
    let Parts {
        converter,
        queue,
        renderer,
        clock,
    } = Parts::start(config, |sqs| MappedQueue::new(std::sync::Arc::new(sqs))).await?;
    let settings = FunctionSettings {
        concurrency: config.renderer.concurrency.get(),
        ..FunctionSettings::default()
    };
    let function = Function::new(converter, queue, renderer, settings);
    tracing::info!("ready");
    let (function, clock, metrics) = (&function, &*clock, &metrics);
    Runtime::new(service_fn(async |event| {
        answer(function, clock, metrics, event).await
    }))
    .run()
    .await
    .map_err(anyhow::Error::from_boxed)
    .context("the runtime api cannot be asked")
}

async fn answer(
    function: &Function,
    clock: &dyn Clock,
    metrics: &EmbeddedMetrics,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, lambda_runtime::Error> {
    let LambdaEvent { payload, context } = event;
    let records = payload.records.len();
    let span = tracing::info_span!(
        "lambda.invocation",
        request.id = context.request_id,
        xray.trace_id = context.xray_trace_id,
    );
    async {
        let answer = function
            .handle(payload, time_left(clock.now(), context.deadline))
            .await;
        report(records, &answer);
        let properties = [("request.id", context.request_id.as_str())];
        if let Err(error) = metrics.write(clock.now(), &properties, &mut io::stdout().lock()) {
            tracing::warn!(error = %Chain(&error), "metrics are lost");
        }
        Ok(answer?)
    }
    .instrument(span)
    .await
}

fn report(records: usize, answer: &Result<SqsBatchResponse, FunctionError>) {
    match answer {
        Ok(answer) => {
            let failed = answer.batch_item_failures.len();
            tracing::info!(records, failed, "answered");
        }
        Err(error) => {
            tracing::error!(
                records,
                error = %Chain(error),
                "event failed as a whole"
            );
        }
    }
}

/// Lambda ends an environment that takes more than its memory, with everything that runs in it. So
/// a browser is replaced, and a page stopped, before it comes to that.
fn within(megabytes: u64, renderer: RendererConfig) -> RendererConfig {
    let memory = megabytes * 1024 * 1024;
    RendererConfig {
        browser_memory: renderer.browser_memory.min(memory / 4 * 3),
        page_memory: renderer.page_memory.min(memory / 2),
        ..renderer
    }
}

/// `deadline` in milliseconds since 1970.
fn time_left(now: Timestamp, deadline: u64) -> Duration {
    i64::try_from(deadline)
        .ok()
        .and_then(|deadline| Timestamp::from_millisecond(deadline).ok())
        // In the past, the duration is negative and does not convert.
        .and_then(|deadline| Duration::try_from(deadline.duration_since(now)).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_stays_within_the_memory_of_the_function() {
        const MIB: u64 = 1024 * 1024;
        let usual = RendererConfig::new("/tmp");
        let small = within(1024, usual.clone());
        assert_eq!(small.browser_memory, 768 * MIB);
        assert_eq!(small.page_memory, 512 * MIB);
        assert_eq!(within(10_240, usual.clone()), usual);
    }

    #[test]
    fn a_deadline_that_is_over_leaves_no_time() {
        let now = Timestamp::from_millisecond(1_000).unwrap();
        assert_eq!(time_left(now, 31_000), Duration::from_secs(30));
        assert_eq!(time_left(now, 999), Duration::ZERO);
        assert_eq!(time_left(now, u64::MAX), Duration::ZERO);
    }
}
