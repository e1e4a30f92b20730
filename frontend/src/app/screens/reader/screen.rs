use std::sync::Arc;

use leptos::prelude::*;
use platen_api_types::{File, FileId, FileStatus};

use super::{
    actions::{actions, library_link},
    details::details,
    sheet::sheet,
    states::{failure, gone, waiting},
};
use crate::{
    app::{
        device,
        parts::Notice,
        router::use_params_map,
        stores::{Page, Reading, Session, SessionState, Toasts},
        words::t,
    },
    logic::{host, title},
};

/// One file, for the person it belongs to. Others sign in first, and come back here.
#[component]
pub fn ReaderScreen() -> impl IntoView {
    let session = expect_context::<Session>();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get_str("id").map(str::to_owned)));
    let state = Memo::new(move |_| session.get());
    move || match state.get() {
        SessionState::Person { .. } => {
            // What is no id is no file's.
            match id.get().and_then(|id| id.parse::<FileId>().ok()) {
                Some(id) => open(id, session),
                None => frame(&t("reader.gone_title"), gone()),
            }
        }
        SessionState::Unanswered(error) => {
            let text = error.sentence();
            let notice = view! { <Notice text retry=move |()| session.ask()/> };
            frame(&t("reader.no_answer"), notice.into_any())
        }
        SessionState::Asking | SessionState::Nobody(_) => {
            view! { <main id="main" class="page reader" aria-busy="true"></main> }.into_any()
        }
    }
}

fn frame(heading: &str, content: AnyView) -> AnyView {
    device::arrive(heading);
    let heading = heading.to_owned();
    view! {
        <main id="main" class="page reader">
            {library_link()}
            <h1>{heading}</h1>
            {content}
        </main>
    }
    .into_any()
}

fn open(id: FileId, session: Session) -> AnyView {
    let reading = Reading::open(id, session, expect_context::<Toasts>());
    let page = Memo::new(move |_| reading.page());
    let heading = Memo::new(move |_| match page.get() {
        Page::Opening => t("reader.opening"),
        Page::Shown(file) => title(&file).to_owned(),
        Page::Gone => t("reader.gone_title"),
        Page::Failed(_) => t("reader.no_answer"),
    });
    device::arrive(&heading.get_untracked());
    Effect::new(move |_| device::name_tab(&heading.get()));
    let content = move || match page.get() {
        Page::Opening => ().into_any(),
        Page::Shown(file) => shown(reading, &file),
        Page::Gone => gone(),
        Page::Failed(error) => {
            let text = error.sentence();
            view! { <Notice text retry=move |()| reading.ask()/> }.into_any()
        }
    };
    view! {
        <main id="main" class="page reader">
            {library_link()}
            // One heading for all states: the keyboard that came to it stays.
            <h1 dir="auto" class:is-busy=move || page.get() == Page::Opening>{heading}</h1>
            {content}
        </main>
    }
    .into_any()
}

fn shown(reading: Reading, file: &Arc<File>) -> AnyView {
    // A file without a title goes by its address, which begins with the site.
    let place = host(file.final_url.as_deref().unwrap_or(&file.url)).to_owned();
    let place = (!title(file).starts_with(&place))
        .then(|| view! { <p class="reader-place" dir="ltr">{place}</p> });
    let content = match file.status {
        FileStatus::Ready => sheet(file),
        FileStatus::Failed => failure(reading, file),
        FileStatus::Queued | FileStatus::Rendering | FileStatus::Deleting => waiting(file.status),
    };
    view! {
        {place}
        {actions(file)}
        <div class="reader-body">
            {content}
            {details(file)}
        </div>
    }
    .into_any()
}
