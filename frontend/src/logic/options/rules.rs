use platen_api_types::PdfOptions;

use super::Entry;

/// Why an entry has no effect for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// A single page is as high as its content, and has no others.
    SinglePage,
    /// Nothing can be watched for in a page without scripts.
    NoScripts,
    /// Only a paper of one's own has sides to give.
    NamedPaper,
}

impl Entry {
    /// Whether another choice takes the effect of this one away.
    pub fn blocked(self, options: &PdfOptions) -> Option<Blocked> {
        match self {
            Self::PageRanges | Self::CssPageSize if options.single_page => {
                Some(Blocked::SinglePage)
            }
            Self::Selector | Self::Expression if !options.javascript => Some(Blocked::NoScripts),
            Self::PaperWidth | Self::PaperHeight if Self::Paper.read(options) != Self::OWN => {
                Some(Blocked::NamedPaper)
            }
            _ => None,
        }
    }

    /// What differs from the defaults and has an effect, in the order of the panel.
    pub fn chosen(options: &PdfOptions) -> Vec<Self> {
        let standard = PdfOptions::default();
        Self::all()
            .filter(|entry| {
                entry.blocked(options).is_none() && entry.read(options) != entry.read(&standard)
            })
            .collect()
    }

    /// `options` without the choices that contradict others. Those wait in the panel.
    #[must_use]
    pub fn effective(options: &PdfOptions) -> PdfOptions {
        let mut options = options.clone();
        if options.single_page {
            options.page_ranges = None;
            options.prefer_css_page_size = false;
        }
        if !options.javascript {
            options.wait.selector = None;
            options.wait.expression = None;
        }
        options
    }

    /// What a browser may keep of `options`: nothing that only one site shall know.
    #[must_use]
    pub fn lasting(options: &PdfOptions) -> PdfOptions {
        let mut options = options.clone();
        options.headers.clear();
        options.cookies.clear();
        options
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::options::tests::options;

    #[test]
    fn contradictions_never_reach_the_server() {
        let all = options(&[
            (Entry::SinglePage, "true"),
            (Entry::PageRanges, "1-2"),
            (Entry::CssPageSize, "true"),
            (Entry::Javascript, "false"),
            (Entry::Selector, "main"),
            (Entry::Expression, "window.done"),
        ]);
        assert!(all.check().is_err());
        let sent = Entry::effective(&all);
        assert_eq!(sent.check(), Ok(()));
        assert_eq!(
            Entry::chosen(&all),
            [Entry::SinglePage, Entry::Javascript],
            "only what has an effect is told"
        );
        for entry in Entry::all().filter(|entry| entry.blocked(&all).is_some()) {
            let told = entry.blocked(&all);
            let standard = entry.read(&PdfOptions::default());
            assert_eq!(entry.read(&sent), standard, "{entry:?} {told:?}");
        }
    }

    #[test]
    fn sides_belong_to_a_paper_of_ones_own() {
        let own = options(&[(Entry::Paper, Entry::OWN)]);
        assert_eq!(Entry::PaperWidth.blocked(&own), None);
        assert_eq!(
            Entry::PaperWidth.blocked(&PdfOptions::default()),
            Some(Blocked::NamedPaper)
        );
    }

    #[test]
    fn secrets_do_not_last() {
        let options = options(&[
            (Entry::Headers, "Authorization: s3cret"),
            (Entry::Cookies, "id=s3cret"),
            (Entry::Scale, "80"),
        ]);
        let lasting = Entry::lasting(&options);
        assert_eq!(Entry::chosen(&lasting), [Entry::Scale]);
    }
}
