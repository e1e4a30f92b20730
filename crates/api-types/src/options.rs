//! How the PDF shall look. Names and meanings follow Chromium's `Page.printToPDF` and Gotenberg
//! where they have one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FieldError, Margin, Paper, PaperName, limits};

/// PDF options. Every field may be left out; unknown fields are errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the API"
)]
pub struct PdfOptions {
    /// Sheet; left out, Letter where `locale` names a country that uses it, A4 elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper: Option<Paper>,
    pub landscape: bool,
    /// White space around the content.
    pub margin: Margin,
    /// 0.1 to 2.
    #[cfg_attr(feature = "openapi", schema(minimum = 0.1, maximum = 2.0))]
    pub scale: f64,
    /// Print background colours and images.
    pub print_background: bool,
    /// `print`: as a browser's "Save as PDF"; `screen`: as on the screen.
    pub media: Media,
    /// Pages to keep, such as `1-3, 5`; all when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_ranges: Option<String>,
    /// Printed at the top of every page. Chromium fills elements of the classes `date`, `title`,
    /// `url`, `pageNumber` and `totalPages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_html: Option<String>,
    /// Printed at the bottom of every page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer_html: Option<String>,
    /// Let the page's own `@page` size win over `paper`.
    pub prefer_css_page_size: bool,
    /// Tagged (accessible) PDF.
    pub tagged: bool,
    /// Document outline (bookmarks) from the headings.
    pub outline: bool,
    /// What to wait for before printing, beyond the usual settling.
    pub wait: Wait,
    /// Seconds the page may take to load before what arrived is printed: 1 to 60.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 60))]
    pub timeout_s: u16,
    /// Run the page's scripts.
    pub javascript: bool,
    /// Scroll through the page so that lazily loaded content is there.
    pub lazy_content: bool,
    /// Window the page is laid out in before printing.
    pub viewport: Viewport,
    /// Value of `prefers-color-scheme`.
    pub color_scheme: ColorScheme,
    /// BCP 47 tag: `Accept-Language`, number and date formats. Chromium's own when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Budapest`; UTC when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// `User-Agent` header; Chromium's own when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

impl Default for PdfOptions {
    fn default() -> Self {
        Self {
            paper: None,
            landscape: false,
            margin: Margin::default(),
            scale: 1.0,
            print_background: true,
            media: Media::Print,
            page_ranges: None,
            header_html: None,
            footer_html: None,
            prefer_css_page_size: false,
            tagged: true,
            outline: true,
            wait: Wait::default(),
            timeout_s: limits::LOAD_SECONDS,
            javascript: true,
            lazy_content: true,
            viewport: Viewport::default(),
            color_scheme: ColorScheme::Light,
            locale: None,
            timezone: None,
            user_agent: None,
        }
    }
}

impl PdfOptions {
    /// Checks what types alone cannot: ranges and lengths of text.
    pub fn check(&self) -> Result<(), OptionsError> {
        let mut errors = Vec::new();
        let mut refuse = |pointer: &str, detail: String| {
            errors.push(FieldError {
                pointer: pointer.to_owned(),
                detail,
            });
        };

        if !limits::SCALE.contains(&self.scale) {
            let (low, high) = limits::SCALE.into_inner();
            refuse("/scale", format!("scale is between {low} and {high}"));
        }
        if let Some(Paper::Custom { width, height }) = self.paper {
            for (pointer, side) in [("/paper/width", width), ("/paper/height", height)] {
                if !limits::PAPER_POINTS.contains(&side.points()) {
                    refuse(
                        pointer,
                        "a side of the paper is between 1in and 200in".to_owned(),
                    );
                }
            }
        }
        let sheet = self.sheet();
        let across = self.margin.left.inches() + self.margin.right.inches();
        let down = self.margin.top.inches() + self.margin.bottom.inches();
        if across >= sheet.0 || down >= sheet.1 {
            refuse(
                "/margin",
                "the margins leave no room for content on the paper".to_owned(),
            );
        }
        if let Some(ranges) = &self.page_ranges
            && !is_page_ranges(ranges)
        {
            refuse(
                "/page_ranges",
                "page ranges are numbers and ranges from 1 up, such as \"1-3, 5\"".to_owned(),
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
                refuse(pointer, format!("at most {} bytes", limits::TEMPLATE_BYTES));
            }
        }
        if !(1..=60).contains(&self.timeout_s) {
            refuse("/timeout_s", "between 1 and 60 seconds".to_owned());
        }
        if self.wait.delay_ms > limits::WAIT_DELAY_MS {
            refuse(
                "/wait/delay_ms",
                format!("at most {} ms", limits::WAIT_DELAY_MS),
            );
        }
        if !self.javascript && (self.wait.selector.is_some() || self.wait.expression.is_some()) {
            refuse(
                "/wait",
                "waiting for a selector or an expression needs javascript to be on".to_owned(),
            );
        }
        for (pointer, side) in [
            ("/viewport/width", self.viewport.width),
            ("/viewport/height", self.viewport.height),
        ] {
            if !limits::VIEWPORT_PX.contains(&side) {
                refuse(pointer, "between 1 and 10000 CSS pixels".to_owned());
            }
        }
        for (pointer, text, most) in [
            ("/locale", &self.locale, 35),
            ("/timezone", &self.timezone, 64),
            ("/user_agent", &self.user_agent, 512),
            ("/wait/selector", &self.wait.selector, 1024),
            ("/wait/expression", &self.wait.expression, 4096),
        ] {
            if let Some(text) = text
                && (text.is_empty() || text.len() > most || text.chars().any(char::is_control))
            {
                refuse(
                    pointer,
                    format!("1 to {most} characters, none of them a control character"),
                );
            }
        }

        if errors.is_empty() {
            Ok(())
        } else {
            Err(OptionsError { errors })
        }
    }

