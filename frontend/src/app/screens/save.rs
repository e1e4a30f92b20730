use leptos::prelude::*;

use crate::{
    app::{
        router::{NavigateOptions, use_navigate, use_query_map},
        stores::{Session, SessionState, Shared},
    },
    logic::shared,
};

/// Where other apps and the bookmarklet send what is to be saved. The composer takes it from here,
/// after signing in if need be.
#[component]
pub fn Save() -> impl IntoView {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    if let Some(text) = use_query_map().with_untracked(shared) {
        expect_context::<Shared>().put(text);
    }
    Effect::new(move |_| {
        let next = match session.get() {
            SessionState::Asking => return,
            SessionState::Nobody(_) => "/sign-in",
            SessionState::Unanswered(_) | SessionState::Person { .. } => "/",
        };
        let replace = NavigateOptions {
            replace: true,
            ..NavigateOptions::default()
        };
        navigate(next, replace);
    });
    view! { <main id="main" class="page" aria-busy="true"></main> }
}
