use leptos::prelude::*;

use super::sign_in::leave_when_signed_in;
use crate::app::{device, parts::CredentialsForm, words::t};

#[component]
pub fn SignUp() -> impl IntoView {
    device::arrive(&t("app.create_account"));
    leave_when_signed_in();
    view! {
        <main id="main" class="page narrow">
            <h1>{t("app.create_account")}</h1>
            <p class="lead">{t("app.sign_up_lead")}</p>
            <CredentialsForm new=true/>
            <p class="aside">{t("app.have_account")} " " <a href="/sign-in">{t("app.sign_in")}</a></p>
        </main>
    }
}
