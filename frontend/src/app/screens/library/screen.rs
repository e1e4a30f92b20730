use leptos::prelude::*;

use super::{
    chosen::Chosen, composer::Composer, list::List, outcome::Report, shelf::Shelf, shortcuts,
    viewport::Viewport,
};
use crate::{
    app::{
        device,
        parts::Notice,
        router::use_query_map,
        stores::{Files, Link, Live, Online, Place, Selected},
        words::t,
    },
    logic::Query,
};

#[component]
pub fn LibraryScreen() -> impl IntoView {
    device::arrive(&t("library.title"));
    shortcuts::declare();
    let files = expect_context::<Files>();
    let place = expect_context::<Place>();
    let selected = expect_context::<Selected>();
    let live = Live::start(files);
    let online = expect_context::<Online>();
    let asked = use_query_map();
    // What is shown is in the address, so that it can be kept, shared and gone back to.
    let query = Memo::new(move |_| {
        asked.with(|map| {
            let status = map.get_str("status").and_then(|status| status.parse().ok());
            let order = map.get_str("order").and_then(|order| order.parse().ok());
            let text = map.get_str("q").unwrap_or_default();
            Query::new(text, status, order.unwrap_or_default())
        })
    });
    Viewport::provide(files, place);
    Effect::new(move |_| {
        if files.ask(query.get()) {
            place.reset();
            selected.clear();
        }
    });

    let draft = RwSignal::new(String::new());
    let report = Report::provide(draft);
    let link = Memo::new(move |_| live.link());
    let lost = move || {
        // Without any connection, the frame says so.
        (link.get() == Link::Lost && online.get()).then(|| {
            view! { <Notice text=t("library.lost") retry=move |()| live.poll_now()/> }
        })
    };
    view! {
        <main id="main" class="page">
            <Composer/>
            {report.view()}
            <section aria-labelledby="library">
                <Shelf query/>
                {lost}
                <Chosen/>
                <List draft/>
            </section>
        </main>
    }
}
