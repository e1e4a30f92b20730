//! What the program is made of. Only here concrete adapters are named.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use platen_converter::{Converter, ConverterSettings, Ports};
use platen_egress::{Egress, SystemResolver};
use platen_pipeline::{Clock, ConversionQueue, SystemClock};
use platen_pipeline_aws::{Aws, SqsQueue};
use platen_renderer::{LaunchError, Renderer, StartError};

use crate::Config;

/// The converter on AWS, and what it works with.
pub struct Parts {
    pub converter: Converter,
    pub queue: Arc<dyn ConversionQueue>,
    pub renderer: Renderer,
    pub clock: Arc<dyn Clock>,
}

impl Parts {
    /// Starts the browser. `queue` makes of the queue in SQS the one that the converter works on.
    pub async fn start<Q>(
        config: &Config,
        queue: impl FnOnce(SqsQueue) -> Q,
    ) -> anyhow::Result<Self>
    where
        Q: ConversionQueue + 'static,
    {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let policy = config.egress_allow.clone();
        let egress = Egress::new(policy.clone(), Arc::new(SystemResolver::from_system()?));
        let browser = async {
            let started = Renderer::start(config.renderer.clone(), egress).await;
            started.map_err(explain)
        };
        let aws = async { Aws::from_env().await.context("aws cannot be asked") };
        // Both at once: this is what a cold start waits for.
        let (renderer, aws) = tokio::try_join!(browser, aws)?;
        let queue: Arc<dyn ConversionQueue> = Arc::new(queue(aws.queue(&config.queue_url)));
        let ports = Ports {
            index: Arc::new(aws.index(&config.table, Arc::clone(&clock))),
            queue: Arc::clone(&queue),
            store: Arc::new(aws.store(&config.bucket)),
        };
        let converter = Converter::new(
            ports,
            Arc::new(renderer.clone()),
            policy,
            Arc::clone(&clock),
            settings(config.lease),
        );
        Ok(Self {
            converter,
            queue,
            renderer,
            clock,
        })
    }
}

/// A sign of life may get lost, and the one after it be late.
const SIGNS_OF_LIFE: u32 = 3;

fn settings(lease: Duration) -> ConverterSettings {
    ConverterSettings {
        lease,
        heartbeat: lease / SIGNS_OF_LIFE,
        ..ConverterSettings::default()
    }
}

/// The renderer does not know how its settings are called here.
fn explain(error: StartError) -> anyhow::Error {
    let advice = match &error {
        StartError::Launch(LaunchError::NoSandbox | LaunchError::User(_)) => {
            "the browser cannot be confined; where something else contains it, as Lambda does, \
             set PLATEN_ALLOW_NO_SANDBOX=true"
        }
        StartError::Launch(LaunchError::Binary(_)) => {
            "there is no browser; name one in PLATEN_CHROMIUM"
        }
        StartError::Launch(LaunchError::WorkDir { .. } | LaunchError::Barrier(_))
        | StartError::Sweep(_) => {
            "the browser has no place to write to; name one in PLATEN_WORK_DIR"
        }
        StartError::Launch(_) => "the browser cannot be started",
    };
    anyhow::Error::new(error).context(advice)
}
