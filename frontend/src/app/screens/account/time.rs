use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    app::device::{self, Now},
    logic::ago,
};

/// How long ago, or on which day. Moves on by itself where it is read reactively.
pub(super) fn when(time: Timestamp) -> String {
    let now = expect_context::<Now>().get();
    ago(time, now).unwrap_or_else(|| device::day(time))
}
