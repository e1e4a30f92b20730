use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use platen_api_types::{Credentials, FieldError, Username, limits};

use super::field::{Field, Kind};
use crate::{
    app::{
        device,
        stores::Session,
        words::{t, t_with},
    },
    logic::CallError,
};

const USERNAME: &str = "/username";
const PASSWORD: &str = "/password";

/// User name and password, to sign in with or, when `new`, to make an account of.
#[component]
pub fn CredentialsForm(new: bool) -> impl IntoView {
    let session = expect_context::<Session>();
    let username = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let error = RwSignal::new(None::<CallError>);
    let busy = RwSignal::new(false);

    let refuse = move |reason: CallError| {
        let first = if reason.about(USERNAME).is_some() {
            "username"
        } else {
            "password"
        };
        error.set(Some(reason));
        device::focus_first(&[first.to_owned()]);
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let credentials = Credentials {
            username: username.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        if let Err(reason) = check(&credentials, new) {
            refuse(reason);
            return;
        }
        error.set(None);
        busy.set(true);
        spawn_local(async move {
            let answer = if new {
                session.sign_up(&credentials).await
            } else {
                session.sign_in(&credentials).await
            };
            // Signed in, the screen is gone and its signals with it.
            busy.try_set(false);
            if let Err(reason) = answer {
                refuse(reason);
            }
        });
    };

    let about = move |pointer| {
        Signal::derive(move || {
            error.with(|error| error.as_ref().and_then(|error| error.about(pointer)))
        })
    };
    let beside = move || {
        error
            .with(|error| error.as_ref()?.beside(&[USERNAME, PASSWORD]))
            .map(|text| view! { <p class="form-error">{text}</p> })
    };
    let (name_hint, password_hint, kind, action) = if new {
        (
            t("app.user_name_hint"),
            t("app.password_hint"),
            Kind::NewPassword,
            t("app.create"),
        )
    } else {
        (
            String::new(),
            String::new(),
            Kind::CurrentPassword,
            t("app.sign_in"),
        )
    };
    view! {
        <form class="credentials" method="post" novalidate on:submit=submit>
            <div role="alert">{beside}</div>
            <Field
                id="username"
                label=t("app.user_name")
                kind=Kind::Username
                value=username
                hint=name_hint
                error=about(USERNAME)
            />
            <Field
                id="password"
                label=t("app.password")
                kind
                value=password
                hint=password_hint
                error=about(PASSWORD)
            />
            <button class="primary" type="submit" aria-disabled=move || busy.get().to_string()>
                {move || if busy.get() { t("app.one_moment") } else { action.clone() }}
            </button>
        </form>
    }
}

/// What can be told without asking the server, in the shape the server tells it.
fn check(credentials: &Credentials, new: bool) -> Result<(), CallError> {
    let mut errors = Vec::new();
    let mut refuse = |pointer: &str, detail: String| {
        errors.push(FieldError {
            pointer: pointer.to_owned(),
            detail,
        });
    };
    if credentials.username.is_empty() {
        refuse(USERNAME, t("app.enter_user_name"));
    } else if new && credentials.username.parse::<Username>().is_err() {
        refuse(USERNAME, t("app.user_name_form"));
    }
    if credentials.password.is_empty() {
        refuse(PASSWORD, t("app.enter_password"));
    } else if new && !limits::PASSWORD_BYTES.contains(&credentials.password.len()) {
        refuse(PASSWORD, password_length());
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(CallError::of_fields(errors))
}

/// How long a password may be.
pub fn password_length() -> String {
    let (least, most) = limits::PASSWORD_BYTES.into_inner();
    t_with(
        "app.password_length",
        &[("least", &least.to_string()), ("most", &most.to_string())],
    )
}
