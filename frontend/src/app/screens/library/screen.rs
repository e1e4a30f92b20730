use leptos::prelude::*;

use super::{composer::Composer, list::List, shelf::Shelf, shortcuts};
use crate::{
    app::{
        device,
        parts::Notice,
        router::use_query_map,
        stores::{Files, Link, Live, Online},
    },
    logic::Query,
};

const LOST: &str = "Platen cannot be reached. What you see may be out of date; \
    it is brought up to date as soon as there is a connection.";

#[component]
pub fn LibraryScreen() -> impl IntoView {
    device::arrive("Library");
    shortcuts::declare();
    let files = expect_context::<Files>();
    let live = Live::start(files);
    let online = expect_context::<Online>();
    let asked = use_query_map();
    // What is shown is in the address, so that it can be kept, shared and gone back to.
    let query = Memo::new(move |_| {
        asked.with(|map| {
            let status = map.get_str("status").and_then(|status| status.parse().ok());
            Query::new(map.get_str("q").unwrap_or_default(), status)
        })
    });
    Effect::new(move |_| files.ask(query.get()));

    let draft = RwSignal::new(String::new());
    let link = Memo::new(move |_| live.link());
    let lost = move || {
        // Without any connection, the frame says so.
        (link.get() == Link::Lost && online.get()).then(|| {
            view! { <Notice text=LOST retry=move |()| live.poll_now()/> }
        })
    };
    view! {
        <main id="main" class="page">
            <Composer draft/>
            <section aria-labelledby="library">
                <Shelf query/>
                {lost}
                <List draft/>
            </section>
        </main>
    }
}
