use leptos::prelude::*;

use crate::{
    app::{
        parts::{choice_text, label},
        stores::Options,
        words::t,
    },
    logic::{Blocked, Entry, Kind},
};

/// The id of an entry's control, for whoever sends the keyboard there.
pub(super) fn id_of(entry: Entry) -> String {
    format!("option{}", entry.pointer().replace('/', "-"))
}

/// The control of one entry, with its hint, or what is wrong with it, or why it has no effect.
pub(super) fn control(entry: Entry) -> AnyView {
    let options = expect_context::<Options>();
    let id = id_of(entry);
    let note_id = format!("{id}-note");
    let blocked = Memo::new(move |_| options.with(|chosen| entry.blocked(chosen)));
    let wrong = move || options.error(entry).is_some();
    let note = move || {
        options
            .error(entry)
            .or_else(|| blocked.get().map(why))
            .or_else(|| hint(entry))
            .unwrap_or_default()
    };
    let input = match entry.kind() {
        Kind::Switch => switch(options, entry, &id, &note_id, blocked),
        Kind::Choice(values) => select(options, entry, &id, values),
        Kind::Number(..) => line(options, entry, &id, &note_id, blocked, "numeric"),
        Kind::Length | Kind::Line => line(options, entry, &id, &note_id, blocked, "text"),
        Kind::Lines => lines(options, entry, &id, &note_id),
    };
    let class = match entry.kind() {
        Kind::Switch => "option is-switch",
        Kind::Number(..) | Kind::Length => "option is-short",
        Kind::Lines => "option is-long",
        Kind::Choice(_) | Kind::Line => "option",
    };
    view! {
        // Sides of a paper that has a name are not worth a look.
        <div class=class hidden=move || blocked.get() == Some(Blocked::NamedPaper)>
            <label for=id>{label(entry)}</label>
            {input}
            <p class="option-note" class:is-error=wrong id=note_id>{note}</p>
        </div>
    }
    .into_any()
}

fn switch(
    options: Options,
    entry: Entry,
    id: &str,
    note_id: &str,
    blocked: Memo<Option<Blocked>>,
) -> AnyView {
    view! {
        <input
            id=id.to_owned()
            type="checkbox"
            role="switch"
            aria-describedby=note_id.to_owned()
            disabled=move || blocked.get().is_some()
            prop:checked=move || options.with(|chosen| entry.read(chosen)) == "true"
            on:change:target=move |event| {
                options.write(entry, if event.target().checked() { "true" } else { "false" });
            }
        />
    }
    .into_any()
}

fn select(options: Options, entry: Entry, id: &str, values: &'static [&'static str]) -> AnyView {
    let choices = values
        .iter()
        .map(|value| {
            let chosen = move || options.with(|chosen| entry.read(chosen) == *value);
            view! { <option value=*value prop:selected=chosen>{choice_text(value)}</option> }
        })
        .collect_view();
    view! {
        <select
            id=id.to_owned()
            on:change:target=move |event| options.write(entry, &event.target().value())
        >
            {choices}
        </select>
    }
    .into_any()
}

fn line(
    options: Options,
    entry: Entry,
    id: &str,
    note_id: &str,
    blocked: Memo<Option<Blocked>>,
    mode: &'static str,
) -> AnyView {
    view! {
        <input
            id=id.to_owned()
            type="text"
            inputmode=mode
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby=note_id.to_owned()
            aria-invalid=move || options.error(entry).is_some().to_string()
            disabled=move || blocked.get().is_some()
            prop:value=move || options.with(|chosen| entry.read(chosen))
            on:change:target=move |event| options.write(entry, &event.target().value())
        />
    }
    .into_any()
}

fn lines(options: Options, entry: Entry, id: &str, note_id: &str) -> AnyView {
    view! {
        <textarea
            id=id.to_owned()
            rows="2"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby=note_id.to_owned()
            aria-invalid=move || options.error(entry).is_some().to_string()
            prop:value=move || options.with(|chosen| entry.read(chosen))
            on:change:target=move |event| options.write(entry, &event.target().value())
        ></textarea>
    }
    .into_any()
}

fn why(blocked: Blocked) -> String {
    match blocked {
        Blocked::SinglePage => t("options.blocked_single_page"),
        Blocked::NoScripts => t("options.blocked_no_scripts"),
        Blocked::NamedPaper => String::new(),
    }
}

fn hint(entry: Entry) -> Option<String> {
    let hint = match entry {
        Entry::Paper => t("options.paper_hint"),
        Entry::PaperWidth | Entry::MarginTop => t("options.length_hint"),
        Entry::Scale => t("options.scale_hint"),
        Entry::SinglePage => t("options.single_page_hint"),
        Entry::CssPageSize => t("options.css_page_size_hint"),
        Entry::PageRanges => t("options.page_ranges_hint"),
        Entry::Header | Entry::Footer => t("options.template_hint"),
        Entry::Tagged => t("options.tagged_hint"),
        Entry::Outline => t("options.outline_hint"),
        Entry::LazyContent => t("options.lazy_content_hint"),
        Entry::FailOnHttpError => t("options.fail_on_http_error_hint"),
        Entry::Timeout => t("options.timeout_hint"),
        Entry::Delay => t("options.delay_hint"),
        Entry::Selector => t("options.selector_hint"),
        Entry::Expression => t("options.expression_hint"),
        Entry::ViewportWidth => t("options.viewport_hint"),
        Entry::Locale => t("options.locale_hint"),
        Entry::Timezone => t("options.timezone_hint"),
        Entry::Headers => t("options.headers_hint"),
        Entry::Cookies => t("options.cookies_hint"),
        _ => return None,
    };
    Some(hint)
}