    /// Width and height of the sheet in inches, turned when `landscape`.
    pub fn sheet(&self) -> (f64, f64) {
        let (width, height) = match self.paper {
            Some(Paper::Custom { width, height }) => (width.inches(), height.inches()),
            Some(Paper::Named(name)) => name.inches(),
            None => PaperName::of_locale(self.locale.as_deref()).inches(),
        };
        if self.landscape {
            (height, width)
        } else {
            (width, height)
        }
    }
}

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

/// CSS media type that the page is printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Media {
    Print,
    Screen,
}

/// Value of the `prefers-color-scheme` media feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ColorScheme {
    Light,
    Dark,
}

/// Conditions to wait for before printing; all that are given must hold, or the time-out passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wait {
    /// A CSS selector that must match an element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// A JavaScript expression that must become truthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Milliseconds to wait after everything else, at most 30 000.
    #[cfg_attr(feature = "openapi", schema(maximum = 30_000))]
    pub delay_ms: u32,
}

/// Size of the window, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Viewport {
    pub width: u32,
    pub height: u32,
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<PdfOptions, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn pointers(options: &PdfOptions) -> Vec<String> {
        options
            .check()
            .unwrap_err()
            .errors
            .into_iter()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn nothing_means_the_defaults_and_they_hold() {
        let options = read("{}").unwrap();
        assert_eq!(options, PdfOptions::default());
        assert_eq!(options.check(), Ok(()));
    }

    #[test]
    fn what_is_written_reads_back() {
        let options = read(
            r#"{"paper":{"width":"100mm","height":5},"margin":{"top":"2cm"},"scale":0.5,
                "media":"screen","page_ranges":"1-3, 5","wait":{"delay_ms":10},"locale":"hu-HU"}"#,
        )
        .unwrap();
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(read(&json).unwrap(), options);
    }

    #[test]
    fn unknown_fields_and_names_are_errors() {
        for json in [
            r#"{"papr":"a4"}"#,
            r#"{"paper":"a44"}"#,
            r#"{"paper":{"width":"1in"}}"#,
            r#"{"paper":{"width":"1in","height":"1in","depth":"1in"}}"#,
            r#"{"margin":{"inner":"1in"}}"#,
            r#"{"wait":{"until":"idle"}}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn ranges_are_checked_and_every_field_is_named() {
        let options = read(
            r#"{"scale":3,"paper":{"width":"1mm","height":"300in"},"page_ranges":"3-1",
                "timeout_s":0,"wait":{"delay_ms":99999},"viewport":{"width":0}}"#,
        )
        .unwrap();
        assert_eq!(
            pointers(&options),
            [
                "/scale",
                "/paper/width",
                "/paper/height",
                "/margin",
                "/page_ranges",
                "/timeout_s",
                "/wait/delay_ms",
                "/viewport/width",
            ]
        );
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
