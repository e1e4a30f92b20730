//! Finding the addresses in what a person typed or pasted.

/// The addresses that `text` asks for, in order, as often as they stand there.
///
/// A line that holds `http://` or `https://` addresses gives all of them, whatever prose is around
/// them. A line that is one word is taken as an address; without a scheme it gets `https://`. Other
/// lines are prose: skipped when the text has addresses elsewhere, and handed on as they are when it
/// has none, so that the answer says what is wrong with them.
pub fn addresses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut prose = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut explicit = line.split_whitespace().filter_map(explicit).peekable();
        if explicit.peek().is_some() {
            found.extend(explicit.map(str::to_owned));
        } else if line.contains(char::is_whitespace) {
            prose.push(line.to_owned());
        } else if has_scheme(line) {
            found.push(line.to_owned());
        } else {
            found.push(format!("https://{line}"));
        }
    }
    if found.is_empty() { prose } else { found }
}

/// The `http(s)://` address inside a word, without the punctuation that prose puts around it.
fn explicit(word: &str) -> Option<&str> {
    let lower = word.to_ascii_lowercase();
    let start = match (lower.find("https://"), lower.find("http://")) {
        (Some(secure), Some(plain)) => secure.min(plain),
        (secure, plain) => secure.or(plain)?,
    };
    let address = without_trailing_punctuation(&word[start..]);
    let after_scheme = address.split_once("://").map_or("", |(_, rest)| rest);
    (!after_scheme.is_empty()).then_some(address)
}

/// Drops closing punctuation, but keeps a bracket that the address itself opened, as in
/// `https://en.wikipedia.org/wiki/Platen_(printing)`.
fn without_trailing_punctuation(mut address: &str) -> &str {
    while let Some(last) = address.chars().next_back() {
        let stray = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '>' | '»' | '”' | '’' | '*' | '`' => {
                true
            }
            ')' => unopened(address, '(', ')'),
            ']' => unopened(address, '[', ']'),
            '}' => unopened(address, '{', '}'),
            _ => false,
        };
        if !stray {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

fn unopened(text: &str, open: char, close: char) -> bool {
    text.matches(close).count() > text.matches(open).count()
}

/// `scheme://` of any kind, and the few schemes that go without slashes.
/// `localhost:8080` has none: what looks like a scheme there is a host.
fn has_scheme(word: &str) -> bool {
    let Some((scheme, rest)) = word.split_once(':') else {
        return false;
    };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    named
        && (rest.starts_with("//")
            || ["about", "blob", "data", "file", "javascript", "mailto"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(addresses(text), expected, "{text:?}");
    }

    #[test]
    fn takes_one_address() {
        check(
            "https://example.com/a?b=c#d",
            &["https://example.com/a?b=c#d"],
        );
        check("  example.com/news \n", &["https://example.com/news"]);
        check("localhost:8080/x", &["https://localhost:8080/x"]);
        check("HTTPS://Example.com", &["HTTPS://Example.com"]);
    }

    #[test]
    fn takes_one_a_line_and_keeps_repeats_for_whoever_tells_of_them() {
        check(
            "https://a.example/\n\nb.example\r\nhttps://a.example/",
            &[
                "https://a.example/",
                "https://b.example",
                "https://a.example/",
            ],
        );
    }

    #[test]
    fn finds_addresses_in_prose() {
        check(
            "See https://a.example/x, then (http://b.example/y).\nNothing here though.",
            &["https://a.example/x", "http://b.example/y"],
        );
        check(
            "<https://a.example/> and \"https://b.example/q?x=1!\"",
            &["https://a.example/", "https://b.example/q?x=1"],
        );
        check("[link](https://a.example/p)", &["https://a.example/p"]);
    }

    #[test]
    fn keeps_brackets_that_belong() {
        let film = "https://en.wikipedia.org/wiki/Platen_(printing)";
        check(film, &[film]);
        check(&format!("({film})."), &[film]);
    }

    #[test]
    fn leaves_what_is_no_address_to_the_server() {
        check("file:///etc/passwd", &["file:///etc/passwd"]);
        check("javascript:alert(1)", &["javascript:alert(1)"]);
        check("not an address", &["not an address"]);
        check("https://", &["https://"]);
        check(" \n ", &[]);
    }
}
