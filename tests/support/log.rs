//! The output of a program under test.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::mpsc,
};

/// What a program printed; shown by the test harness when a test fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

impl Log {
    /// Takes in an output to its end, and passes each line on to `found`.
    pub(crate) fn follow(
        &self,
        output: Option<impl AsyncRead + Send + Unpin + 'static>,
        found: mpsc::UnboundedSender<String>,
    ) {
        let log = self.clone();
        let Some(output) = output else { return };
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                log.add(&line);
                // Nobody listens any more once the program is ready.
                let _ = found.send(line);
            }
        });
    }

    #[expect(
        clippy::print_stderr,
        reason = "the test harness shows it for tests that fail"
    )]
    fn add(&self, line: &str) {
        eprintln!("platen: {line}");
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
    }

    pub(crate) fn text(&self) -> String {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone()
    }
}
