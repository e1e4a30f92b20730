//! What `q` in a list of files looks through.

use crate::FileRecord;

/// Text with case folded, so that `contains` ignores case: `ÁRVÍZ` and `árvíz` are one.
///
/// Every character is folded by itself, whatever stands around it; a part of a text therefore
/// folds to a part of the folded text.
pub fn fold_case(text: &str) -> String {
    // Up, then down: the two small sigmas and the sharp s have one upper case each.
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Stands between the fields. URLs and names cannot hold it.
const SEPARATOR: char = '\u{1f}';

/// Folded title, URL and name of a file in one text, for adapters to keep beside the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    pub fn new(title: Option<&str>, url: &str, name: &str) -> Self {
        let title = title.unwrap_or_default().replace(SEPARATOR, " ");
        Self(fold_case(&format!(
            "{title}{SEPARATOR}{url}{SEPARATOR}{name}"
        )))
    }

    pub fn of(record: &FileRecord) -> Self {
        let title = match &record.state {
            crate::FileState::Ready { pdf, .. } => pdf.title.as_deref(),
            _ => None,
        };
        Self::new(title, &record.url, record.name.as_str())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What to look for in the text. `None`: no file can match.
    pub fn needle(query: &str) -> Option<String> {
        (!query.contains(SEPARATOR)).then(|| fold_case(query))
    }

    pub fn matches(&self, query: &str) -> bool {
        Self::needle(query).is_some_and(|needle| self.0.contains(&needle))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> SearchText {
        SearchText::new(
            Some("Árvíztűrő ΟΔΟΣ"),
            "https://example.com/Straße",
            "example.com-1.pdf",
        )
    }

    #[test]
    fn finds_in_any_case_and_any_script() {
        for query in [
            "ÁRVÍZ", "οδος", "οδοσ", "STRASSE", "straße", "EXAMPLE", "1.PDF", "",
        ] {
            assert!(text().matches(query), "{query}");
        }
        for query in ["arviz", "com-2", "ς\u{1f}h"] {
            assert!(!text().matches(query), "{query}");
        }
    }

    #[test]
    fn does_not_match_across_fields() {
        assert!(!text().matches("strasseexample"));
        assert!(!text().matches("straße\u{1f}example"));
    }

    proptest! {
        #[test]
        fn every_part_of_a_field_is_found(before in ".{0,8}", part in "[^\u{1f}]{0,8}", after in ".{0,8}") {
            let url = format!("{before}{part}{after}");
            prop_assert!(SearchText::new(None, &url, "a.pdf").matches(&part));
            prop_assert!(SearchText::new(None, &url, "a.pdf").matches(&part.to_uppercase()));
        }
    }
}
