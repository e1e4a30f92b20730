//! The conversion pipeline in domain words.
//!
//! A *request* makes a [`FileRecord`] in the [`FileIndex`] and a [`Message`] in the
//! [`ConversionQueue`]; the converter claims the record, renders, puts the PDF into the
//! [`PdfStore`], finishes the record and acknowledges the message last. Deletion takes the same
//! road: record to `deleting`, message, object removed, record removed.
//!
//! The ports are traits without a word of any SDK. Every adapter passes the suites of the
//! `contract` module (feature `contract`), so that the product behaves alike on one machine and on AWS.

mod clock;
#[cfg(feature = "contract")]
pub mod contract;
mod index;
mod key;
mod message;
mod name;
mod queue;
mod record;
mod search;
mod store;
mod stored_options;

pub use clock::{Clock, SystemClock};
pub use index::{
    Change, Claim, FileIndex, FileKey, FileQuery, Finish, Idempotency, IndexError, NewFile, Page,
    Put, Quota, REMEMBERED, Revision,
};
pub use key::{FencingToken, KeyError, PdfKey};
pub use message::{Job, Message, MessageError};
pub use name::{FileName, NameError};
pub use queue::{ConversionQueue, Delivery, QueueError, Receipt};
pub use record::{FileRecord, FileState, Lease, Outcome, PdfFacts};
pub use search::{SearchText, fold_case};
pub use store::{ByteRange, ByteStream, PdfObject, PdfStore, StoreError, Stored};
pub use stored_options::{read_options, write_options};
