//! What is the same for a request, however it comes in.

use platen_api_types::{FieldError, OptionsError, PdfOptions};
use platen_egress::TargetUrl;

/// Refuses options that cannot be used.
pub(crate) fn check(options: &PdfOptions) -> Result<(), OptionsError> {
    options.check()?;
    check_time_zone(options)
}

/// The browser would only say it once the page is there. Needs the time-zone database, which the
/// crate of the options, built for the browser too, does without.
fn check_time_zone(options: &PdfOptions) -> Result<(), OptionsError> {
    match &options.timezone {
        Some(name) if jiff::tz::db().get(name).is_err() => Err(OptionsError {
            errors: vec![FieldError {
                pointer: "/timezone".to_owned(),
                detail: "an IANA time zone, such as \"Europe/Budapest\"".to_owned(),
            }],
        }),
        _ => Ok(()),
    }
}

/// What people recognise the page by until its title is known.
pub(crate) fn readable(target: &TargetUrl) -> String {
    let url = target.as_url();
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    format!("{host}{}", url.path())
}
