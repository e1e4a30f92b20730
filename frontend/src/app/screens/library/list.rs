use leptos::prelude::*;

use super::{composer::FIELD, row::row_view};
use crate::{
    app::{
        device,
        parts::Notice,
        stores::{Files, Loading},
    },
    logic::{Query, Row},
};

/// The rows, or what there is instead of rows.
#[component]
pub(super) fn List(draft: RwSignal<String>) -> impl IntoView {
    let files = expect_context::<Files>();
    let rows = Memo::new(move |_| files.rows());
    let empty = move || rows.with(Vec::is_empty);
    let loading = Memo::new(move |_| files.loading());

    let instead = move || match loading.get() {
        Loading::Done if empty() && files.query().is_everything() => {
            view! { <Nothing draft/> }.into_any()
        }
        Loading::Done if empty() => view! { <NoMatch query=files.query()/> }.into_any(),
        Loading::First if empty() => view! { <Waiting/> }.into_any(),
        Loading::Failed(error) => {
            let text = error.sentence();
            view! { <Notice text retry=move |()| retry(files)/> }.into_any()
        }
        _ => ().into_any(),
    };
    let more = move || {
        (files.has_more() && !matches!(loading.get(), Loading::First | Loading::Failed(_)))
            .then(|| view! { <More/> })
    };
    view! {
        <ol class="rows" role="list">
            <For each=move || rows.get() key=Row::key let:row>
                {row_view(row)}
            </For>
        </ol>
        {instead}
        {more}
    }
}

/// Goes on where the list broke off.
fn retry(files: Files) {
    if files.has_more() {
        files.load_more();
    } else {
        files.load();
    }
}

#[component]
fn More() -> impl IntoView {
    let files = expect_context::<Files>();
    let busy = move || files.loading() == Loading::More;
    view! {
        <p class="more">
            <button
                class="quiet"
                type="button"
                aria-disabled=move || busy().to_string()
                on:click=move |_| {
                    if !busy() {
                        files.load_more();
                    }
                }
            >
                {move || if busy() { "Loading…" } else { "Show older files" }}
            </button>
        </p>
    }
}

/// An empty library shows how to begin.
#[component]
fn Nothing(draft: RwSignal<String>) -> impl IntoView {
    const EXAMPLE: &str = "https://en.wikipedia.org/wiki/Printing_press";
    let fill = move |_| {
        draft.set(EXAMPLE.to_owned());
        device::focus_first(&[FIELD.to_owned()]);
    };
    view! {
        <div class="empty">
            <h2>"Nothing here yet"</h2>
            <p>
                "Paste the address of a page above and press Enter. It shows up here at once, and turns "
                "into a PDF in a moment: open it, download it, find it again by its words."
            </p>
            <p><button class="quiet" type="button" on:click=fill>"Try it with an article"</button></p>
        </div>
    }
}

#[component]
fn NoMatch(query: Query) -> impl IntoView {
    let text = if query.text.is_empty() {
        "No file is in this state.".to_owned()
    } else {
        format!("No file matches “{}”.", query.text)
    };
    view! {
        <div class="empty" role="status">
            <p>{text}</p>
            <p><a class="quiet" href="/">"Show all files"</a></p>
        </div>
    }
}

/// Rows to come, while the first ones are on their way.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="waiting" role="status">
            <span class="unseen">"Loading your files"</span>
            <i></i>
            <i></i>
            <i></i>
        </div>
    }
}
