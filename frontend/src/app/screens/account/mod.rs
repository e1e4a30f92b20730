//! The account: who one is, and what works in one's name.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is loaded later may not arrive"
)]

mod deletion;
mod keys;
mod overview;
mod page;
mod password;
mod time;
mod webhooks;

use leptos::prelude::*;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::{keys::KeysScreen, overview::AccountScreen, webhooks::WebhooksScreen};
use crate::app::parts::{Loading, View};

/// The screens, which are loaded together: whoever opens one is near the others.
struct Screens {
    account: View,
    keys: View,
    webhooks: View,
}

#[wasm_split(account, fallible)]
fn screens() -> Result<Screens, SplitLoaderError> {
    Ok(Screens {
        account: || AccountScreen().into_any(),
        keys: || KeysScreen().into_any(),
        webhooks: || WebhooksScreen().into_any(),
    })
}

pub fn account() -> Loading {
    Box::pin(async { Ok(screens().await?.account) })
}

pub fn keys() -> Loading {
    Box::pin(async { Ok(screens().await?.keys) })
}

pub fn webhooks() -> Loading {
    Box::pin(async { Ok(screens().await?.webhooks) })
}
