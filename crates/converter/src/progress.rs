//! Telling how far a job has come.

use std::future::pending;

use platen_api_types::Stage;
use platen_pipeline::{FencingToken, FileKey, Finish};
use platen_telemetry::Chain;
use tokio::{sync::watch, time::sleep};

use crate::clerk::Clerk;

impl Clerk {
    /// Writes down the stages that last, until the file turns out to be somebody else's. Progress is
    /// not the result: what cannot be written is not tried again.
    pub(crate) async fn tell_stages(
        &self,
        key: FileKey,
        token: FencingToken,
        mut stages: watch::Receiver<Stage>,
    ) {
        // The claim has told the first.
        let mut told = Stage::default();
        loop {
            let stage = *stages.borrow_and_update();
            let lasts = async {
                if stage == told {
                    pending::<()>().await;
                }
                sleep(self.settings.stage_patience).await;
            };
            tokio::select! {
                biased;
                moved_on = stages.changed() => match moved_on {
                    Ok(()) => continue,
                    // The job has ended, and telling that is not done here.
                    Err(_) => return pending().await,
                },
                () = lasts => {}
            }
            told = stage;
            match self.ports.index.advance(key, token, stage).await {
                Ok(Finish::Recorded) => {}
                Ok(Finish::Superseded) => return,
                Err(error) => tracing::warn!(
                    error = %Chain(&error),
                    stage = %stage,
                    "stage could not be told"
                ),
            }
        }
    }
}
