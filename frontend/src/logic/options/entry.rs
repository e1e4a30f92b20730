use platen_api_types::limits;

use super::text::Wrong;

/// One thing to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Paper,
    PaperWidth,
    PaperHeight,
    Landscape,
    MarginTop,
    MarginRight,
    MarginBottom,
    MarginLeft,
    Scale,
    Media,
    Background,
    SinglePage,
    CssPageSize,
    PageRanges,
    Header,
    Footer,
    Tagged,
    Outline,
    Javascript,
    LazyContent,
    HideBanners,
    FailOnHttpError,
    Timeout,
    Selector,
    Expression,
    Delay,
    ViewportWidth,
    ViewportHeight,
    ColorScheme,
    Locale,
    Timezone,
    UserAgent,
    Headers,
    Cookies,
    Title,
    Author,
    Subject,
    Keywords,
}

/// How an entry is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number between two.
    Number(u32, u32),
    /// A length with its unit, such as `2cm`.
    Length,
    Line,
    Lines,
}

impl Entry {
    pub const PAPER: &[Self] = &[
        Self::Paper,
        Self::PaperWidth,
        Self::PaperHeight,
        Self::Landscape,
        Self::MarginTop,
        Self::MarginRight,
        Self::MarginBottom,
        Self::MarginLeft,
        Self::Scale,
    ];
    pub const LAYOUT: &[Self] = &[
        Self::Media,
        Self::Background,
        Self::SinglePage,
        Self::CssPageSize,
        Self::PageRanges,
        Self::Header,
        Self::Footer,
        Self::Tagged,
        Self::Outline,
    ];
    pub const CONTENT: &[Self] = &[
        Self::Javascript,
        Self::LazyContent,
        Self::HideBanners,
        Self::FailOnHttpError,
        Self::Title,
        Self::Author,
        Self::Subject,
        Self::Keywords,
    ];
    pub const WAITING: &[Self] = &[Self::Timeout, Self::Selector, Self::Expression, Self::Delay];
    pub const IDENTITY: &[Self] = &[
        Self::ViewportWidth,
        Self::ViewportHeight,
        Self::ColorScheme,
        Self::Locale,
        Self::Timezone,
        Self::UserAgent,
        Self::Headers,
        Self::Cookies,
    ];

    pub fn all() -> impl Iterator<Item = Self> {
        let groups = [
            Self::PAPER,
            Self::LAYOUT,
            Self::CONTENT,
            Self::WAITING,
            Self::IDENTITY,
        ];
        groups.into_iter().flatten().copied()
    }

