//! The reader: one file, with what is known of it.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

mod actions;
mod details;
mod screen;
mod sheet;
mod states;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::screen::ReaderScreen;
use crate::app::parts::{Loading, View};

#[wasm_split(reader, fallible)]
fn screen() -> Result<View, SplitLoaderError> {
    Ok(|| ReaderScreen().into_any())
}

pub fn reader() -> Loading {
    Box::pin(screen())
}
