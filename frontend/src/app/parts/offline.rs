use leptos::prelude::*;

use crate::app::{stores::Online, words::t};

/// A calm word while there is no connection. The region is there before its text, so that the text
/// is read out.
#[component]
pub fn Offline() -> impl IntoView {
    let online = expect_context::<Online>();
    let notice =
        move || (!online.get()).then(|| view! { <p class="notice">{t("app.offline")}</p> });
    view! { <div class="offline" role="status">{notice}</div> }
}
