//! What the app says, by key, in the language of the person who reads it. The words are in
//! `locales/`, a folder for each language; numbers and times are written by the
//! browser's `Intl`.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod english;

#[cfg(target_arch = "wasm32")]
use browser as reader;
#[cfg(not(target_arch = "wasm32"))]
use english as reader;

#[cfg(target_arch = "wasm32")]
pub use browser::{date, language, language_name, languages};

/// The text of `key`; the key itself, should it be missing, which a test makes sure that it is not.
pub fn t(key: &str) -> String {
    reader::text(key).unwrap_or_else(|| key.to_owned())
}

/// The text of `key` with each `{name}` in it replaced.
pub fn t_with(key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(t(key), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// The text of `key` for so many: `key.one`, `key.other` and the other forms of the language, with
/// `{count}` replaced.
pub fn t_count(key: &str, count: u64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "nobody has 2^53 of anything here"
    )]
    let value = count as f64;
    let form = reader::plural_form(value);
    t_with(&format!("{key}.{form}"), &[("count", &number(value))])
}

/// A number with one decimal at most.
pub fn number(value: f64) -> String {
    reader::number(value)
}

/// `amount` units from now, such as `3 min ago` for -3 and `minute`.
pub fn relative(amount: i32, unit: &str) -> String {
    reader::relative(amount, unit)
}

/// What the server says needs no translation.
pub fn is_english() -> bool {
    reader::is_english()
}
