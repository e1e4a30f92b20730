use leptos::prelude::*;

use super::{entry::welcome, library::LibraryScreen};
use crate::app::{
    parts::{Notice, later_screen},
    stores::{Session, SessionState},
    words::t,
};

/// The library of the person who is signed in, or what Platen is.
#[component]
pub fn Home() -> impl IntoView {
    let session = expect_context::<Session>();
    let state = Memo::new(move |_| session.get());
    move || match state.get() {
        SessionState::Asking => {
            view! { <main id="main" class="page" aria-busy="true"></main> }.into_any()
        }
        SessionState::Unanswered(error) => {
            let text = error.sentence();
            view! {
                <main id="main" class="page">
                    <h1>{t("app.no_answer")}</h1>
                    <Notice text retry=move |()| session.ask()/>
                </main>
            }
            .into_any()
        }
        SessionState::Nobody(_) => later_screen(welcome),
        SessionState::Person { .. } => view! { <LibraryScreen/> }.into_any(),
    }
}
