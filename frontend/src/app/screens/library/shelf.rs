use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*};
use platen_api_types::FileStatus;

use crate::{
    app::{
        router::{NavigateOptions, use_navigate},
        words::t,
    },
    logic::Query,
};

/// A pause in typing that long is a question.
const PAUSE: Duration = Duration::from_millis(250);

/// The heading of the list, and what narrows it.
#[component]
pub(super) fn Shelf(query: Memo<Query>) -> impl IntoView {
    let navigate = use_navigate();
    let go = Callback::new(move |query: Query| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
        };
        navigate(&href(&query), options);
    });
    let mut search = debounce(PAUSE, move |text: String| {
        go.run(Query::new(&text, query.get_untracked().status));
    });
    let filters = [
        (t("library.all"), None),
        (t("library.waiting"), Some(FileStatus::Queued)),
        (t("library.rendering"), Some(FileStatus::Rendering)),
        (t("library.ready"), Some(FileStatus::Ready)),
        (t("library.failed"), Some(FileStatus::Failed)),
    ]
    .map(|(label, status)| {
        view! {
            <button
                class="filter"
                type="button"
                aria-pressed=move || query.with(|query| query.status == status).to_string()
                on:click=move |_| {
                    go.run(Query { status, ..query.get_untracked() });
                }
            >
                {label}
            </button>
        }
    });
    view! {
        <div class="shelf">
            <h1 id="library">{t("library.title")}</h1>
            <div class="filters" role="group" aria-label=t("library.show")>{filters.into_iter().collect_view()}</div>
            <search class="search">
                <label class="unseen" for="search">{t("library.search_label")}</label>
                <input
                    id="search"
                    type="search"
                    placeholder=t("library.search")
                    autocomplete="off"
                    prop:value=move || query.with(|query| query.text.clone())
                    on:input:target=move |event| search(event.target().value())
                />
            </search>
        </div>
    }
}

/// The address of the library narrowed to `query`.
fn href(query: &Query) -> String {
    let pairs: Vec<_> = query
        .parameters(None)
        .into_iter()
        .map(|(name, value)| format!("{name}={}", js_sys::encode_uri_component(&value)))
        .collect();
    if pairs.is_empty() {
        "/".to_owned()
    } else {
        format!("/?{}", pairs.join("&"))
    }
}
