//! What types alone cannot tell: ranges, lengths, and options that contradict each other.

use std::fmt;

use super::PdfOptions;
use crate::{FieldError, Paper, Secret, limits};

/// The options contradict themselves or leave their ranges. Pointers are relative to the options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionsError {
    pub errors: Vec<FieldError>,
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", error.pointer, error.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for OptionsError {}

impl PdfOptions {
    /// Checks what types alone cannot. The error names every field that is wrong.
    pub fn check(&self) -> Result<(), OptionsError> {
        let mut found = Found(Vec::new());
        self.check_paper(&mut found);
        self.check_pages(&mut found);
        self.check_waits(&mut found);
        self.check_browser(&mut found);
        self.check_headers(&mut found);
        self.check_cookies(&mut found);
        self.check_metadata(&mut found);
        if found.0.is_empty() {
            Ok(())
        } else {
            Err(OptionsError { errors: found.0 })
        }
    }

    fn check_paper(&self, found: &mut Found) {
        if !limits::SCALE.contains(&self.scale) {
            let (low, high) = limits::SCALE.into_inner();
            found.refuse("/scale", format!("scale is between {low} and {high}"));
        }
        if let Some(Paper::Custom { width, height }) = self.paper {
            for (pointer, side) in [("/paper/width", width), ("/paper/height", height)] {
                if !limits::PAPER_POINTS.contains(&side.points()) {
                    found.refuse(pointer, "a side of the paper is between 1in and 200in");
                }
            }
        }
        let sheet = self.sheet();
        let across = self.margin.left.inches() + self.margin.right.inches();
        let down = self.margin.top.inches() + self.margin.bottom.inches();
        if across >= sheet.0 || down >= sheet.1 {
            found.refuse(
                "/margin",
                "the margins leave no room for content on the paper",
            );
        }
    }

    fn check_pages(&self, found: &mut Found) {
        if let Some(ranges) = &self.page_ranges
            && !is_page_ranges(ranges)
        {
            found.refuse(
                "/page_ranges",
                "page ranges are numbers and ranges from 1 up, such as \"1-3, 5\"",
            );
        }
        for (pointer, html) in [
            ("/header_html", &self.header_html),
            ("/footer_html", &self.footer_html),
        ] {
            if html
                .as_ref()
                .is_some_and(|html| html.len() > limits::TEMPLATE_BYTES)
            {
                found.refuse(pointer, format!("at most {} bytes", limits::TEMPLATE_BYTES));
            } else if html.as_ref().is_some_and(|html| loads_styles(html)) {
                found.refuse(
                    pointer,
                    "a header or footer loads nothing: put styles into a style element, \
                     and pictures into data: URLs",
                );
            }
        }
        if self.single_page && self.page_ranges.is_some() {
            found.refuse(
                "/page_ranges",
                "a single page has no ranges: leave out page_ranges or single_page",
            );
        }
        if self.single_page && self.prefer_css_page_size {
            found.refuse(
                "/prefer_css_page_size",
                "a single page is as high as its content: \
                 leave out prefer_css_page_size or single_page",
            );
        }
    }

    fn check_waits(&self, found: &mut Found) {
        let seconds = 1..=limits::TIMEOUT_SECONDS;
        if !seconds.contains(&self.timeout_s) {
            found.refuse(
                "/timeout_s",
                format!("between {} and {} seconds", seconds.start(), seconds.end()),
            );
        }
        if self.wait.delay_ms > limits::WAIT_DELAY_MS {
            found.refuse(
                "/wait/delay_ms",
                format!("at most {} ms", limits::WAIT_DELAY_MS),
            );
        } else if u32::from(self.timeout_s) * 1000 + self.wait.delay_ms > limits::LONGEST_WAIT_MS {
            found.refuse(
                "/wait/delay_ms",
                format!(
                    "timeout_s and wait.delay_ms are at most {} s together",
                    limits::LONGEST_WAIT_MS / 1000
                ),
            );
        }
        if !self.javascript && (self.wait.selector.is_some() || self.wait.expression.is_some()) {
            found.refuse(
                "/wait",
                "waiting for a selector or an expression needs javascript to be on",
            );
        }
        found.text("/wait/selector", self.wait.selector.as_deref(), 1024);
        found.text("/wait/expression", self.wait.expression.as_deref(), 4096);
    }

    fn check_browser(&self, found: &mut Found) {
        for (pointer, side) in [
            ("/viewport/width", self.viewport.width),
            ("/viewport/height", self.viewport.height),
        ] {
            if !limits::VIEWPORT_PX.contains(&side) {
                found.refuse(pointer, "between 1 and 10000 CSS pixels");
            }
        }
        if self
            .locale
            .as_ref()
            .is_some_and(|locale| !is_language_tag(locale))
        {
            found.refuse("/locale", "a BCP 47 language tag, such as \"hu-HU\"");
        }
        found.text("/timezone", self.timezone.as_deref(), 64);
        found.text("/user_agent", self.user_agent.as_deref(), 512);
    }

