use leptos::{prelude::*, task::spawn_local};

use crate::app::{
    router::Location,
    stores::{Deletions, Session, SessionState, Toasts},
    words::{t, t_with},
};

/// The top of every page. Its first paint is in `index.html`, in the same words.
#[component]
pub fn Masthead() -> impl IntoView {
    let session = expect_context::<Session>();
    let location = expect_context::<Location>();
    let corner = move || match session.get() {
        SessionState::Person { username } => view! { <Signed username/> }.into_any(),
        SessionState::Nobody(_) if location.pathname() == "/sign-in" => {
            view! { <a class="quiet" href="/sign-up">{t("app.create_account")}</a> }.into_any()
        }
        SessionState::Nobody(_) => {
            view! { <a class="quiet" href="/sign-in">{t("app.sign_in")}</a> }.into_any()
        }
        SessionState::Asking | SessionState::Unanswered(_) => ().into_any(),
    };
    view! {
        <header class="masthead">
            <a class="wordmark" href="/">"Platen"</a>
            <div class="corner">{corner}</div>
        </header>
    }
}

#[component]
fn Signed(username: String) -> impl IntoView {
    let session = expect_context::<Session>();
    let deletions = expect_context::<Deletions>();
    let toasts = expect_context::<Toasts>();
    let leaving = RwSignal::new(false);
    let leave = move |_| {
        if leaving.get_untracked() {
            return;
        }
        leaving.set(true);
        spawn_local(async move {
            deletions.flush().await;
            if let Err(error) = session.sign_out().await {
                let why = error.sentence();
                toasts.say(t_with("app.still_signed_in", &[("why", &why)]));
                leaving.set(false);
            }
        });
    };
    let named = t_with("account.yours", &[("name", &username)]);
    view! {
        <a class="who" href="/account" aria-label=named>{username}</a>
        <button class="quiet" type="button" on:click=leave aria-disabled=move || leaving.get().to_string()>
            {t("app.sign_out")}
        </button>
    }
}
