use leptos::prelude::*;
use platen_api_types::File;

use crate::{
    app::{
        api, device,
        words::{t, t_with},
    },
    logic::title,
};

/// The PDF, in the browser's own viewer; where it has none, as on most phones, its first page as a
/// picture that opens it.
pub(super) fn sheet(file: &File) -> AnyView {
    let name = t_with("reader.pdf_of", &[("title", title(file))]);
    let href = api::file_href(file, true);
    if device::shows_pdfs() {
        return view! { <iframe class="sheet" src=href title=name></iframe> }.into_any();
    }
    let missing = RwSignal::new(false);
    let picture = api::picture_href(file);
    view! {
        <div class="sheet-picture">
            <a href=href target="_blank" rel="noopener external" aria-label=name hidden=move || missing.get()>
                <img src=picture alt="" width="640" on:error=move |_| missing.set(true)/>
            </a>
            <p>
                {move || {
                    if missing.get() { t("reader.no_picture") } else { t("reader.no_viewer") }
                }}
            </p>
        </div>
    }
    .into_any()
}