    fn check_headers(&self, found: &mut Found) {
        if self.headers.len() > limits::HEADERS {
            found.refuse("/headers", format!("at most {} headers", limits::HEADERS));
        }
        for (name, Secret(value)) in &self.headers {
            let pointer = format!("/headers/{}", escaped(name));
            if name.len() > limits::HEADER_NAME_BYTES || !is_token(name) {
                found.refuse(pointer, "the name of a header is a token (RFC 9110, 5.6.2)");
            } else if let Some(instead) = not_for_callers(name) {
                found.refuse(pointer, instead);
            } else if value.len() > limits::HEADER_VALUE_BYTES || !is_field_value(value) {
                found.refuse(
                    pointer,
                    format!(
                        "at most {} characters of printable ASCII",
                        limits::HEADER_VALUE_BYTES
                    ),
                );
            }
        }
    }

    fn check_cookies(&self, found: &mut Found) {
        if self.cookies.len() > limits::COOKIES {
            found.refuse("/cookies", format!("at most {} cookies", limits::COOKIES));
        }
        for (number, cookie) in self.cookies.iter().enumerate() {
            if cookie.name.len() > limits::HEADER_NAME_BYTES || !is_token(&cookie.name) {
                found.refuse(
                    format!("/cookies/{number}/name"),
                    "the name of a cookie is a token (RFC 6265, 4.1.1)",
                );
            }
            let Secret(value) = &cookie.value;
            if value.len() > limits::HEADER_VALUE_BYTES || !is_cookie_value(value) {
                found.refuse(
                    format!("/cookies/{number}/value"),
                    format!(
                        "at most {} printable ASCII characters, none of them a space, a quote, \
                         a comma, a semicolon or a backslash (RFC 6265, 4.1.1)",
                        limits::HEADER_VALUE_BYTES
                    ),
                );
            }
        }
    }

    fn check_metadata(&self, found: &mut Found) {
        for (name, text) in self.metadata.entries() {
            found.text(&format!("/metadata/{name}"), text, limits::METADATA_CHARS);
        }
    }
}

/// What is wrong.
struct Found(Vec<FieldError>);

impl Found {
    fn refuse(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        });
    }

    /// A text that is given has 1 to `most` characters, none of which controls anything.
    fn text(&mut self, pointer: &str, text: Option<&str>, most: usize) {
        if text.is_some_and(|text| {
            text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control)
        }) {
            self.refuse(
                pointer,
                format!("1 to {most} characters, and no control character"),
            );
        }
    }
}

/// Chromium fails to print, or crashes, where a template waits for a style sheet.
fn loads_styles(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    html.contains("<link") || html.contains("@import")
}

/// Within a JSON pointer (RFC 6901, 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// RFC 9110, 5.5, without what is obsolete.
fn is_field_value(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// RFC 6265, 4.1.1, `cookie-octet`.
fn is_cookie_value(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_graphic() && !b"\",;\\".contains(&b))
}

/// Why a header is not for callers to set, and what is instead.
fn not_for_callers(name: &str) -> Option<&'static str> {
    const CONNECTION: &[&str] = &[
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    ];
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "cookie" => Some("cookies have an option of their own: cookies"),
        "user-agent" => Some("the user agent has an option of its own: user_agent"),
        name if CONNECTION.contains(&name) => {
            Some("this header belongs to the connection, which is the browser's own")
        }
        name if ["proxy-", "sec-", "platen-"]
            .iter()
            .any(|prefix| name.starts_with(prefix)) =>
        {
            Some("headers that begin with Proxy-, Sec- or Platen- cannot be set")
        }
        _ => None,
    }
}

/// The outward form of a language tag (RFC 5646, 2.1): a language, then subtags.
fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_language = subtags.next().is_some_and(|language| {
        (2..=8).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic())
    });
    is_language
        && text.len() <= 35
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

