use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};

use super::{history, links};

/// Where the page is, as signals.
#[derive(Clone, Copy)]
pub struct Location {
    pathname: RwSignal<String>,
    search: RwSignal<String>,
}

/// How to go somewhere.
#[derive(Clone, Copy, Debug)]
pub struct NavigateOptions {
    /// In the place of the address that is shown now: "back" skips that one.
    pub replace: bool,
    /// To the top, or to what the address names after its `#`.
    pub scroll: bool,
}

impl Default for NavigateOptions {
    fn default() -> Self {
        Self {
            replace: false,
            scroll: true,
        }
    }
}

impl Location {
    /// Reads the address, and follows it from now on.
    pub fn provide() {
        let here = window().location();
        let location = Self {
            pathname: RwSignal::new(here.pathname().unwrap_or_default()),
            search: RwSignal::new(here.search().unwrap_or_default()),
        };
        provide_context(location);
        history::begin();
        let popped = Closure::<dyn FnMut(_)>::new(move |event: web_sys::PopStateEvent| {
            history::leave();
            location.read();
            history::arrive(&event.state());
        });
        // The app runs for as long as the page does: so do its listeners.
        let _ =
            window().add_event_listener_with_callback("popstate", popped.as_ref().unchecked_ref());
        popped.forget();
        links::follow(location);
    }

    pub fn pathname(self) -> String {
        self.pathname.get()
    }

    pub fn search(self) -> String {
        self.search.get()
    }

    /// Goes to an address of this app.
    pub fn go(self, href: &str, options: NavigateOptions) {
        history::write(href, options.replace);
        self.read();
        if options.scroll {
            history::scroll_to_target();
        }
    }

    fn read(self) {
        let here = window().location();
        let pathname = here.pathname().unwrap_or_default();
        let search = here.search().unwrap_or_default();
        // Nobody hears of the one before both are there.
        self.search.update_untracked(|known| *known = search);
        self.pathname.set(pathname);
        self.search.notify();
    }
}

/// A function that goes to an address of this app.
pub fn use_navigate() -> impl Fn(&str, NavigateOptions) + Copy + 'static {
    let location = expect_context::<Location>();
    move |href, options| location.go(href, options)
}
