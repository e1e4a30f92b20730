use std::time::Duration;

use leptos::{leptos_dom::helpers::debounce, prelude::*};
use platen_api_types::{FileStatus, Order};

use crate::{
    app::{
        router::{NavigateOptions, use_navigate},
        words::t,
    },
    logic::Query,
};

/// A pause in typing that long is a question.
const PAUSE: Duration = Duration::from_millis(250);

/// What one button of the shelf stands for.
#[derive(Clone, Copy)]
enum Choice {
    State(Option<FileStatus>),
    First(Order),
}

impl Choice {
    fn made(self, query: Query) -> Query {
        match self {
            Self::State(status) => Query { status, ..query },
            Self::First(order) => Query { order, ..query },
        }
    }

    fn is_made(self, query: &Query) -> bool {
        match self {
            Self::State(status) => query.status == status,
            Self::First(order) => query.order == order,
        }
    }
}

/// The heading of the list, what narrows it and what orders it.
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
        let Query { status, order, .. } = query.get_untracked();
        go.run(Query::new(&text, status, order));
    });
    let button = move |(label, choice): (&str, Choice)| {
        view! {
            <button
                class="filter"
                type="button"
                aria-pressed=move || query.with(|query| choice.is_made(query)).to_string()
                on:click=move |_| go.run(choice.made(query.get_untracked()))
            >
                {t(label)}
            </button>
        }
    };
    let states = vec![
        ("library.all", Choice::State(None)),
        ("library.waiting", Choice::State(Some(FileStatus::Queued))),
        (
            "library.rendering",
            Choice::State(Some(FileStatus::Rendering)),
        ),
        ("library.ready", Choice::State(Some(FileStatus::Ready))),
        ("library.failed", Choice::State(Some(FileStatus::Failed))),
    ];
    let orders = vec![
        ("library.newest_first", Choice::First(Order::Newest)),
        ("library.oldest_first", Choice::First(Order::Oldest)),
    ];
    let group = move |label, choices: Vec<_>| {
        let buttons: Vec<_> = choices.into_iter().map(button).collect();
        view! { <div class="filters" role="group" aria-label=t(label)>{buttons}</div> }
    };
    view! {
        <div class="shelf">
            <h1 id="library">{t("library.title")}</h1>
            {group("library.show", states)}
            {group("library.order", orders)}
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
