//! Configuration: embedded defaults, then a TOML file, then the environment; the last one wins.
//!
//! Every key is declared once, in [`sections`], with its documentation, default and type. The
//! loader, `platen config` and `docs/CONFIG.md` all read that declaration. Loading looks at every
//! key before it gives up, so that a person mends all mistakes in one go.

mod error;
mod key;
mod reader;
mod reference;
mod sections;
mod setting;
mod source;

pub use error::{ConfigErrors, Mistake};
pub use reader::{Effective, Origin};
pub use reference::{effective_toml, reference_markdown};
pub use sections::{Accounts, Config, Conversion, Data, Database, Log, Server};
pub use setting::{Bounded, JwtKey, List, Seconds, Setting};
pub use source::{SourceError, Sources};
