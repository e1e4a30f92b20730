use leptos::prelude::*;

use crate::app::stores::Toasts;

/// Reads out what changed, politely. There from the start: a region that appears together with its
/// text is not read.
#[component]
pub fn LiveRegion() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <p class="unseen" role="status" aria-live="polite">{move || toasts.announcement()}</p>
    }
}
