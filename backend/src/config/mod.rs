//! Configuration: embedded defaults, then parameters on AWS, then a TOML file, then the environment;
//! the last one wins. A value may be a reference to one on AWS, which is looked up before it is read.
//!
//! Every key is declared once, in [`sections`], with its documentation, default and type. The
//! loader, `platen config` and `docs/CONFIG.md` all read that declaration. Loading looks at every
//! key before it gives up, so that a person mends all mistakes in one go.

mod deployment;
mod error;
mod key;
mod lookup;
mod reader;
mod reference;
mod sections;
mod setting;
mod source;
mod vault;

pub use deployment::{AwsResources, Deployment, OrFolder, PipelinePlace};
pub use error::{ConfigErrors, Mistake};
pub use reader::{Effective, Origin};
pub use reference::{effective_toml, reference_markdown};
pub use sections::{Accounts, AwsNames, Config, Conversion, Data, Database, Log, Server, Sweep};
pub use setting::{Bounded, DatabaseUrl, JwtKey, List, Seconds, ServiceUrl, Setting};
pub use source::{SourceError, Sources};
pub use vault::Vault;
