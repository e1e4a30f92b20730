//! Entries as the texts that controls hold.

use std::collections::BTreeMap;

use platen_api_types::{
    ColorScheme, Cookie, Length, Media, Paper, PaperName, PdfOptions, Secret, limits,
};

use super::Entry;

/// Why a text is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    Length,
    /// Not a whole number between two.
    Number(u32, u32),
    /// The page may take so many seconds in all.
    TooLong(u32),
    /// A line that is no `Name: value`.
    HeaderLine,
    /// A line that is no `name=value`.
    CookieLine,
}

const PAPERS: [(&str, PaperName); 6] = [
    ("a3", PaperName::A3),
    ("a4", PaperName::A4),
    ("a5", PaperName::A5),
    ("letter", PaperName::Letter),
    ("legal", PaperName::Legal),
    ("tabloid", PaperName::Tabloid),
];

impl Entry {
    /// What `options` say, as the control shows it.
    pub fn read(self, options: &PdfOptions) -> String {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        match self {
            Self::Paper => paper(options.paper).to_owned(),
            Self::PaperWidth => own(options.paper).map_or_else(String::new, |(w, _)| w.to_string()),
            Self::PaperHeight => {
                own(options.paper).map_or_else(String::new, |(_, h)| h.to_string())
            }
            Self::MarginTop => options.margin.top.to_string(),
            Self::MarginRight => options.margin.right.to_string(),
            Self::MarginBottom => options.margin.bottom.to_string(),
            Self::MarginLeft => options.margin.left.to_string(),
            Self::Scale => percent(options.scale).to_string(),
            Self::Media => match options.media {
                Media::Print => "print".to_owned(),
                Media::Screen => "screen".to_owned(),
            },
            Self::ColorScheme => match options.color_scheme {
                ColorScheme::Light => "light".to_owned(),
                ColorScheme::Dark => "dark".to_owned(),
            },
            Self::PageRanges => optional(&options.page_ranges),
            Self::Header => optional(&options.header_html),
            Self::Footer => optional(&options.footer_html),
            Self::Timeout => options.timeout_s.to_string(),
            Self::Selector => optional(&options.wait.selector),
            Self::Expression => optional(&options.wait.expression),
            Self::Delay => options.wait.delay_ms.to_string(),
            Self::ViewportWidth => options.viewport.width.to_string(),
            Self::ViewportHeight => options.viewport.height.to_string(),
            Self::Locale => optional(&options.locale),
            Self::Timezone => optional(&options.timezone),
            Self::UserAgent => optional(&options.user_agent),
            Self::Headers => lines(
                options.headers.iter().map(|(name, value)| (name, &value.0)),
                ": ",
            ),
            Self::Cookies => lines(
                options
                    .cookies
                    .iter()
                    .map(|cookie| (&cookie.name, &cookie.value.0)),
                "=",
            ),
            Self::Title => optional(&options.metadata.title),
            Self::Author => optional(&options.metadata.author),
            Self::Subject => optional(&options.metadata.subject),
            Self::Keywords => optional(&options.metadata.keywords),
            switch => switch.is_on(options).to_string(),
        }
    }

    /// Takes what a person filled in. What is wrong leaves `options` as they were.
    pub fn write(self, options: &mut PdfOptions, text: &str) -> Result<(), Wrong> {
        let text = text.trim();
        let optional = || (!text.is_empty()).then(|| text.to_owned());
        let length = || text.parse::<Length>().map_err(|_| Wrong::Length);
        match self {
            Self::Paper => options.paper = named(text, options),
            Self::PaperWidth => {
                let (_, height) = sheet(options);
                let width = length()?;
                options.paper = Some(Paper::Custom { width, height });
            }
            Self::PaperHeight => {
                let (width, _) = sheet(options);
                let height = length()?;
                options.paper = Some(Paper::Custom { width, height });
            }
            Self::MarginTop => options.margin.top = length()?,
            Self::MarginRight => options.margin.right = length()?,
            Self::MarginBottom => options.margin.bottom = length()?,
            Self::MarginLeft => options.margin.left = length()?,
            Self::Scale => options.scale = f64::from(self.number(text)?) / 100.0,
            Self::Media => {
                options.media = if text == "screen" {
                    Media::Screen
                } else {
                    Media::Print
                };
            }
            Self::ColorScheme => {
                options.color_scheme = if text == "dark" {
                    ColorScheme::Dark
                } else {
                    ColorScheme::Light
                };
            }
            Self::PageRanges => options.page_ranges = optional(),
            Self::Header => options.header_html = optional(),
            Self::Footer => options.footer_html = optional(),
            Self::Timeout => {
                let seconds = self.number(text)?;
                in_time(seconds, options.wait.delay_ms)?;
                options.timeout_s = u16::try_from(seconds).unwrap_or(u16::MAX);
            }
            Self::Delay => {
                let delay = self.number(text)?;
                in_time(u32::from(options.timeout_s), delay)?;
                options.wait.delay_ms = delay;
            }
            Self::Selector => options.wait.selector = optional(),
            Self::Expression => options.wait.expression = optional(),
            Self::ViewportWidth => options.viewport.width = self.number(text)?,
            Self::ViewportHeight => options.viewport.height = self.number(text)?,
            Self::Locale => options.locale = optional(),
            Self::Timezone => options.timezone = optional(),
            Self::UserAgent => options.user_agent = optional(),
            Self::Headers => options.headers = headers(text)?,
            Self::Cookies => options.cookies = cookies(text)?,
            Self::Title => options.metadata.title = optional(),
            Self::Author => options.metadata.author = optional(),
            Self::Subject => options.metadata.subject = optional(),
            Self::Keywords => options.metadata.keywords = optional(),
            switch => {
                if let Some(on) = switch.switch(options) {
                    *on = text == "true";
                }
            }
        }
        Ok(())
    }

