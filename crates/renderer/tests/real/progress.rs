//! How far a job says that it is.

use std::time::{Duration, Instant};

use platen_api_types::{PdfOptions, Stage as Reached};
use tokio_util::sync::CancellationToken;

use crate::{
    site::Answer,
    stage::{Stage, run},
};

#[test]
fn a_job_tells_when_the_page_is_printed() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html(
            "<p>told<script>addEventListener('beforeprint', () => {
                const end = performance.now() + 500;
                while (performance.now() < end);
            })</script>",
        ));
        let job = stage.job(&path, PdfOptions::default());
        let mut stages = job.stage.subscribe();
        assert_eq!(*stages.borrow_and_update(), Reached::Loading);
        let rendering = stage.renderer.render(job, CancellationToken::new());
        tokio::pin!(rendering);
        tokio::select! {
            _ = &mut rendering => panic!("printed without a word"),
            told = stages.wait_for(|stage| *stage == Reached::Printing) => drop(told.unwrap()),
        }
        let told = Instant::now();
        rendering.await.unwrap();
        assert!(told.elapsed() >= Duration::from_millis(500));
    });
}
