use std::sync::Arc;

use leptos::prelude::*;
use platen_api_types::{File, FileId, FileStatus};

use super::composer::FIELD;
use crate::{
    app::{
        api,
        device::{self, Now},
        stores::{Deletions, Files},
    },
    logic::{Row, ago, pages, short_address, size, title, web_link},
};

/// A row is made anew when its file changes: only its age changes by itself.
pub(super) fn row_view(row: Row) -> AnyView {
    match row {
        Row::Sending { address, .. } => sending_row(&address).into_any(),
        Row::File { file, .. } => file_row(&file).into_any(),
    }
}

fn sending_row(address: &str) -> impl IntoView + use<> {
    let address = short_address(address).to_owned();
    view! {
        <li class="row" data-status="sending">
            <p class="row-when">"just now"</p>
            <div class="row-body">
                <h2 class="row-title">{address}</h2>
                <p class="row-state">"Sending"</p>
            </div>
        </li>
    }
}

fn file_row(file: &Arc<File>) -> impl IntoView + use<> {
    let href = format!("/file/{}", file.id);
    let heading = view! { <a href=href>{title(file).to_owned()}</a> };
    // A file without a title goes by its address: no need to say it twice.
    let short = short_address(&file.url).to_owned();
    let address = (short != title(file)).then(|| view! { <p class="row-address">{short}</p> });
    view! {
        <li class="row" data-status=file.status.as_str()>
            {when(file)}
            <div class="row-body">
                <h2 class="row-title">{heading}</h2>
                {address}
                {state(file)}
            </div>
            {actions(file)}
        </li>
    }
}

fn when(file: &File) -> impl IntoView + use<> {
    let now = expect_context::<Now>();
    let created = file.created_at;
    let text = move || ago(created, now.get()).unwrap_or_else(|| device::day(created));
    view! {
        <p class="row-when">
            <time datetime=created.to_string() title=device::day_and_time(created)>
                {text}
            </time>
        </p>
    }
}

/// Where the file is on its way, or what came of it.
fn state(file: &File) -> impl IntoView + use<> {
    let (class, label, text) = match file.status {
        FileStatus::Queued => ("row-state", None, "Waiting its turn".to_owned()),
        FileStatus::Rendering => ("row-state", None, "Rendering".to_owned()),
        FileStatus::Failed => {
            let detail = file.reason.as_ref().map(|reason| reason.detail.clone());
            (
                "row-failure",
                Some("Not saved. "),
                detail.unwrap_or_default(),
            )
        }
        FileStatus::Ready | FileStatus::Deleting => {
            let facts = [file.pages.map(pages), file.size.map(size)];
            let facts: Vec<_> = facts.into_iter().flatten().collect();
            ("row-facts", None, facts.join(" · "))
        }
    };
    let label = label.map(|label| view! { <strong>{label}</strong> });
    view! { <p class=class>{label} {text}</p> }
}

fn actions(file: &Arc<File>) -> impl IntoView + use<> {
    let files = expect_context::<Files>();
    let deletions = expect_context::<Deletions>();
    let links = match file.status {
        FileStatus::Ready => vec![
            tab_link("Open", file, &api::file_href(file, true)),
            download_link(file),
        ],
        FileStatus::Failed => web_link(&file.url)
            .map(|url| tab_link("Visit the page", file, url))
            .into_iter()
            .collect(),
        FileStatus::Queued | FileStatus::Rendering | FileStatus::Deleting => Vec::new(),
    };
    let id = file.id;
    let retry = (file.status == FileStatus::Failed).then(|| {
        let again = move |_| {
            // The button goes with the failure; the keyboard stays in the row.
            device::focus_first(&[delete_id(id)]);
            files.retry(id);
        };
        view! {
            <button type="button" aria-label=named("Try again:", file) on:click=again>
                "Try again"
            </button>
        }
    });
    let label = named("Delete", file);
    let file = Arc::clone(file);
    let delete = move |_| {
        device::focus_first(&after(files, id));
        deletions.delete(Arc::clone(&file));
    };
    view! {
        <div class="row-actions">
            {retry}
            {links}
            <button type="button" id=delete_id(id) aria-label=label on:click=delete>
                "Delete"
            </button>
        </div>
    }
}

fn tab_link(verb: &'static str, file: &File, href: &str) -> AnyView {
    let href = href.to_owned();
    let label = named(verb, file);
    view! {
        <a href=href target="_blank" rel="noopener noreferrer external" aria-label=label>
            {verb}
        </a>
    }
    .into_any()
}

fn download_link(file: &File) -> AnyView {
    let href = api::file_href(file, false);
    let label = named("Download", file);
    view! { <a href=href download="" aria-label=label>"Download"</a> }.into_any()
}

/// "Delete" alone says too little to someone who cannot see which row it is in.
fn named(verb: &str, file: &File) -> String {
    format!("{verb} {}", title(file))
}

fn delete_id(id: FileId) -> String {
    format!("delete-{id}")
}

/// Where the keyboard goes when a file leaves: the next row, the one before, or the composer.
fn after(files: Files, id: FileId) -> Vec<String> {
    let rows = untrack(|| files.rows());
    let ids: Vec<_> = rows
        .iter()
        .filter_map(|row| row.file().map(|file| file.id))
        .collect();
    let at = ids.iter().position(|other| *other == id).unwrap_or(0);
    let before = at.checked_sub(1).and_then(|at| ids.get(at));
    let neighbours = [ids.get(at + 1), before];
    let mut places: Vec<String> = neighbours
        .into_iter()
        .flatten()
        .copied()
        .map(delete_id)
        .collect();
    places.push(FIELD.to_owned());
    places
}
