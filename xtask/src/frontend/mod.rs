//! The web app's bundle: compile, split, bind, name by content, compress, write.

mod asset;
mod build;
mod bundle;
mod code;
mod compile;
mod dist;
mod place;
mod split;
mod squeeze;
mod stamp;
mod words;

pub(crate) use build::build;
pub(crate) use place::Mode;
