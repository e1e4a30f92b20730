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
    let entrance = move || match session.get() {
        SessionState::Nobody(_) if location.pathname() == "/sign-in" => {
            Some(view! { <a class="quiet" href="/sign-up">{t("app.create_account")}</a> })
        }
        SessionState::Nobody(_) => {
            Some(view! { <a class="quiet" href="/sign-in">{t("app.sign_in")}</a> })
        }
        _ => None,
    };
    let who = move || {
        session.username().map(|username| {
            let named = t_with("account.yours", &[("name", &username)]);
            view! { <a class="who" href="/account" aria-label=named>{username}</a> }
        })
    };
    let exit = move || session.username().map(|_| view! { <SignOut/> });
    view! {
        <header class="masthead">
            <a class="wordmark" href="/">"Platen"</a>
            <div class="corner">
                {who}
                <a class="quiet" href="/settings">{t("settings.title")}</a>
                {entrance}
                {exit}
            </div>
        </header>
    }
}

#[component]
fn SignOut() -> impl IntoView {
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
    view! {
        <button class="quiet" type="button" on:click=leave aria-disabled=move || leaving.get().to_string()>
            {t("app.sign_out")}
        </button>
    }
}