    fn is_on(self, options: &PdfOptions) -> bool {
        // Cheaper than the list of switches a second time.
        self.switch(&mut options.clone()).is_some_and(|on| *on)
    }

    fn switch(self, options: &mut PdfOptions) -> Option<&mut bool> {
        Some(match self {
            Self::Landscape => &mut options.landscape,
            Self::Background => &mut options.print_background,
            Self::SinglePage => &mut options.single_page,
            Self::CssPageSize => &mut options.prefer_css_page_size,
            Self::Tagged => &mut options.tagged,
            Self::Outline => &mut options.outline,
            Self::Javascript => &mut options.javascript,
            Self::LazyContent => &mut options.lazy_content,
            Self::HideBanners => &mut options.hide_banners,
            Self::FailOnHttpError => &mut options.fail_on_http_error,
            _ => return None,
        })
    }
}

/// The whole percentage nearest to a scale, which lies between 0.1 and 2.
pub(super) fn percent(scale: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 10 and 200"
    )]
    let percent = (scale * 100.0 + 0.5) as u32;
    percent
}

fn paper(paper: Option<Paper>) -> &'static str {
    match paper {
        None => "",
        Some(Paper::Custom { .. }) => Entry::OWN,
        Some(Paper::Named(name)) => PAPERS
            .iter()
            .find(|(_, paper)| *paper == name)
            .map_or("", |(text, _)| text),
    }
}

fn named(text: &str, options: &PdfOptions) -> Option<Paper> {
    if text == Entry::OWN {
        let (width, height) = sheet(options);
        return Some(Paper::Custom { width, height });
    }
    let (_, name) = PAPERS.iter().find(|(known, _)| *known == text)?;
    Some(Paper::Named(*name))
}

fn own(paper: Option<Paper>) -> Option<(Length, Length)> {
    match paper {
        Some(Paper::Custom { width, height }) => Some((width, height)),
        _ => None,
    }
}

/// The sides that a paper of one's own starts with: those of the paper chosen until then.
fn sheet(options: &PdfOptions) -> (Length, Length) {
    let name = match options.paper {
        Some(Paper::Custom { width, height }) => return (width, height),
        Some(Paper::Named(name)) => name,
        None => PaperName::A4,
    };
    let (width, height) = match name {
        PaperName::A3 => ("297mm", "420mm"),
        PaperName::A4 => ("210mm", "297mm"),
        PaperName::A5 => ("148mm", "210mm"),
        PaperName::Letter => ("8.5in", "11in"),
        PaperName::Legal => ("8.5in", "14in"),
        PaperName::Tabloid => ("11in", "17in"),
    };
    let side = |text: &str| text.parse().unwrap_or(Length::CENTIMETRE);
    (side(width), side(height))
}

fn in_time(seconds: u32, delay_ms: u32) -> Result<(), Wrong> {
    if seconds * 1000 + delay_ms > limits::LONGEST_WAIT_MS {
        return Err(Wrong::TooLong(limits::LONGEST_WAIT_MS / 1000));
    }
    Ok(())
}

fn lines<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>, between: &str) -> String {
    let lines: Vec<_> = pairs
        .map(|(name, value)| [name, between, value].concat())
        .collect();
    lines.join("\n")
}

