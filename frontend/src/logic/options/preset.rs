use platen_api_types::{Length, Margin, Media, Paper, PaperName, PdfOptions};

/// A look for a purpose. What is said about waiting, identity and content stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// To be read: the style for print, wide margins, no backgrounds.
    Article,
    /// The page as a visitor sees it, in one piece.
    AsOnScreen,
    /// To be kept: A4, with everything that helps to find one's way in it later.
    Archive,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Article, Self::AsOnScreen, Self::Archive];

    #[must_use]
    pub fn apply(self, options: &PdfOptions) -> PdfOptions {
        let plain = PdfOptions {
            paper: None,
            landscape: false,
            margin: Margin::default(),
            scale: 1.0,
            print_background: true,
            media: Media::Print,
            page_ranges: None,
            single_page: false,
            prefer_css_page_size: false,
            tagged: true,
            outline: true,
            ..options.clone()
        };
        match self {
            Self::Article => PdfOptions {
                margin: margin("2cm"),
                print_background: false,
                ..plain
            },
            Self::AsOnScreen => PdfOptions {
                margin: margin("0cm"),
                media: Media::Screen,
                single_page: true,
                ..plain
            },
            Self::Archive => PdfOptions {
                paper: Some(Paper::Named(PaperName::A4)),
                ..plain
            },
        }
    }

    /// Whether `options` look like this.
    pub fn is_chosen(self, options: &PdfOptions) -> bool {
        self.apply(options) == *options
    }
}

fn margin(length: &str) -> Margin {
    Margin::all(length.parse().unwrap_or(Length::CENTIMETRE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::options::{Entry, tests::options};

    #[test]
    fn presets_are_told_apart_and_valid() {
        for preset in Preset::ALL {
            let options = preset.apply(&PdfOptions::default());
            assert_eq!(options.check(), Ok(()), "{preset:?}");
            let chosen: Vec<_> = Preset::ALL
                .into_iter()
                .filter(|preset| preset.is_chosen(&options))
                .collect();
            assert_eq!(chosen, [preset]);
            assert!(!preset.is_chosen(&PdfOptions::default()));
        }
    }

    #[test]
    fn a_preset_leaves_what_is_no_look() {
        let mine = options(&[
            (Entry::Locale, "hu-HU"),
            (Entry::Headers, "A: b"),
            (Entry::Scale, "50"),
        ]);
        let options = Preset::Article.apply(&mine);
        assert_eq!(Entry::Locale.read(&options), "hu-HU");
        assert_eq!(Entry::Headers.read(&options), "A: b");
        assert_eq!(Entry::Scale.read(&options), "100");
    }
}
