use leptos::prelude::*;

use crate::{
    app::{
        device,
        parts::CredentialsForm,
        router::{NavigateOptions, use_navigate, use_query_map},
        stores::{Session, SessionState},
        words::t,
    },
    logic::way_back,
};

#[component]
pub fn SignIn() -> impl IntoView {
    device::arrive(&t("app.sign_in"));
    leave_when_signed_in();
    let session = expect_context::<Session>();
    let reason = move || match session.get() {
        SessionState::Nobody(Some(reason)) => {
            Some(view! { <p class="notice" role="status">{reason.sentence()}</p> })
        }
        _ => None,
    };
    view! {
        <main id="main" class="page narrow">
            <h1>{t("app.sign_in")}</h1>
            {reason}
            <CredentialsForm new=false/>
            <p class="aside">{t("app.new_here")} " " <a href="/sign-up">{t("app.create_account")}</a></p>
        </main>
    }
}

/// Someone who is signed in, by this form or already, belongs where they wanted to go, or in the
/// library.
pub(super) fn leave_when_signed_in() {
    let session = expect_context::<Session>();
    let navigate = use_navigate();
    let asked = use_query_map();
    Effect::new(move |_| {
        if session.username().is_some() {
            let replace = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            let next = asked.with_untracked(|asked| asked.get("next"));
            navigate(way_back(next.as_deref()), replace);
        }
    });
}
