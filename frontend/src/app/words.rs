//! What the app says, by key, in the language of the person who reads it.

use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::JsValue;

/// The sentences of one language, a file for each part of the app.
const PARTS: [&str; 5] = [
    include_str!("../../locales/en/account.json"),
    include_str!("../../locales/en/app.json"),
    include_str!("../../locales/en/library.json"),
    include_str!("../../locales/en/options.json"),
    include_str!("../../locales/en/reader.json"),
];

thread_local! {
    static WORDS: Object = read();
}

fn read() -> Object {
    PARTS.iter().fold(Object::new(), |all, part| {
        let part = JSON::parse(part).map(Object::from).unwrap_or_default();
        Object::assign(&all, &part)
    })
}

/// The text of `key`; the key itself, should it be missing, which a test makes sure that it is not.
pub fn t(key: &str) -> String {
    WORDS
        .with(|words| Reflect::get(words, &JsValue::from_str(key)))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| key.to_owned())
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
    let form = if count == 1 { "one" } else { "other" };
    t_with(&format!("{key}.{form}"), &[("count", &count.to_string())])
}
