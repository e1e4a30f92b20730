//! What the options are called.

use platen_api_types::PdfOptions;

use crate::{
    app::words::{t, t_with},
    logic::{Entry, Kind},
};

/// The name of an entry, as its control and the list of what was chosen show it.
pub fn label(entry: Entry) -> String {
    match entry {
        Entry::Paper => t("options.paper"),
        Entry::PaperWidth => t("options.paper_width"),
        Entry::PaperHeight => t("options.paper_height"),
        Entry::Landscape => t("options.landscape"),
        Entry::MarginTop => t("options.margin_top"),
        Entry::MarginRight => t("options.margin_right"),
        Entry::MarginBottom => t("options.margin_bottom"),
        Entry::MarginLeft => t("options.margin_left"),
        Entry::Scale => t("options.scale"),
        Entry::Media => t("options.media"),
        Entry::Background => t("options.background"),
        Entry::SinglePage => t("options.single_page"),
        Entry::CssPageSize => t("options.css_page_size"),
        Entry::PageRanges => t("options.page_ranges"),
        Entry::Header => t("options.header"),
        Entry::Footer => t("options.footer"),
        Entry::Tagged => t("options.tagged"),
        Entry::Outline => t("options.outline"),
        Entry::Javascript => t("options.javascript"),
        Entry::LazyContent => t("options.lazy_content"),
        Entry::HideBanners => t("options.hide_banners"),
        Entry::FailOnHttpError => t("options.fail_on_http_error"),
        Entry::Timeout => t("options.timeout"),
        Entry::Selector => t("options.selector"),
        Entry::Expression => t("options.expression"),
        Entry::Delay => t("options.delay"),
        Entry::ViewportWidth => t("options.viewport_width"),
        Entry::ViewportHeight => t("options.viewport_height"),
        Entry::ColorScheme => t("options.color_scheme"),
        Entry::Locale => t("options.locale"),
        Entry::Timezone => t("options.timezone"),
        Entry::UserAgent => t("options.user_agent"),
        Entry::Headers => t("options.headers"),
        Entry::Cookies => t("options.cookies"),
        Entry::Title => t("options.title"),
        Entry::Author => t("options.author"),
        Entry::Subject => t("options.subject"),
        Entry::Keywords => t("options.keywords"),
    }
}

/// What a choice is called; names of papers are names everywhere.
pub fn choice_text(value: &str) -> String {
    match value {
        "" => t("options.paper_auto"),
        "letter" => t("options.paper_letter"),
        "legal" => t("options.paper_legal"),
        "tabloid" => t("options.paper_tabloid"),
        Entry::OWN => t("options.paper_own"),
        "print" => t("options.media_print"),
        "screen" => t("options.media_screen"),
        "light" => t("options.color_light"),
        "dark" => t("options.color_dark"),
        paper => paper.to_ascii_uppercase(),
    }
}

/// What was chosen, a short phrase for each; nothing when all is as usual.
pub fn in_words(options: &PdfOptions) -> Vec<String> {
    let chosen = Entry::chosen(options);
    let margins = [
        Entry::MarginTop,
        Entry::MarginRight,
        Entry::MarginBottom,
        Entry::MarginLeft,
    ];
    let top = Entry::MarginTop.read(options);
    let even = margins.iter().all(|side| side.read(options) == top);
    chosen
        .into_iter()
        .filter(|entry| !even || *entry == Entry::MarginTop || !margins.contains(entry))
        .map(|entry| {
            let value = entry.read(options);
            let told = |label: String, value: &str| {
                t_with("options.told", &[("label", &label), ("value", value)])
            };
            match entry.kind() {
                Kind::Switch if value == "true" => label(entry),
                Kind::Switch => told(label(entry), &t("options.off")),
                Kind::Choice(_) => told(label(entry), &choice_text(&value)),
                // Values that only the site shall know, and markup.
                Kind::Lines => label(entry),
                Kind::Length if even && entry == Entry::MarginTop => {
                    told(t("options.margins"), &value)
                }
                Kind::Number(..) if entry == Entry::Scale => {
                    told(label(entry), &format!("{value}\u{a0}%"))
                }
                _ => told(label(entry), &value),
            }
        })
        .collect()
}
