use std::panic;

use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::console;

use super::{
    device::Now,
    parts::{
        LiveRegion, Masthead, Offline, ShortcutSheet, ToastList, later_screen, open_shortcut_sheet,
    },
    router::{Location, NavigateOptions, Route, outlet, use_navigate},
    screens::{Home, NotFound, Save, account, keys, reader, settings, sign_in, sign_up, webhooks},
    stores::{
        Deletions, Files, Online, Options, Place, Selected, Session, SessionState, Shared,
        Shortcut, Shortcuts, Toasts,
    },
    words::t,
};
use crate::logic::{Way, way_out};

/// Puts the app in the place of the first paint that the page came with.
pub fn start() {
    // Without this, all that a bug leaves in the console is `unreachable`.
    panic::set_hook(Box::new(|info| {
        console::error_1(&JsValue::from_str(&info.to_string()));
    }));
    let place = document()
        .get_element_by_id("app")
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(place) = place {
        place.set_inner_html("");
        mount_to(place, App).forget();
    }
}

const ROUTES: &[Route] = &[
    Route {
        path: "/",
        view: || Home().into_any(),
    },
    Route {
        path: "/file/:id",
        view: || later_screen(reader),
    },
    Route {
        path: "/account",
        view: || later_screen(account),
    },
    Route {
        path: "/account/keys",
        view: || later_screen(keys),
    },
    Route {
        path: "/account/webhooks",
        view: || later_screen(webhooks),
    },
    Route {
        path: "/save",
        view: || Save().into_any(),
    },
    Route {
        path: "/settings",
        view: || later_screen(settings),
    },
    Route {
        path: "/sign-in",
        view: || later_screen(sign_in),
    },
    Route {
        path: "/sign-up",
        view: || later_screen(sign_up),
    },
];

/// Keys of every screen.
const EVERYWHERE: [Shortcut; 2] = [
    Shortcut {
        key: "?",
        name: "keys.help",
        run: Some(open_shortcut_sheet),
    },
    Shortcut {
        key: "Escape",
        name: "keys.close",
        run: None,
    },
];

#[component]
fn App() -> impl IntoView {
    Location::provide();
    Now::provide();
    Online::provide();
    Shared::provide();
    Shortcuts::provide(&EVERYWHERE);
    let toasts = Toasts::provide();
    let session = Session::provide();
    let options = Options::provide(session);
    let files = Files::provide(options, session, toasts);
    Deletions::provide(files, session, toasts);
    Selected::provide(files);
    Place::provide();
    session.ask();

    view! {
        <SessionEnd/>
        // The browser moves the focus for this link, which the router would not.
        <a class="skip" href="#main" rel="external">{t("app.skip")}</a>
        <Masthead/>
        <Offline/>
        {outlet(ROUTES, || NotFound().into_any())}
        <ToastList/>
        <ShortcutSheet/>
        <LiveRegion/>
    }
}

/// When a session ends, nothing of it stays; a person who loses a screen by it is told why, and comes
/// back to it after signing in.
#[component]
fn SessionEnd() -> impl IntoView {
    let session = expect_context::<Session>();
    let files = expect_context::<Files>();
    let toasts = expect_context::<Toasts>();
    let navigate = use_navigate();
    let location = expect_context::<Location>();
    Effect::new(move |had_session: Option<bool>| {
        let state = session.get();
        if let SessionState::Nobody(reason) = state {
            files.forget();
            toasts.clear();
            let path = untrack(|| location.pathname());
            let to = match way_out(&path, reason, had_session == Some(true)) {
                Way::Stay => return false,
                Way::Welcome => "/".to_owned(),
                Way::SignIn => sign_in_href(&(path + &untrack(|| location.search()))),
            };
            navigate(&to, NavigateOptions::default());
        }
        matches!(state, SessionState::Person { .. })
    });
}

/// The sign-in screen, from which one comes back to `place`.
fn sign_in_href(place: &str) -> String {
    if place == "/" {
        return "/sign-in".to_owned();
    }
    format!("/sign-in?next={}", js_sys::encode_uri_component(place))
}
