//! Index, queues and store.

use std::sync::Arc;

use anyhow::Context;
use platen_converter::Ports;
use platen_pipeline::{Clock, ConversionQueue};
use platen_pipeline_aws::Aws;
use platen_pipeline_local::{LocalPipeline, LocalSettings};

use super::folders;
use crate::config::{Config, PipelinePlace};

/// The ports, wherever they lead.
pub struct Pipeline {
    pub ports: Ports,
    pub dead_letters: Arc<dyn ConversionQueue>,
    /// To be closed in the end.
    local: Option<LocalPipeline>,
}

impl Pipeline {
    /// Opens the one on this machine, or the one on AWS, whichever is configured. Nothing on AWS is
    /// asked for before it is needed: a server that comes up while it is away is not ready, and
    /// becomes so by itself.
    pub async fn open(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        match &config.deployment.pipeline {
            PipelinePlace::Folder(folder) => {
                folders::prepare_data_dir(folder)?;
                let local = LocalPipeline::open(folder, clock, LocalSettings::default())
                    .await
                    .context("the data folder cannot be used")?;
                Ok(Self {
                    ports: Ports {
                        index: local.index.clone(),
                        queue: local.queue.clone(),
                        store: local.store.clone(),
                    },
                    dead_letters: local.dead_letters.clone(),
                    local: Some(local),
                })
            }
            PipelinePlace::Aws(names) => {
                let aws = Aws::from_env().await.context("AWS cannot be used")?;
                Ok(Self {
                    ports: Ports {
                        index: Arc::new(aws.index(&names.table, clock)),
                        queue: Arc::new(aws.queue(names.queue.as_str())),
                        store: Arc::new(aws.store(&names.bucket)),
                    },
                    dead_letters: Arc::new(aws.queue(names.dead_letters.as_str())),
                    local: None,
                })
            }
        }
    }

    pub async fn close(&self) {
        if let Some(local) = &self.local {
            local.close().await;
        }
    }
}
