//! Where a person goes who had to sign in first.

/// Where to go after signing in: `next`, if it is a place of this app. Anybody can write a link to
/// the sign-in screen, and browsers read `//host`, `/\host` and the same with tabs in between as
/// another site.
pub fn way_back(next: Option<&str>) -> &str {
    let is_ours = |next: &&str| {
        next.starts_with('/')
            && !next.starts_with("//")
            && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
    };
    next.filter(is_ours).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        for place in ["/", "/file/0198c0de", "/?q=a%20b&status=ready"] {
            assert_eq!(way_back(Some(place)), place);
        }
        for place in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(way_back(Some(place)), "/", "{place:?}");
        }
        assert_eq!(way_back(None), "/");
    }
}
