use leptos::prelude::*;

use crate::app::device;

#[component]
pub fn NotFound() -> impl IntoView {
    device::arrive("Not found");
    view! {
        <main id="main" class="page narrow">
            <h1>"There is no such page"</h1>
            <p class="lead">"The address may be mistyped, or the page may have moved."</p>
            <p><a class="primary" href="/">"Go to the library"</a></p>
        </main>
    }
}
