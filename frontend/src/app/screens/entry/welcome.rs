use leptos::prelude::*;

use crate::{
    app::{
        device,
        stores::{Session, SessionState},
        words::t,
    },
    logic::SignedOut,
};

/// What Platen is, for someone who is not signed in.
#[component]
pub fn Welcome() -> impl IntoView {
    device::arrive(&t("welcome.name"));
    // Whoever has just deleted an account wants to know that it is done.
    let session = expect_context::<Session>();
    let farewell = move || match session.get() {
        SessionState::Nobody(Some(reason @ SignedOut::Deleted)) => {
            Some(view! { <p class="notice" role="status">{reason.sentence()}</p> })
        }
        _ => None,
    };
    view! {
        <main id="main" class="page welcome">
            {farewell}
            <h1>{t("welcome.title")}</h1>
            <p class="lead">{t("welcome.lead")}</p>
            <p class="calls">
                <a class="primary" href="/sign-up">{t("app.create_account")}</a>
                <a class="quiet" href="/sign-in">{t("app.sign_in")}</a>
            </p>
            <dl class="points">
                <div>
                    <dt>{t("welcome.whole")}</dt>
                    <dd>{t("welcome.whole_text")}</dd>
                </div>
                <div>
                    <dt>{t("welcome.told")}</dt>
                    <dd>{t("welcome.told_text")}</dd>
                </div>
                <div>
                    <dt>{t("welcome.script")}</dt>
                    <dd>
                        {t("welcome.script_text")} " "
                        <a href="/api/docs" rel="external">{t("welcome.api")}</a>
                    </dd>
                </div>
            </dl>
        </main>
    }
}
