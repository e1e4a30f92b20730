use leptos::{ev::SubmitEvent, prelude::*};
use platen_api_types::{PasswordChange, limits};

use crate::app::{
    parts::{Field, Form, Kind, check, password_length},
    stores::{Deletions, Session, Toasts},
    words::t,
};

const CURRENT: &str = "current_password";
const NEW: &str = "new_password";

/// The form that changes the password.
pub(super) fn password() -> AnyView {
    let session = expect_context::<Session>();
    let deletions = expect_context::<Deletions>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&[CURRENT, NEW]);
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        let change = PasswordChange {
            current_password: current.get_untracked(),
            new_password: new.get_untracked(),
        };
        form.send(&event, async move {
            check(vec![
                (
                    CURRENT,
                    change.current_password.is_empty(),
                    t("account.enter_current_password"),
                ),
                (
                    NEW,
                    !limits::PASSWORD_BYTES.contains(&change.new_password.len()),
                    password_length(),
                ),
            ])?;
            deletions.flush().await;
            session.change_password(&change).await?;
            current.try_set(String::new());
            new.try_set(String::new());
            toasts.say(t("account.password_changed"));
            Ok(())
        });
    };
    let name = session.username().unwrap_or_default();
    view! {
        <form class="part-form" method="post" novalidate on:submit=submit>
            <p class="lead">{t("account.password_note")}</p>
            {form.alert()}
            // Tells a password manager whose password it is.
            <input type="text" autocomplete="username" value=name hidden/>
            <Field
                id=CURRENT
                label=t("account.current_password")
                kind=Kind::CurrentPassword
                value=current
                error=form.about(CURRENT)
            />
            <Field
                id=NEW
                label=t("account.new_password")
                kind=Kind::NewPassword
                value=new
                hint=t("app.password_hint")
                error=form.about(NEW)
            />
            {form.button("primary", t("account.change_password"))}
        </form>
    }
    .into_any()
}
