//! The `Content-Disposition` header (RFC 6266).

use std::fmt::Write as _;

/// Characters of a title that make a good file name at most.
const LONGEST: usize = 120;

/// `attachment; filename="ascii.pdf"; filename*=UTF-8''title.pdf`
///
/// `name` must be ASCII without quotes: it is what every client understands. The title is what
/// people recognise; nearly all browsers prefer it.
pub(crate) fn content_disposition(kind: &str, name: &str, title: Option<&str>) -> String {
    let mut header = format!("{kind}; filename=\"{name}\"");
    if let Some(title) = title.map(file_name).filter(|title| !title.is_empty()) {
        header.push_str("; filename*=UTF-8''");
        for byte in title.bytes().chain(*b".pdf") {
            // `attr-char` of RFC 8187, section 3.2.1.
            if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
                header.push(char::from(byte));
            } else {
                let _ = write!(header, "%{byte:02X}");
            }
        }
    }
    header
}

/// A title as a file name on any system: one line, no separators, no characters that change the
/// direction of what follows.
fn file_name(title: &str) -> String {
    let clean: String = title
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => ' ',
            c if c.is_control() || c.is_whitespace() || is_invisible(c) => ' ',
            c => c,
        })
        .take(LONGEST)
        .collect();
    clean
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_matches('.')
        .trim()
        .to_owned()
}

/// Zero-width and bidirectional formatting characters: `fdp.exe` may read `exe.pdf` with them.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_see_the_title() {
        for (title, header) in [
            (None, "attachment; filename=\"a.pdf\""),
            (Some(" \u{202e}\n/ "), "attachment; filename=\"a.pdf\""),
            (
                Some("Vec in std::vec - Rust"),
                "attachment; filename=\"a.pdf\"; filename*=UTF-8''Vec%20in%20std%20vec%20-%20Rust.pdf",
            ),
            (
                Some("Tükör\"; x=\"../../etc"),
                "attachment; filename=\"a.pdf\"; filename*=UTF-8''T%C3%BCk%C3%B6r%20%3B%20x%3D%20..%20..%20etc.pdf",
            ),
        ] {
            assert_eq!(
                content_disposition("attachment", "a.pdf", title),
                header,
                "{title:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_title_breaks_the_header(title in ".{0,300}") {
            let header = content_disposition("inline", "a.pdf", Some(&title));
            prop_assert!(http::HeaderValue::from_str(&header).is_ok());
            prop_assert_eq!(header.matches('"').count(), 2);
        }
    }
}
