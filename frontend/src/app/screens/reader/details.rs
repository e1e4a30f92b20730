use leptos::prelude::*;
use platen_api_types::{File, FileStatus};

use crate::{
    app::{device, parts::in_words, words::t},
    logic::{size, web_link},
};

/// What is known of the file, in the margin.
pub(super) fn details(file: &File) -> AnyView {
    let text = |name: String, text: Option<String>| {
        text.map(|text| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{text}</dd>
                </div>
            }
        })
    };
    let ended = if file.status == FileStatus::Failed {
        t("reader.failed_at")
    } else {
        t("reader.ready_at")
    };
    let moved = file.final_url.as_deref().filter(|url| *url != file.url);
    let options = in_words(&file.options);
    let options = if options.is_empty() {
        vec![t("options.as_usual")]
    } else {
        options
    };
    view! {
        <section class="reader-details" aria-labelledby="details">
            <h2 id="details">{t("reader.details")}</h2>
            <dl>
                {text(t("reader.pages"), file.pages.map(|pages| pages.to_string()))}
                {text(t("reader.size"), file.size.map(size))}
                {text(t("reader.asked_at"), Some(device::day_and_time(file.created_at)))}
                {text(ended, file.finished_at.map(device::day_and_time))}
                {address(t("reader.address"), Some(&file.url))}
                {address(t("reader.final_address"), moved)}
                {text(t("reader.name"), Some(file.name.clone()))}
                <div>
                    <dt>{t("reader.options")}</dt>
                    {options.into_iter().map(|option| view! { <dd>{option}</dd> }).collect_view()}
                </div>
            </dl>
        </section>
    }
    .into_any()
}

fn address(name: String, url: Option<&str>) -> Option<AnyView> {
    let url = url?.to_owned();
    let link = match web_link(&url) {
        Some(_) => {
            let href = url.clone();
            view! { <a href=href target="_blank" rel="noopener noreferrer external">{url}</a> }
                .into_any()
        }
        None => url.into_any(),
    };
    let view = view! {
        <div>
            <dt>{name}</dt>
            <dd class="is-address" dir="ltr">{link}</dd>
        </div>
    };
    Some(view.into_any())
}
