use leptos::prelude::*;

use crate::app::{
    stores::{Toast, Toasts},
    words::t,
};

/// Passing messages, at the foot of the window and the end of the document.
#[component]
pub fn ToastList() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <section class="toasts" aria-label=t("app.messages")>
            <For each=move || toasts.shown() key=|toast| toast.id let:toast>
                <ToastItem toast/>
            </For>
        </section>
    }
}

#[component]
fn ToastItem(toast: Toast) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let id = toast.id;
    let undo = toast.has_undo().then(|| {
        view! {
            <button class="toast-undo" type="button" on:click=move |_| toasts.undo(id)>{t("app.undo")}</button>
        }
    });
    view! {
        <div
            class="toast"
            on:pointerenter=move |_| toasts.hold(id)
            on:pointerleave=move |_| toasts.resume(id)
            on:focusin=move |_| toasts.hold(id)
            on:focusout=move |_| toasts.resume(id)
        >
            <p>{toast.text}</p>
            {undo}
            <button
                class="toast-close"
                type="button"
                aria-label=t("app.dismiss")
                on:click=move |_| toasts.finish(id)
            >
                "×"
            </button>
        </div>
    }
}
