use leptos::prelude::*;

use crate::app::{
    device,
    parts::Notice,
    stores::{Answer, Session, SessionState},
    words::t,
};

/// A screen of the account, for whoever is signed in: its heading, the ways to its sisters, and
/// `body`. Who is not signed in is on the way to do so.
pub(super) fn page(path: &'static str, title: String, body: fn() -> AnyView) -> AnyView {
    let session = expect_context::<Session>();
    device::arrive(&title);
    // Another name is not another screen.
    let state = Memo::new(move |_| match session.get() {
        SessionState::Person { .. } => Some(Ok(())),
        SessionState::Unanswered(error) => Some(Err(error)),
        SessionState::Asking | SessionState::Nobody(_) => None,
    });
    let content = move || match state.get() {
        Some(Ok(())) => body(),
        Some(Err(error)) => {
            view! { <Notice text=error.sentence() retry=move |()| session.ask()/> }.into_any()
        }
        None => ().into_any(),
    };
    view! {
        <main id="main" class="page account">
            <h1>{title}</h1>
            <nav class="account-ways" aria-label=t("account.title")>
                {way(path, "/account", t("account.overview"))}
                {way(path, "/account/keys", t("account.keys"))}
                {way(path, "/account/webhooks", t("account.webhooks"))}
            </nav>
            {content}
        </main>
    }
    .into_any()
}

fn way(here: &str, path: &'static str, label: String) -> AnyView {
    let current = (here == path).then_some("page");
    view! { <a href=path aria-current=current>{label}</a> }.into_any()
}

/// A part of a screen, with its heading in the margin.
pub(super) fn section(id: &'static str, heading: String, body: AnyView) -> AnyView {
    view! {
        <section class="part" aria-labelledby=id>
            <h2 id=id tabindex="-1">{heading}</h2>
            <div class="part-body">{body}</div>
        </section>
    }
    .into_any()
}

/// What stands above an answer, or in its place while it is not here.
pub(super) fn progress<T: Clone + PartialEq + Send + Sync>(
    answer: Answer<T>,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let stand_in = move || match answer.failure() {
        Some(error) => view! { <Notice text=error.sentence() retry=move |()| again()/> }.into_any(),
        None if answer.is_waiting() => {
            view! { <p class="part-waiting" role="status">{t("app.one_moment")}</p> }.into_any()
        }
        None => ().into_any(),
    };
    stand_in.into_any()
}