/// `1-3, 5`: positive numbers and ascending ranges, as Chromium reads them.
fn is_page_ranges(text: &str) -> bool {
    fn page(text: &str) -> Option<u32> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        text.parse().ok().filter(|page| *page > 0)
    }

    text.len() <= 256
        && text.split(',').all(|part| match part.split_once('-') {
            None => page(part).is_some(),
            Some((first, last)) => matches!(
                (page(first), page(last)),
                (Some(first), Some(last)) if first <= last
            ),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pointers at what is wrong.
    fn refused(json: &str) -> Vec<String> {
        let options: PdfOptions = serde_json::from_str(json).unwrap();
        let errors = options.check().err().map(|error| error.errors);
        errors
            .unwrap_or_default()
            .into_iter()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn every_rule_names_its_field() {
        for (json, pointers) in [
            (r#"{"scale":0.09}"#, ["/scale"].as_slice()),
            (r#"{"scale":2.01}"#, &["/scale"]),
            (
                r#"{"paper":{"width":"1mm","height":"300in"}}"#,
                &["/paper/width", "/paper/height", "/margin"],
            ),
            (r#"{"paper":"a5","margin":"3in"}"#, &["/margin"]),
            (r#"{"page_ranges":"3-1"}"#, &["/page_ranges"]),
            (
                r#"{"single_page":true,"page_ranges":"1","prefer_css_page_size":true}"#,
                &["/page_ranges", "/prefer_css_page_size"],
            ),
            (
                r#"{"header_html":"<LINK rel=stylesheet href=a>","footer_html":"<style>@import 'a'"}"#,
                &["/header_html", "/footer_html"],
            ),
            (r#"{"timeout_s":0}"#, &["/timeout_s"]),
            (r#"{"timeout_s":61}"#, &["/timeout_s"]),
            (r#"{"wait":{"delay_ms":30001}}"#, &["/wait/delay_ms"]),
            (
                r#"{"timeout_s":60,"wait":{"delay_ms":15001}}"#,
                &["/wait/delay_ms"],
            ),
            (
                r#"{"javascript":false,"wait":{"selector":"p"}}"#,
                &["/wait"],
            ),
            (r#"{"wait":{"selector":""}}"#, &["/wait/selector"]),
            (r#"{"wait":{"expression":"\n"}}"#, &["/wait/expression"]),
            (
                r#"{"viewport":{"width":0,"height":10001}}"#,
                &["/viewport/width", "/viewport/height"],
            ),
            (r#"{"locale":"hu_HU"}"#, &["/locale"]),
            (r#"{"timezone":""}"#, &["/timezone"]),
            (r#"{"user_agent":"a\u0000"}"#, &["/user_agent"]),
            (r#"{"headers":{"":"a"}}"#, &["/headers/"]),
            (r#"{"headers":{"a/b~":"a"}}"#, &["/headers/a~1b~0"]),
            (r#"{"headers":{"X":"a\r\nHost: b"}}"#, &["/headers/X"]),
            (r#"{"headers":{"hOST":"a"}}"#, &["/headers/hOST"]),
            (r#"{"headers":{"Cookie":"a=b"}}"#, &["/headers/Cookie"]),
            (
                r#"{"headers":{"Proxy-Authorization":"a"}}"#,
                &["/headers/Proxy-Authorization"],
            ),
            (
                r#"{"headers":{"Sec-Fetch-Site":"none"}}"#,
                &["/headers/Sec-Fetch-Site"],
            ),
            (
                r#"{"cookies":[{"name":"a","value":"b"},{"name":"a b","value":"b;c"}]}"#,
                &["/cookies/1/name", "/cookies/1/value"],
            ),
            (
                r#"{"metadata":{"title":"","author":"A\n"}}"#,
                &["/metadata/title", "/metadata/author"],
            ),
        ] {
            assert_eq!(refused(json), pointers, "{json}");
        }
    }

    #[test]
    fn what_lies_just_within_the_rules_is_fine() {
        for json in [
            "{}",
            r#"{"scale":0.1}"#,
            r#"{"paper":{"width":"72pt","height":"200in"},"margin":0}"#,
            r#"{"timeout_s":60,"wait":{"delay_ms":15000}}"#,
            r#"{"single_page":true,"landscape":true}"#,
            r#"{"headers":{"Authorization":"Bearer a.b","Accept-Language":"hu","X-Empty":""}}"#,
            r#"{"cookies":[{"name":"__Host-id","value":"a=b"}]}"#,
            r#"{"metadata":{"keywords":"első, második"}}"#,
        ] {
            assert_eq!(refused(json), Vec::<String>::new(), "{json}");
        }
    }

    #[test]
    fn language_tags_have_the_form_of_bcp_47() {
        for good in [
            "hu",
            "hu-HU",
            "zh-Hant-TW",
            "de-CH-1996",
            "en-u-ca-buddhist",
        ] {
            assert!(is_language_tag(good), "{good:?}");
        }
        for bad in [
            "",
            "h",
            "1a",
            "hu_HU",
            "hu-",
            "-hu",
            "hu HU",
            "hungarianlanguage",
            "ö",
        ] {
            assert!(!is_language_tag(bad), "{bad:?}");
        }
    }

    #[test]
    fn page_ranges_read_as_chromium_reads_them() {
        for good in ["1", "1-3", "1-3, 5", " 2 - 4 "] {
            assert!(is_page_ranges(good), "{good:?}");
        }
        for bad in [
            "",
            "0",
            "-",
            "1-",
            "-3",
            "3-1",
            "a",
            "1,,2",
            "1-2-3",
            "99999999999",
        ] {
            assert!(!is_page_ranges(bad), "{bad:?}");
        }
    }
}