fn headers(text: &str) -> Result<BTreeMap<String, Secret>, Wrong> {
    pairs(text, ':', Wrong::HeaderLine)
        .map(|pair| pair.map(|(name, value)| (name, Secret(value))))
        .collect()
}

fn cookies(text: &str) -> Result<Vec<Cookie>, Wrong> {
    pairs(text, '=', Wrong::CookieLine)
        .map(|pair| {
            pair.map(|(name, value)| Cookie {
                name,
                value: Secret(value),
            })
        })
        .collect()
}

/// A name and a value in every line that has something.
fn pairs(
    text: &str,
    between: char,
    wrong: Wrong,
) -> impl Iterator<Item = Result<(String, String), Wrong>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(move |line| {
            let (name, value) = line.split_once(between).ok_or(wrong)?;
            let name = name.trim();
            if name.is_empty() {
                return Err(wrong);
            }
            Ok((name.to_owned(), value.trim().to_owned()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::options::Kind;

    /// Something to fill in that is not the default.
    fn example(entry: Entry) -> &'static str {
        match entry.kind() {
            Kind::Switch if entry.is_on(&PdfOptions::default()) => "false",
            Kind::Switch => "true",
            Kind::Choice(choices) => choices.last().unwrap(),
            Kind::Number(..) => "42",
            Kind::Length => "25mm",
            Kind::Line => "1-3",
            Kind::Lines if entry == Entry::Cookies => "a=b\nc=d=e",
            Kind::Lines => "A: b\nC: d: e",
        }
    }

    #[test]
    fn every_entry_reads_back_and_changes_nothing_else() {
        for entry in Entry::all() {
            let mut options = PdfOptions::default();
            entry.write(&mut options, example(entry)).unwrap();
            assert_eq!(entry.read(&options), example(entry), "{entry:?}");
            let standard = PdfOptions::default();
            for other in Entry::all().filter(|other| *other != entry) {
                let of_paper =
                    entry.pointer().starts_with("/paper") && other.pointer().starts_with("/paper");
                assert!(
                    of_paper || other.read(&options) == other.read(&standard),
                    "{entry:?} changes {other:?}"
                );
            }
        }
    }

    #[test]
    fn every_entry_can_be_emptied_or_says_why_not() {
        for entry in Entry::all() {
            let mut options = PdfOptions::default();
            entry.write(&mut options, example(entry)).unwrap();
            let filled = options.clone();
            match entry.kind() {
                Kind::Line | Kind::Lines => {
                    entry.write(&mut options, " ").unwrap();
                    assert_eq!(options, PdfOptions::default(), "{entry:?}");
                }
                Kind::Number(..) | Kind::Length => {
                    assert!(entry.write(&mut options, "").is_err(), "{entry:?}");
                    assert_eq!(options, filled, "{entry:?}");
                }
                Kind::Switch | Kind::Choice(_) => {}
            }
        }
    }

    #[test]
    fn wrong_texts_are_named() {
        let mut options = PdfOptions::default();
        for (entry, text, wrong) in [
            (Entry::MarginTop, "2 ells", Wrong::Length),
            (Entry::Scale, "5", Wrong::Number(10, 200)),
            (Entry::Scale, "80 %", Wrong::Number(10, 200)),
            (Entry::Timeout, "61", Wrong::Number(1, 60)),
            (Entry::Headers, "Accept", Wrong::HeaderLine),
            (Entry::Cookies, "=1", Wrong::CookieLine),
        ] {
            assert_eq!(entry.write(&mut options, text), Err(wrong), "{text}");
        }
        assert_eq!(options, PdfOptions::default());
        Entry::Timeout.write(&mut options, "60").unwrap();
        assert_eq!(
            Entry::Delay.write(&mut options, "15001"),
            Err(Wrong::TooLong(75))
        );
    }

    #[test]
    fn a_paper_of_ones_own_starts_as_the_one_before() {
        let mut options = PdfOptions::default();
        Entry::Paper.write(&mut options, "letter").unwrap();
        Entry::Paper.write(&mut options, Entry::OWN).unwrap();
        assert_eq!(Entry::PaperWidth.read(&options), "8.5in");
        Entry::PaperHeight.write(&mut options, "20cm").unwrap();
        assert_eq!(Entry::PaperWidth.read(&options), "8.5in");
        Entry::Paper.write(&mut options, "").unwrap();
        assert_eq!(options, PdfOptions::default());
    }

    #[test]
    fn every_percentage_survives() {
        for whole in 10..=200_u32 {
            assert_eq!(percent(f64::from(whole) / 100.0), whole);
        }
    }
}
