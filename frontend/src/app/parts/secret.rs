use leptos::{prelude::*, task::spawn_local};

use crate::app::{device, stores::Toasts, words::t};

const HEADING: &str = "secret-heading";
const FIELD: &str = "secret";

/// Something that is shown this once, with what to do with it.
pub struct Secret {
    pub heading: String,
    pub note: String,
    /// What the text is, for those who only hear it.
    pub label: String,
    pub text: String,
}

/// Shows a secret until `done`. The keyboard comes here: nothing else matters now.
pub fn shown_once(secret: Secret, done: impl Fn() + 'static) -> AnyView {
    let toasts = expect_context::<Toasts>();
    let feedback = RwSignal::new(None::<String>);
    let text = secret.text.clone();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let said = if device::copy(&text).await {
                t("account.copied")
            } else {
                device::select_all(FIELD);
                t("account.copy_by_hand")
            };
            toasts.announce(said.as_str());
            feedback.try_set(Some(said));
        });
    };
    device::focus_soon(HEADING);
    view! {
        <div class="secret">
            <h3 id=HEADING tabindex="-1">{secret.heading}</h3>
            <p class="lead">{secret.note}</p>
            <textarea
                id=FIELD
                rows="2"
                readonly
                spellcheck="false"
                aria-label=secret.label
                prop:value=secret.text
                on:focus=move |_| device::select_all(FIELD)
            ></textarea>
            <p class="secret-calls">
                <button class="primary" type="button" on:click=copy>{t("account.copy")}</button>
                <button class="quiet" type="button" on:click=move |_| done()>
                    {t("account.done")}
                </button>
                // Read out by the live region of the page.
                <span aria-hidden="true">{move || feedback.get()}</span>
            </p>
        </div>
    }
    .into_any()
}
