//! Limits of the public interface. Every number here is a promise of `/api/v1`.

use std::ops::RangeInclusive;

/// Bytes of a request body that are read before the answer is 413.
pub const BODY_BYTES: usize = 256 * 1024;

/// Bytes of a URL after WHATWG serialisation.
pub const URL_BYTES: usize = 2048;

/// Bytes of a password. No composition rules (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_BYTES: RangeInclusive<usize> = 8..=1024;

/// Characters of a user name.
pub const USERNAME_CHARS: RangeInclusive<usize> = 3..=32;

/// URLs in one `POST /requests`.
pub const URLS: RangeInclusive<usize> = 1..=100;

/// Characters of the name of an API key.
pub const KEY_NAME_CHARS: RangeInclusive<usize> = 1..=100;

/// API keys that a user may have.
pub const KEYS: u32 = 50;

/// Webhooks that a user may have.
pub const WEBHOOKS: u32 = 10;

/// Files in one page of a list.
pub const PAGE_SIZE: RangeInclusive<u16> = 1..=200;

/// Files in one page of a list when the client does not say.
pub const DEFAULT_PAGE_SIZE: u16 = 50;

/// Files in one archive of `GET /files/archive`.
pub const ARCHIVE_FILES: usize = 100;

/// Bytes of a search term in `GET /files`.
pub const SEARCH_BYTES: usize = 200;

/// Pages a PDF may have; beyond it the file fails with `too_many_pages`.
pub const PDF_PAGES: u32 = 500;

/// Bytes a PDF may have; beyond it the file fails with `output_too_large`.
pub const PDF_BYTES: u64 = 50 * 1024 * 1024;

/// Bytes a page may load; beyond it the file fails with `traffic_limit`.
pub const TRAFFIC_BYTES: u64 = 100 * 1024 * 1024;

/// Seconds a page may take to load before what arrived is printed.
pub const LOAD_SECONDS: u16 = 30;

/// Seconds that `timeout_s` may ask for.
pub const TIMEOUT_SECONDS: u16 = 60;

/// Seconds after which a conversion is stopped, whatever it is doing.
pub const HARD_STOP_SECONDS: u16 = 90;

/// Redirects at which a main document fails with `too_many_redirects`.
pub const REDIRECTS: u32 = 20;

/// Scale of the printed page, as Chromium accepts it.
pub const SCALE: RangeInclusive<f64> = 0.1..=2.0;

/// Side of a sheet, in points. The upper bound is PDF's own (ISO 32000-1, annex C.2).
pub const PAPER_POINTS: RangeInclusive<f64> = 72.0..=14_400.0;

/// Side of the window a page is laid out in, in CSS pixels.
pub const VIEWPORT_PX: RangeInclusive<u32> = 1..=10_000;

/// Bytes of `header_html` and of `footer_html`.
pub const TEMPLATE_BYTES: usize = 16 * 1024;

/// Milliseconds that `wait.delay_ms` may ask for.
pub const WAIT_DELAY_MS: u32 = 30_000;

/// Milliseconds that `timeout_s` and `wait.delay_ms` may ask for together, so that there is time to
/// print before the hard stop.
pub const LONGEST_WAIT_MS: u32 = 75_000;

/// Request headers that `headers` may name.
pub const HEADERS: usize = 32;

/// Cookies that `cookies` may name.
pub const COOKIES: usize = 50;

/// Bytes of the name of a header or a cookie.
pub const HEADER_NAME_BYTES: usize = 256;

/// Bytes of the value of a header or a cookie. Servers commonly refuse 8 KiB in total.
pub const HEADER_VALUE_BYTES: usize = 4096;

/// Characters of an entry of `metadata`.
pub const METADATA_CHARS: usize = 1024;
