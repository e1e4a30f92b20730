//! English without a browser, so that what `logic` decides can be tested in words.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

static WORDS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales/en");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .filter_map(|text| serde_json::from_str::<BTreeMap<_, _>>(&text).ok())
        .flatten()
        .collect()
});

pub(super) fn text(key: &str) -> Option<String> {
    WORDS.get(key).cloned()
}

pub(super) fn is_english() -> bool {
    true
}

pub(super) fn plural_form(count: f64) -> &'static str {
    if (count - 1.0).abs() < f64::EPSILON {
        "one"
    } else {
        "other"
    }
}

pub(super) fn number(value: f64) -> String {
    value.to_string()
}

pub(super) fn relative(amount: i32, unit: &str) -> String {
    match (amount, unit) {
        (1.., _) => format!("in {amount} {unit}s"),
        (-1, "day") => "yesterday".to_owned(),
        (_, "minute") => format!("{} min ago", -amount),
        (_, "hour") => format!("{} h ago", -amount),
        _ => format!("{} {unit}s ago", -amount),
    }
}
