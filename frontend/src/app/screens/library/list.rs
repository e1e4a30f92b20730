use leptos::prelude::*;

use super::{
    composer::FIELD,
    row::row_view,
    viewport::{ROWS, Viewport},
};
use crate::{
    app::{
        device,
        parts::Notice,
        stores::{Files, Loading, Place},
        words::{t, t_with},
    },
    logic::{Query, Row},
};

/// The rows, or what there is instead of rows.
#[component]
pub(super) fn List(draft: RwSignal<String>) -> impl IntoView {
    let files = expect_context::<Files>();
    let place = expect_context::<Place>();
    let view = expect_context::<Viewport>();
    let rows = Memo::new(move |_| files.rows(place.span().rows()));
    let length = Memo::new(move |_| files.len());
    let empty = move || length.get() == 0;
    let loading = Memo::new(move |_| files.loading());
    Effect::new(move |_| {
        rows.track();
        length.track();
        view.settle_soon();
    });

    let instead = move || match loading.get() {
        Loading::Done if empty() && files.query().is_everything() => nothing(draft),
        Loading::Done if empty() => no_match(&files.query()),
        Loading::First if empty() => waiting(),
        Loading::Failed(error) => {
            let text = error.sentence();
            view! { <Notice text retry=move |()| retry(files)/> }.into_any()
        }
        _ => ().into_any(),
    };
    let more = move || {
        (files.has_more() && loading.get() == Loading::More)
            .then(|| view! { <p class="more">{t("library.loading_more")}</p> })
    };
    let above = move || format!("{}px", place.span().above);
    let below = move || format!("{}px", place.span().below);
    view! {
        <div node_ref=view.frame>
            <div style:height=above></div>
            <ol
                class="rows"
                id=ROWS
                role="list"
                tabindex="-1"
                aria-labelledby="library"
                node_ref=view.list
                on:focusin=move |_| view.entered()
            >
                <For each=move || rows.get() key=Row::key let:row>
                    {row_view(row)}
                </For>
            </ol>
            <div style:height=below></div>
        </div>
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

/// An empty library shows how to begin.
fn nothing(draft: RwSignal<String>) -> AnyView {
    const EXAMPLE: &str = "https://en.wikipedia.org/wiki/Printing_press";
    let fill = move |_| {
        draft.set(EXAMPLE.to_owned());
        device::focus_first(&[FIELD.to_owned()]);
    };
    view! {
        <div class="empty">
            <h2>{t("library.empty")}</h2>
            <p>{t("library.empty_hint")}</p>
            <p><button class="quiet" type="button" on:click=fill>{t("library.example")}</button></p>
        </div>
    }
    .into_any()
}

fn no_match(query: &Query) -> AnyView {
    let text = if query.text.is_empty() {
        t("library.none_in_state")
    } else {
        t_with("library.none_match", &[("text", &query.text)])
    };
    view! {
        <div class="empty" role="status">
            <p>{text}</p>
            <p><a class="quiet" href="/">{t("library.show_all")}</a></p>
        </div>
    }
    .into_any()
}

/// Rows to come, while the first ones are on their way.
fn waiting() -> AnyView {
    view! {
        <div class="waiting" role="status">
            <span class="unseen">{t("library.loading")}</span>
            <i></i>
            <i></i>
            <i></i>
        </div>
    }
    .into_any()
}
