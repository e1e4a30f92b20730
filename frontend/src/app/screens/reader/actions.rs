use std::sync::Arc;

use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};
use platen_api_types::{File, FileStatus};

use crate::{
    app::{
        api, device,
        router::{NavigateOptions, use_navigate},
        stores::{Deletions, Toasts},
        words::t,
    },
    logic::web_link,
};

/// Back to the list, as it was where the browser can tell.
pub(super) fn library_link() -> AnyView {
    let back = move |event: MouseEvent| {
        let plain =
            event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key();
        if plain && device::go_back_to("/") {
            event.prevent_default();
        }
    };
    view! {
        <p class="reader-back">
            <a class="quiet" href="/" on:click=back>{t("reader.library")}</a>
        </p>
    }
    .into_any()
}

/// What can be done with the file.
pub(super) fn actions(file: &Arc<File>) -> AnyView {
    let ready = (file.status == FileStatus::Ready).then(|| {
        view! {
            <a class="primary" href=api::file_href(file, false) download="">{t("reader.download")}</a>
            <a
                class="quiet"
                href=api::file_href(file, true)
                target="_blank"
                rel="noopener external"
            >
                {t("reader.open_tab")}
            </a>
        }
    });
    let original = web_link(&file.url).map(|url| {
        let url = url.to_owned();
        view! {
            <a class="quiet" href=url target="_blank" rel="noopener noreferrer external">
                {t("reader.original")}
            </a>
        }
    });
    view! {
        <div class="reader-actions">
            {ready}
            {copy_button(file)}
            {original}
            {delete_button(file)}
        </div>
    }
    .into_any()
}

fn copy_button(file: &File) -> AnyView {
    let toasts = expect_context::<Toasts>();
    let path = format!("/file/{}", file.id);
    let copy = move |_| {
        let link = device::origin() + &path;
        spawn_local(async move {
            toasts.say(if device::copy(&link).await {
                t("reader.copied")
            } else {
                t("reader.not_copied")
            });
        });
    };
    view! {
        <button class="quiet" type="button" on:click=copy>{t("reader.copy_link")}</button>
    }
    .into_any()
}

fn delete_button(file: &Arc<File>) -> AnyView {
    let deletions = expect_context::<Deletions>();
    let navigate = use_navigate();
    let file = Arc::clone(file);
    let delete = move |_| {
        deletions.delete(vec![Arc::clone(&file)]);
        if !device::go_back_to("/") {
            navigate("/", NavigateOptions::default());
        }
    };
    view! {
        <button class="quiet is-drastic" type="button" on:click=delete>{t("reader.delete")}</button>
    }
    .into_any()
}
