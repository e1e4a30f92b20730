//! Removing a file.

use platen_pipeline::{ConversionQueue, FileIndex, FileKey, IndexError, Message};
use platen_telemetry::Chain;

/// Takes a file out of every list, and sends word that its PDF and record have to go.
pub(crate) async fn remove(
    index: &dyn FileIndex,
    queue: &dyn ConversionQueue,
    key: FileKey,
    trace_parent: Option<&str>,
) -> Result<(), IndexError> {
    index.mark_deleting(key).await?;
    let message = Message {
        trace_parent: trace_parent.map(str::to_owned),
        ..Message::delete(key.user, key.file)
    };
    // The mark is what counts: a message that is lost here is sent again by the sweeper.
    if let Err(error) = queue.send(&message).await {
        tracing::warn!(file.id = %key.file, error = %Chain(&error), "left to the sweeper");
    }
    Ok(())
}
