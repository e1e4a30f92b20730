//! What somebody sees who is not signed in, and the way in.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

mod sign_in;
mod sign_up;
mod welcome;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{sign_in::SignIn, sign_up::SignUp, welcome::Welcome};
use crate::app::parts::{Loading, View};

/// The screens, which are loaded together: who sees one goes on to another.
struct Screens {
    welcome: View,
    sign_in: View,
    sign_up: View,
}

#[wasm_split(entry, fallible)]
fn screens() -> Result<Screens, SplitLoaderError> {
    Ok(Screens {
        welcome: || Welcome().into_any(),
        sign_in: || SignIn().into_any(),
        sign_up: || SignUp().into_any(),
    })
}

pub fn welcome() -> Loading {
    Box::pin(async { Ok(screens().await?.welcome) })
}

pub fn sign_in() -> Loading {
    Box::pin(async { Ok(screens().await?.sign_in) })
}

pub fn sign_up() -> Loading {
    Box::pin(async { Ok(screens().await?.sign_up) })
}