    /// Where the entry stands in the options of a request.
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Paper => "/paper",
            Self::PaperWidth => "/paper/width",
            Self::PaperHeight => "/paper/height",
            Self::Landscape => "/landscape",
            Self::MarginTop => "/margin/top",
            Self::MarginRight => "/margin/right",
            Self::MarginBottom => "/margin/bottom",
            Self::MarginLeft => "/margin/left",
            Self::Scale => "/scale",
            Self::Media => "/media",
            Self::Background => "/print_background",
            Self::SinglePage => "/single_page",
            Self::CssPageSize => "/prefer_css_page_size",
            Self::PageRanges => "/page_ranges",
            Self::Header => "/header_html",
            Self::Footer => "/footer_html",
            Self::Tagged => "/tagged",
            Self::Outline => "/outline",
            Self::Javascript => "/javascript",
            Self::LazyContent => "/lazy_content",
            Self::HideBanners => "/hide_banners",
            Self::FailOnHttpError => "/fail_on_http_error",
            Self::Timeout => "/timeout_s",
            Self::Selector => "/wait/selector",
            Self::Expression => "/wait/expression",
            Self::Delay => "/wait/delay_ms",
            Self::ViewportWidth => "/viewport/width",
            Self::ViewportHeight => "/viewport/height",
            Self::ColorScheme => "/color_scheme",
            Self::Locale => "/locale",
            Self::Timezone => "/timezone",
            Self::UserAgent => "/user_agent",
            Self::Headers => "/headers",
            Self::Cookies => "/cookies",
            Self::Title => "/metadata/title",
            Self::Author => "/metadata/author",
            Self::Subject => "/metadata/subject",
            Self::Keywords => "/metadata/keywords",
        }
    }

    /// The entry that an error at `pointer` is shown at. An error about several, such as `/margin`,
    /// stands at the first of them, and one about a part, such as `/cookies/0/name`, at the whole.
    pub fn at(pointer: &str) -> Option<Self> {
        let below = |text: &str, above: &str| {
            // The empty pointer is above all, and about nothing in particular.
            !above.is_empty()
                && text
                    .strip_prefix(above)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        Self::all()
            .find(|entry| entry.pointer() == pointer)
            .or_else(|| {
                Self::all().find(|entry| {
                    below(entry.pointer(), pointer) || below(pointer, entry.pointer())
                })
            })
    }

    pub const fn kind(self) -> Kind {
        match self {
            Self::Paper => Kind::Choice(&[
                "",
                "a3",
                "a4",
                "a5",
                "letter",
                "legal",
                "tabloid",
                Self::OWN,
            ]),
            Self::Media => Kind::Choice(&["print", "screen"]),
            Self::ColorScheme => Kind::Choice(&["light", "dark"]),
            Self::PaperWidth
            | Self::PaperHeight
            | Self::MarginTop
            | Self::MarginRight
            | Self::MarginBottom
            | Self::MarginLeft => Kind::Length,
            Self::Scale => Kind::Number(10, 200),
            Self::Timeout => Kind::Number(1, limits::TIMEOUT_SECONDS as u32),
            Self::Delay => Kind::Number(0, limits::WAIT_DELAY_MS),
            Self::ViewportWidth | Self::ViewportHeight => {
                Kind::Number(*limits::VIEWPORT_PX.start(), *limits::VIEWPORT_PX.end())
            }
            Self::PageRanges
            | Self::Selector
            | Self::Expression
            | Self::Locale
            | Self::Timezone
            | Self::UserAgent
            | Self::Title
            | Self::Author
            | Self::Subject
            | Self::Keywords => Kind::Line,
            Self::Header | Self::Footer | Self::Headers | Self::Cookies => Kind::Lines,
            Self::Landscape
            | Self::Background
            | Self::SinglePage
            | Self::CssPageSize
            | Self::Tagged
            | Self::Outline
            | Self::Javascript
            | Self::LazyContent
            | Self::HideBanners
            | Self::FailOnHttpError => Kind::Switch,
        }
    }

    /// The paper whose width and height are given.
    pub const OWN: &str = "own";

    /// The number that `text` gives for this entry.
    pub(super) fn number(self, text: &str) -> Result<u32, Wrong> {
        let (least, most) = match self.kind() {
            Kind::Number(least, most) => (least, most),
            _ => (0, u32::MAX),
        };
        text.parse()
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or(Wrong::Number(least, most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_at_its_entry() {
        for (pointer, entry) in [
            ("/scale", Some(Entry::Scale)),
            ("/paper/width", Some(Entry::PaperWidth)),
            ("/margin", Some(Entry::MarginTop)),
            ("/wait", Some(Entry::Selector)),
            ("/cookies/0/name", Some(Entry::Cookies)),
            ("/headers/X-A", Some(Entry::Headers)),
            ("/head", None),
            ("/url", None),
            ("", None),
        ] {
            assert_eq!(Entry::at(pointer), entry, "{pointer}");
        }
    }

    #[test]
    fn every_entry_is_in_one_group() {
        let pointers: std::collections::BTreeSet<_> = Entry::all().map(Entry::pointer).collect();
        assert_eq!(pointers.len(), Entry::all().count());
        assert_eq!(pointers.len(), Entry::Keywords as usize + 1);
    }
}
