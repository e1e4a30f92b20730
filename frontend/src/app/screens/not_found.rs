use leptos::prelude::*;

use crate::app::{device, words::t};

#[component]
pub fn NotFound() -> impl IntoView {
    device::arrive(&t("app.not_found"));
    view! {
        <main id="main" class="page narrow">
            <h1>{t("app.no_such_page")}</h1>
            <p class="lead">{t("app.mistyped")}</p>
            <p><a class="primary" href="/">{t("app.to_library")}</a></p>
        </main>
    }
}
