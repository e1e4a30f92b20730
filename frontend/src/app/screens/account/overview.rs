use leptos::prelude::*;
use platen_api_types::Account;

use super::{
    deletion::deletion,
    page::{page, progress, section},
    password::password,
};
use crate::{
    app::{
        device,
        stores::{InProgress, Usage},
        words::{t, t_with},
    },
    logic::permille,
};

#[component]
pub fn AccountScreen() -> impl IntoView {
    page("/account", t("account.title"), || {
        let usage = Usage::start();
        view! {
            {section("part-usage", t("account.usage"), figures(usage))}
            {section("part-password", t("app.password"), password())}
            {section("part-deletion", t("account.deletion"), deletion())}
        }
        .into_any()
    })
}

fn figures(usage: Usage) -> AnyView {
    let account = move || usage.account.get().map(account_view);
    let in_progress = move || usage.in_progress.get().map(in_progress_view);
    view! {
        {progress(usage.account, move || usage.load())}
        {account}
        <p class="part-note">{in_progress}</p>
    }
    .into_any()
}

fn account_view(account: Account) -> AnyView {
    let Account {
        username,
        created_at,
        files,
        files_limit,
    } = account;
    let counted = (device::number(files), device::number(files_limit));
    let said = t_with(
        "account.files_of",
        &[("files", &counted.0), ("limit", &counted.1)],
    );
    let since = device::day(created_at);
    let part = permille(files, files_limit);
    let label = t("account.usage");
    view! {
        <p class="person">
            <strong>{username}</strong>
            <span>{t_with("account.since", &[("day", &since)])}</span>
        </p>
        <p class="figure">{said.clone()}</p>
        <svg
            class="measure"
            class:is-full=part == 1000
            viewBox="0 0 1000 1"
            preserveAspectRatio="none"
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax=files_limit.to_string()
            aria-valuenow=files.to_string()
            aria-valuetext=said
        >
            <rect width=part.to_string() height="1"></rect>
        </svg>
        {(part == 1000).then(|| view! { <p class="form-error">{t("account.full")}</p> })}
    }
    .into_any()
}

fn in_progress_view(InProgress { count, more }: InProgress) -> String {
    let number = device::number(count);
    match count {
        0 => t("account.none_in_progress"),
        _ if more => t_with("account.many_in_progress", &[("count", &number)]),
        _ => t_with("account.in_progress", &[("count", &number)]),
    }
}
