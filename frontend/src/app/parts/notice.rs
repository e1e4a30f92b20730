use leptos::prelude::*;

/// Something went wrong in a part of the page, and the button that tries again.
#[component]
pub fn Notice(#[prop(into)] text: String, #[prop(into)] retry: Callback<()>) -> impl IntoView {
    view! {
        <div class="notice" role="alert">
            <p>{text}</p>
            <button class="quiet" type="button" on:click=move |_| retry.run(())>"Try again"</button>
        </div>
    }
}
