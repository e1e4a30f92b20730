use js_sys::{Array, Function, Object, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static WORDS: JsValue = given("words");
}

/// What `first.js` and `boot.js` leave for the app.
fn given(name: &str) -> JsValue {
    let given = get(&global(), "platen");
    get(&given, name)
}

/// Undefined where there is no such property.
fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &JsValue::from_str(name)).unwrap_or_default()
}

pub(super) fn text(key: &str) -> Option<String> {
    WORDS.with(|words| get(words, key)).as_string()
}

/// The language of the words, such as `hu`.
pub fn language() -> String {
    given("language").as_string().unwrap_or_default()
}

/// What a language calls itself.
pub fn language_name(tag: &str) -> String {
    answer("nameOf", &[tag.into()])
}

/// The languages that there are.
pub fn languages() -> Vec<String> {
    Object::keys(given("languages").unchecked_ref::<Object>())
        .iter()
        .filter_map(|tag| tag.as_string())
        .collect()
}

pub(super) fn is_english() -> bool {
    language() == "en"
}

pub(super) fn plural_form(count: f64) -> String {
    answer("plural", &[count.into()])
}

pub(super) fn number(value: f64) -> String {
    answer("number", &[value.into()])
}

pub(super) fn relative(amount: i32, unit: &str) -> String {
    answer("relative", &[amount.into(), unit.into()])
}

/// A moment, in milliseconds since 1970, in the styles of `Intl.DateTimeFormat`.
pub fn date(milliseconds: f64, date_style: &str, time_style: Option<&str>) -> String {
    let time_style = time_style.map_or(JsValue::UNDEFINED, JsValue::from_str);
    answer(
        "date",
        &[milliseconds.into(), date_style.into(), time_style],
    )
}

/// Has one of the functions of `boot.js` write something. They fail for no number that there is.
fn answer(name: &str, arguments: &[JsValue]) -> String {
    let function: Function = given(name).unchecked_into();
    let arguments: Array = arguments.iter().collect();
    function
        .apply(&JsValue::UNDEFINED, &arguments)
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}
