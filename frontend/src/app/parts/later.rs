use std::pin::Pin;

use leptos::{prelude::*, task::spawn_local};
use wasm_split_helpers::SplitLoaderError;

use super::Notice;
use crate::app::words::t;

/// What a part of the app is once it is loaded: code that makes its view.
pub type View = fn() -> AnyView;

/// A part of the app on its way from the server.
pub type Loading = Pin<Box<dyn Future<Output = Result<View, SplitLoaderError>>>>;

/// A screen that few open first: its code is loaded when it is shown, so that whoever opens the app
/// does not wait for it.
pub fn later_screen(load: fn() -> Loading) -> AnyView {
    later(load, |notice| {
        let heading = notice
            .is_some()
            .then(|| view! { <h1>{t("app.no_answer")}</h1> });
        let busy = notice.is_none().then_some("true");
        view! { <main id="main" class="page" aria-busy=busy>{heading}{notice}</main> }.into_any()
    })
}

/// A part of a screen whose code is loaded when it is shown. Until then `meanwhile` stands there, and
/// when it cannot be loaded, `meanwhile` with what to do.
pub fn later(load: fn() -> Loading, meanwhile: fn(Option<AnyView>) -> AnyView) -> AnyView {
    let loaded = RwSignal::new(None);
    let ask = move || {
        loaded.set(None);
        spawn_local(async move {
            let answer = load().await.map_err(|_| ());
            // Whoever went on in the meantime does not see it.
            let _ = loaded.try_set(Some(answer));
        });
    };
    ask();
    let shown = move || match loaded.get() {
        Some(Ok(view)) => view(),
        Some(Err(())) => {
            let notice = view! { <Notice text=t("app.unreachable") retry=move |()| ask()/> };
            meanwhile(Some(notice.into_any()))
        }
        None => meanwhile(None),
    };
    shown.into_any()
}
