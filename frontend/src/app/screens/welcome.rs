use leptos::prelude::*;

use crate::app::{device, words::t};

/// What Platen is, for someone who is not signed in.
#[component]
pub fn Welcome() -> impl IntoView {
    device::arrive(&t("welcome.name"));
    view! {
        <main id="main" class="page welcome">
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
