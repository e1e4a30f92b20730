use std::sync::Arc;

use leptos::prelude::*;
use platen_api_types::{File, FileStatus, limits};

use crate::app::{
    api, device,
    stores::{Deletions, Files, Selected},
    words::{t, t_count},
};

const ALL: &str = "select-all";

/// How many files are ticked, and what to do with them.
#[component]
pub(super) fn Chosen() -> impl IntoView {
    let files = expect_context::<Files>();
    let selected = expect_context::<Selected>();
    let deletions = expect_context::<Deletions>();
    let shown = Memo::new(move |_| files.len());
    let count = Memo::new(move |_| selected.files().len());
    let all = move || count.get() > 0 && count.get() == shown.get();
    let choose = move |_| {
        if untrack(all) {
            selected.clear();
        } else {
            selected.set_all();
        }
    };
    let leave = move || {
        selected.clear();
        device::focus_first(&[ALL.to_owned()]);
    };
    let delete = move |_| {
        let files = untrack(|| selected.files());
        leave();
        deletions.delete(files);
    };
    let said = move || match count.get() {
        0 => String::new(),
        many => t_count("library.selected", many as u64),
    };
    let actions = move || {
        (count.get() > 0).then(|| {
            view! {
                <div class="chosen-actions">
                    {move || archive(&selected.files())}
                    <button class="chosen-delete" type="button" on:click=delete>
                        {t("library.delete_selected")}
                    </button>
                    <button type="button" on:click=move |_| leave()>{t("library.clear")}</button>
                </div>
            }
        })
    };
    view! {
        <div
            class="chosen"
            role="group"
            aria-label=t("library.selection")
            hidden=move || shown.get() == 0
            data-any=move || (count.get() > 0).then_some("")
        >
            <label class="row-check">
                <input
                    id=ALL
                    type="checkbox"
                    prop:checked=all
                    prop:indeterminate=move || count.get() != 0 && !all()
                    on:change=choose
                />
                <span>{move || t_count("library.select_all", shown.get() as u64)}</span>
            </label>
            <p role="status">{said}</p>
            {actions}
        </div>
    }
}

/// The way to all PDFs among them in one archive.
fn archive(files: &[Arc<File>]) -> AnyView {
    let ready: Vec<&File> = files
        .iter()
        .filter(|file| file.status == FileStatus::Ready)
        .map(|file| &**file)
        .collect();
    match ready.len() {
        0 => ().into_any(),
        1..=limits::ARCHIVE_FILES => view! {
            <a href=api::archive_href(&ready) download="">{t("library.download_selected")}</a>
        }
        .into_any(),
        _ => {
            let text = t_count("library.download_most", limits::ARCHIVE_FILES as u64);
            view! { <span>{text}</span> }.into_any()
        }
    }
}
