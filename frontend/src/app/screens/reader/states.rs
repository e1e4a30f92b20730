//! What there is instead of a PDF.

use leptos::prelude::*;
use platen_api_types::{File, FileStatus};

use crate::app::{stores::Reading, words::t};

pub(super) fn waiting(status: FileStatus) -> AnyView {
    let stage = if status == FileStatus::Rendering {
        t("reader.rendering")
    } else {
        t("reader.waiting")
    };
    view! {
        <div class="sheet-to-be" data-status=status.as_str()>
            <p role="status">
                <strong>{stage}</strong>
                {t("reader.by_itself")}
            </p>
        </div>
    }
    .into_any()
}

pub(super) fn failure(reading: Reading, file: &File) -> AnyView {
    let reason = file.reason.as_ref().map(|reason| reason.detail.clone());
    view! {
        <div class="sheet-failed">
            <h2>{t("reader.not_saved")}</h2>
            <p>{reason}</p>
            <p>
                <button
                    class="primary"
                    type="button"
                    aria-disabled=move || reading.is_retrying().to_string()
                    on:click=move |_| reading.retry()
                >
                    {t("reader.try_again")}
                </button>
            </p>
        </div>
    }
    .into_any()
}

pub(super) fn gone() -> AnyView {
    view! {
        <p class="lead">{t("reader.gone")}</p>
        <p class="reader-out"><a class="primary" href="/">{t("reader.to_library")}</a></p>
    }
    .into_any()
}
