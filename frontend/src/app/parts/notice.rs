use leptos::prelude::*;

use crate::app::words::t;

/// Something went wrong in a part of the page, and the button that tries again.
#[component]
pub fn Notice(#[prop(into)] text: String, #[prop(into)] retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="notice" role="alert">
            <p>{text}</p>
            <button class="quiet" type="button" on:click=move |_| retry.run(())>{t("app.try_again")}</button>
        </div>
    }
}
