//! How the PDF shall look. Names and meanings follow Chromium's `Page.printToPDF` and Gotenberg
//! where they have one.

mod check;
mod cookie;
mod metadata;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Margin, Paper, PaperName, Secret, limits, object, whole};

pub use check::OptionsError;
pub use cookie::Cookie;
pub use metadata::Metadata;

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
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 256, pattern = r"^[0-9,\s-]+$")
    )]
    pub page_ranges: Option<String>,
    /// One page as high as the content; beyond 14 400 pt, PDF's limit, as many of them as it takes.
    pub single_page: bool,
    /// Printed at the top of every page. Chromium fills elements of the classes `date`, `title`,
    /// `url`, `pageNumber` and `totalPages`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 16_384))]
    pub header_html: Option<String>,
    /// Printed at the bottom of every page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 16_384))]
    pub footer_html: Option<String>,
    /// Let the page's own `@page` size win over `paper`.
    pub prefer_css_page_size: bool,
    /// Tagged (accessible) PDF.
    pub tagged: bool,
    /// Document outline (bookmarks) from the headings.
    pub outline: bool,
    /// What to wait for before printing, beyond the usual settling.
    #[serde(deserialize_with = "object::one")]
    pub wait: Wait,
    /// Seconds the page may take to load before what arrived is printed: 1 to 60.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 60))]
    #[serde(deserialize_with = "whole::number")]
    pub timeout_s: u16,
    /// Run the page's scripts.
    pub javascript: bool,
    /// Scroll through the page so that lazily loaded content is there.
    pub lazy_content: bool,
    /// Close or hide cookie banners and the like.
    pub hide_banners: bool,
    /// Window the page is laid out in before printing.
    #[serde(deserialize_with = "object::one")]
    pub viewport: Viewport,
    /// Value of `prefers-color-scheme`.
    pub color_scheme: ColorScheme,
    /// BCP 47 tag: `Accept-Language`, number and date formats. Chromium's own when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")
    )]
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Budapest`; UTC when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub timezone: Option<String>,
    /// `User-Agent` header; Chromium's own when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 512,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub user_agent: Option<String>,
    /// Request headers, sent to the origin of the URL only. Answers tell their names alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Secret>,
    /// Cookies, sent to the origin of the URL only. Answers tell their names alone.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "object::many"
    )]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub cookies: Vec<Cookie>,
    /// Fail when the site answers with a status of 400 or more; otherwise its page is printed.
    pub fail_on_http_error: bool,
    /// What the PDF says of itself, in place of what the page does.
    #[serde(
        skip_serializing_if = "Metadata::is_empty",
        deserialize_with = "object::one"
    )]
    pub metadata: Metadata,
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
            single_page: false,
            header_html: None,
            footer_html: None,
            prefer_css_page_size: false,
            tagged: true,
            outline: true,
            wait: Wait::default(),
            timeout_s: limits::LOAD_SECONDS,
            javascript: true,
            lazy_content: true,
            hide_banners: true,
            viewport: Viewport::default(),
            color_scheme: ColorScheme::Light,
            locale: None,
            timezone: None,
            user_agent: None,
            headers: BTreeMap::new(),
            cookies: Vec::new(),
            fail_on_http_error: true,
            metadata: Metadata::default(),
        }
    }
}

impl PdfOptions {
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

    /// The same without what only the site shall know: values of headers and cookies.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        for value in self.headers.values_mut() {
            value.0.clear();
        }
        for cookie in &mut self.cookies {
            cookie.value.0.clear();
        }
        self
    }
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
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub selector: Option<String>,
    /// A JavaScript expression that must become truthy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 4096,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub expression: Option<String>,
    /// Milliseconds to wait after everything else, at most 30 000.
    #[cfg_attr(feature = "openapi", schema(maximum = 30_000))]
    #[serde(deserialize_with = "whole::number")]
    pub delay_ms: u32,
}

/// Size of the window, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Viewport {
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000))]
    #[serde(deserialize_with = "whole::number")]
    pub width: u32,
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000))]
    #[serde(deserialize_with = "whole::number")]
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
            r#"{"margin":{"top":null}}"#,
            r#"{"wait":{"until":"idle"}}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_whole_number_may_have_a_point() {
        let options = read(r#"{"timeout_s":34.0,"viewport":{"width":1e3,"height":2}}"#).unwrap();
        let Viewport { width, height } = options.viewport;
        assert_eq!((options.timeout_s, width, height), (34, 1000, 2));
        for wrong in [
            "34.5", "-1", "-1.0", "65536", "65536.0", "1e300", "null", "\"1\"",
        ] {
            assert!(
                read(&format!(r#"{{"timeout_s":{wrong}}}"#)).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn secrets_are_not_told() {
        let options = read(
            r#"{"headers":{"Authorization":"s3cret"},"cookies":[{"name":"id","value":"s3cret"}]}"#,
        )
        .unwrap();
        assert!(!format!("{options:?}").contains("s3cret"));
        let told = serde_json::to_string(&options.without_secrets()).unwrap();
        assert!(!told.contains("s3cret"), "{told}");
        assert!(
            told.contains("Authorization") && told.contains("\"id\""),
            "{told}"
        );
    }
}
