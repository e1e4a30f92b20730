use leptos::{ev::SubmitEvent, prelude::*};
use platen_api_types::ProblemCode;

use crate::app::{
    device,
    parts::{Field, Form, Kind, check},
    stores::Session,
    words::t,
};

const PASSWORD: &str = "password";
const OPEN: &str = "delete-account";

/// What deleting the account means, and the way there: one step more than a slip of the hand.
pub(super) fn deletion() -> AnyView {
    let open = RwSignal::new(false);
    let step = move || {
        if open.get() {
            return confirmation(open);
        }
        let begin = move |_| {
            open.set(true);
            device::focus_soon(PASSWORD);
        };
        view! {
            <button class="drastic" id=OPEN type="button" on:click=begin>
                {t("account.delete_account")}
            </button>
        }
        .into_any()
    };
    view! {
        <p class="lead">{t("account.deletion_note")}</p>
        {step}
    }
    .into_any()
}

fn confirmation(open: RwSignal<bool>) -> AnyView {
    let session = expect_context::<Session>();
    let form = Form::new(&[PASSWORD]);
    let password = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        let password = password.get_untracked();
        form.send(&event, async move {
            let empty = password.is_empty();
            check(vec![(PASSWORD, empty, t("app.enter_password"))])?;
            match session.delete_account(password).await {
                Err(error) if error.code() == Some(ProblemCode::InvalidCredentials) => {
                    check(vec![(PASSWORD, true, t("account.wrong_password"))])
                }
                answer => answer,
            }
        });
    };
    let keep = move |_| {
        open.set(false);
        device::focus_soon(OPEN);
    };
    view! {
        <form class="part-form" method="post" novalidate on:submit=submit>
            {form.alert()}
            <Field
                id=PASSWORD
                label=t("account.your_password")
                kind=Kind::CurrentPassword
                value=password
                hint=t("account.your_password_hint")
                error=form.about(PASSWORD)
            />
            <p class="part-calls">
                {form.button("drastic", t("account.delete_for_good"))}
                <button class="quiet" type="button" on:click=keep>{t("account.keep_account")}</button>
            </p>
        </form>
    }
    .into_any()
}
