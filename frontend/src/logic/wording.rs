//! Numbers, times and addresses as people read them.

use jiff::Timestamp;
use platen_api_types::File;

use crate::words::{number, relative, t, t_count};

/// `1 page`, `12 pages`.
pub fn pages(count: u32) -> String {
    t_count("app.pages", u64::from(count))
}

/// Bytes in decimal units, three figures at most below a gigabyte: `812 B`, `34 kB`, `1.2 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "kB", "MB", "GB"];
    let mut unit = 0;
    let mut whole = bytes;
    let mut rest = 0;
    while whole >= 1000 && unit + 1 < UNITS.len() {
        rest = whole % 1000;
        whole /= 1000;
        unit += 1;
    }
    let tenths = if whole < 10 { rest / 100 } else { 0 };
    #[expect(
        clippy::cast_precision_loss,
        reason = "no file has 2^53 tenths of a byte"
    )]
    let value = (whole * 10 + tenths) as f64 / 10.0;
    format!("{} {}", number(value), UNITS[unit])
}

/// How long ago, while a person still counts in days; `None` calls for a date.
///
/// A clock a little ahead of the server's reads as now.
pub fn ago(then: Timestamp, now: Timestamp) -> Option<String> {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    let ago = |amount: i64, unit| relative(-i32::try_from(amount).unwrap_or(i32::MAX), unit);
    let text = match seconds {
        0..45 => t("app.just_now"),
        45..3_570 => ago(((seconds + 30) / 60).max(1), "minute"),
        3_570..84_600 => ago(((seconds + 1_800) / 3_600).max(1), "hour"),
        84_600..561_600 => ago((seconds + 43_200) / 86_400, "day"),
        _ => return None,
    };
    Some(text)
}

/// After so many seconds, counted from now.
pub fn until(seconds: u32) -> String {
    let (amount, unit) = match seconds {
        0..100 => (seconds, "second"),
        100..5_400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    relative(i32::try_from(amount).unwrap_or(i32::MAX), unit)
}

/// The address without what every address has.
pub fn short_address(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    rest.strip_suffix('/').unwrap_or(rest)
}

/// The site that an address is of.
pub fn host(url: &str) -> &str {
    let short = short_address(url);
    short.split(['/', '?', '#']).next().unwrap_or(short)
}

/// The address, if a browser may follow it: an address of another kind, such as `javascript:`,
/// could only come from elsewhere.
pub fn web_link(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once("://")?;
    ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web))
        .then_some(url)
}

/// What to call a file: its title once known, else its address.
pub fn title(file: &File) -> &str {
    match file.title.as_deref().map(str::trim) {
        Some(title) if !title.is_empty() => title,
        _ => short_address(&file.url),
    }
}

/// A fragment as a sentence: capital letter first, full stop last.
pub fn sentence(text: &str) -> String {
    let mut sentence = text.trim().to_owned();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?', '…']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (1_250, "1.2 kB"),
            (34_567, "34 kB"),
            (999_999, "999 kB"),
            (1_234_567, "1.2 MB"),
            (52_428_800, "52 MB"),
            (3_000_000_000_000, "3000 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert!(size(u64::MAX).ends_with(" GB"));
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!(pages(1), "1 page");
        assert_eq!(pages(12), "12 pages");
    }

    #[test]
    fn times_are_relative_for_a_week() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let told = |seconds: i64| {
            ago(
                Timestamp::from_second(1_800_000_000 - seconds).unwrap(),
                now,
            )
        };
        for (seconds, text) in [
            (-90, "just now"),
            (0, "just now"),
            (44, "just now"),
            (45, "1 min ago"),
            (3_569, "59 min ago"),
            (3_570, "1 h ago"),
            (7_300, "2 h ago"),
            (84_599, "23 h ago"),
            (86_400, "yesterday"),
            (2 * 86_400, "2 days ago"),
            (6 * 86_400, "6 days ago"),
        ] {
            assert_eq!(told(seconds).as_deref(), Some(text), "{seconds} s");
        }
        assert_eq!(told(7 * 86_400), None);
    }

    #[test]
    fn addresses_lose_their_ends() {
        assert_eq!(short_address("https://www.example.com/"), "example.com");
        assert_eq!(short_address("http://a.example/b/?q=1"), "a.example/b/?q=1");
        assert_eq!(short_address("plain"), "plain");
        assert_eq!(host("https://www.example.com/a/b?c"), "example.com");
        assert_eq!(host("http://a.example:8080?c/d"), "a.example:8080");
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(web_link("HTTPS://a.example"), Some("HTTPS://a.example"));
        for url in [
            "javascript://%0aalert(1)",
            "javascript:alert(1)",
            "/a",
            "http",
        ] {
            assert_eq!(web_link(url), None, "{url}");
        }
    }

    #[test]
    fn sentences_begin_and_end() {
        assert_eq!(sentence("a name is taken"), "A name is taken.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence("  "), "");
        assert_eq!(sentence("é"), "é.");
    }
}
