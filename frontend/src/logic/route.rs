//! Addresses of screens: which pattern a path matches, and what stands in its query.

/// Names and values from a path or a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// What stands after the `?`, with or without it.
    pub fn of_query(query: &str) -> Self {
        let query = query.strip_prefix('?').unwrap_or(query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name, true), decoded(value, true))
                })
                .collect(),
        )
    }

    /// What `path` has in the places of `pattern`, if it matches: `/file/:id` takes the path
    /// `/file/7` for the parameter `id`. A slash at the end makes no difference.
    pub fn of_path(pattern: &str, path: &str) -> Option<Self> {
        let mut found = Vec::new();
        let mut segments = segments(path);
        for wanted in self::segments(pattern) {
            let segment = segments.next()?;
            match wanted.strip_prefix(':') {
                Some(name) => found.push((name.to_owned(), decoded(segment, false))),
                None if wanted == segment => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(Self(found))
    }

    /// The first value of this name.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.get_str(name).map(str::to_owned)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// Undoes percent-encoding. What is not valid stays as it is or becomes U+FFFD: an address can be
/// typed by anybody.
fn decoded(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if let Some(byte) = hex(*high, *low) => {
                bytes.push(byte);
                rest = after;
            }
            (b'+', _) if plus_is_space => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment() {
        let id = |pattern, path| Parameters::of_path(pattern, path)?.get("id");
        assert_eq!(id("/file/:id", "/file/7").as_deref(), Some("7"));
        assert_eq!(id("/file/:id", "/file/a%2Fb/").as_deref(), Some("a/b"));
        for other in ["/", "/file", "/files/7", "/file/7/8"] {
            assert_eq!(Parameters::of_path("/file/:id", other), None, "{other}");
        }
        assert!(Parameters::of_path("/", "/").is_some());
        assert!(Parameters::of_path("/", "").is_some());
        assert!(Parameters::of_path("/", "/a").is_none());
        assert!(Parameters::of_path("/account/keys", "/account/keys").is_some());
    }

    #[test]
    fn a_query_gives_what_was_put_in() {
        let query = Parameters::of_query("?q=%C3%A1d%C3%A1m+r&empty&a=1&a=2&url=https://a.b/?c=d");
        assert_eq!(query.get_str("q"), Some("ádám r"));
        assert_eq!(query.get_str("empty"), Some(""));
        assert_eq!(query.get_str("a"), Some("1"));
        assert_eq!(query.get_str("url"), Some("https://a.b/?c=d"));
        assert_eq!(query.get_str("none"), None);
        assert_eq!(Parameters::of_query("?"), Parameters::default());
    }

    #[test]
    fn what_is_not_encoded_well_is_read_all_the_same() {
        let query = Parameters::of_query("a=100%&b=%zz&c=%ff&d=%4");
        assert_eq!(query.get_str("a"), Some("100%"));
        assert_eq!(query.get_str("b"), Some("%zz"));
        assert_eq!(query.get_str("c"), Some("\u{fffd}"));
        assert_eq!(query.get_str("d"), Some("%4"));
    }
}
