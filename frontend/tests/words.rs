//! Every word is there, in every language, and none without use.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use platen_api_types::ProblemCode;

/// The forms that numbers take in each language, as `Intl.PluralRules` names them.
const LANGUAGES: [(&str, &[&str]); 4] = [
    ("de", &["one", "other"]),
    ("en", &["one", "other"]),
    ("es", &["many", "one", "other"]),
    ("hu", &["one", "other"]),
];

type Words = BTreeMap<String, String>;

fn frontend() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn words(language: &str) -> Words {
    let mut words = Words::new();
    for path in files(&frontend().join("locales").join(language)) {
        let part: Words = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (key, text) in part {
            assert!(!text.trim().is_empty(), "{language}: {key} says nothing");
            assert!(words.insert(key.clone(), text).is_none(), "{key} twice");
        }
    }
    words
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The key without its plural form.
fn base(key: &str) -> &str {
    match key.rsplit_once('.') {
        Some((base, "zero" | "one" | "two" | "few" | "many" | "other")) => base,
        _ => key,
    }
}

/// Each key with the placeholders that its texts have, whatever the form.
fn placeholders(words: &Words) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found = BTreeMap::<_, BTreeSet<_>>::new();
    for (key, text) in words {
        let names = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'));
        found
            .entry(base(key))
            .or_default()
            .extend(names.map(|(name, _)| name));
    }
    found
}

/// What stands between double quotes, or in a place of a template, and looks like a key.
fn literals(source: &str, parts: &BTreeSet<&str>) -> BTreeSet<String> {
    source
        .split(['"', '{', '}'])
        .filter(|text| {
            let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
            text.split_once('.')
                .is_some_and(|(part, rest)| parts.contains(part) && !rest.is_empty())
                && text.chars().all(name)
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_key_is_used_and_every_used_key_is_there() {
    let english = words("en");
    let keys: BTreeSet<&str> = english.keys().map(|key| base(key)).collect();
    let parts: BTreeSet<&str> = keys
        .iter()
        .filter_map(|key| key.split('.').next())
        .collect();
    let mut used: BTreeSet<String> = ProblemCode::ALL
        .iter()
        .map(|code| format!("problem.{code}"))
        .collect();
    for path in files(&frontend().join("src")) {
        used.extend(literals(&fs::read_to_string(path).unwrap(), &parts));
    }
    // What else is filled in there is the bundler's, which knows whether it has it.
    let page = fs::read_to_string(frontend().join("index.html")).unwrap();
    let of_page = literals(&page, &parts);
    used.extend(of_page.into_iter().filter(|key| english.contains_key(key)));
    let used: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    let missing: Vec<_> = used.difference(&keys).collect();
    let idle: Vec<_> = keys.difference(&used).collect();
    assert!(
        missing.is_empty(),
        "used, but not in locales/en: {missing:?}"
    );
    assert!(idle.is_empty(), "in locales/en, but not used: {idle:?}");
}

#[test]
fn every_language_says_everything() {
    let english = words("en");
    let wanted = placeholders(&english);
    let folders: BTreeSet<_> = fs::read_dir(frontend().join("locales"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(folders.iter().eq(LANGUAGES.map(|(tag, _)| tag)));
    for (language, forms) in LANGUAGES {
        let words = words(language);
        let said = placeholders(&words);
        let missing: Vec<_> = wanted
            .keys()
            .filter(|key| !said.contains_key(*key))
            .collect();
        let extra: Vec<_> = said
            .keys()
            .filter(|key| !wanted.contains_key(*key))
            .collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        assert!(extra.is_empty(), "only {language} has {extra:?}");
        assert_eq!(said, wanted, "placeholders of {language}");
        for key in wanted.keys() {
            let has: BTreeSet<&str> = words
                .keys()
                .filter(|form| base(form) == *key)
                .map(|form| form[key.len()..].trim_start_matches('.'))
                .collect();
            let right = has.iter().eq([""].iter()) || has.iter().eq(forms.iter());
            assert!(right, "{language}: {key} has the forms {has:?}");
        }
    }
}
