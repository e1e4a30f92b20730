//! What is judged is what is loaded: the URL that was accepted is the one that Chromium reads.
//!
//! Our parser and Chromium's are different programs for one standard. Where an accepted URL had
//! another host in Chromium, the judgement would have been about another place.

use platen_api_types::PdfOptions;
use platen_egress::{EgressPolicy, TargetUrl};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde::Deserialize;
use url::{Position, Url};

use crate::{
    site::Answer,
    stage::{Stage, run},
};

/// Generated URLs, beside those written by hand.
const GENERATED: usize = 6000;

/// Written by hand: what has made parsers differ, or a check look at another place than the browser.
const WRITTEN: &str = include_str!("urls.json");

/// What Chromium makes of a URL; nothing where it refuses it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Read {
    href: String,
    host: String,
}

/// Asks a page in the browser to read all of them.
async fn read_by_chromium(stage: &Stage, urls: &[String]) -> Vec<Option<Read>> {
    let result = stage.site.serve(Answer::new("text/plain", "thanks"));
    // As a file of its own: in a page, `</script>` in a URL would end it.
    let list = stage.site.serve(Answer::new(
        "application/json",
        serde_json::to_string(urls).unwrap(),
    ));
    let page = stage.site.serve(Answer::html(format!(
        "<script type=module>
         const urls = await (await fetch('{list}')).json();
         const read = urls.map(url => {{ try {{ const {{ href, host }} = new URL(url);
            return {{ href, host }} }} catch {{ return null }} }});
         await fetch('{result}', {{ method: 'POST', body: JSON.stringify(read) }});
         document.body.innerHTML = '<p id=done>done'</script>"
    )));
    let options: PdfOptions = serde_json::from_str(r##"{"wait":{"selector":"#done"}}"##).unwrap();
    stage.render(&page, options).await.unwrap();
    let seen = stage.site.seen(&result);
    serde_json::from_slice(&seen[0].body).unwrap()
}

/// The standard has since come to write these two in paths as Chromium does.
fn as_chromium_writes(url: &Url) -> String {
    let path = url.path().replace('|', "%7C").replace('^', "%5E");
    let (before, after) = (&url[..Position::BeforePath], &url[Position::AfterPath..]);
    format!("{before}{path}{after}")
}

/// Parts that parsers have been known to differ about.
fn url() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec!["http://", "https://", "HTTP://", "hTTps://"]);
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "example.com", "EXAMPLE.com", "a.example.net", "1.1.1.1", "93.184.215.14", "0x5d.184.55054",
            "1572395022", "[2606:4700::1111]", "[::ffff:1.1.1.1]", "xn--bcher-kva.example.org", "bücher.de",
            "faß.de", "ς.example.org", "日本語.jp", "EXAMPLE。com", "ｅｘａｍｐｌｅ.com", "①.example.com",
            "a\u{ad}b.com", "a\u{200d}b.com", "a_b.com", "-a.com", "a-.com", "ab--c.com", "xn--a.com",
            "1.2.3", "1.2.3.4.5", "0x.com", "1.1.1.0x", "example.com.", "example..com", "%65xample.com",
            "%C3%BC.com", "ex%61mple.com", "a%2eexample.com", "a%00.com", "☃.net", "www.☕.com",
        ]).prop_map(str::to_owned),
        3 => prop::sample::select(vec![
            "", ":80", ":443", ":080", ":", ":65535", "/", "//", "/a/../b", "/./%2e%2e/c", "/%7Ea", "/a b",
            "?", "?a=b&c", "#", "#x y", "?q=\\", "/'\"<>`{}|^", "?'\"<>`{}|^", "#'\"<>`{}|^", "/é", "?é", "#é",
            "/\u{1f600}", "/%zz", "/%", "@", "\\", "/@", ";a", "/;a=b", "/a:b", "/*", "/[x]", "/a%2fb",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => "\\PC{0,4}",
    ];
    (scheme, prop::collection::vec(part, 1..5))
        .prop_map(|(scheme, parts)| format!("{scheme}{}", parts.concat()))
}

/// The same ones at every run: a difference that was found is found again.
fn generated() -> Vec<String> {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    (0..GENERATED)
        .map(|_| url().new_tree(&mut runner).unwrap().current())
        .collect()
}

#[test]
fn chromium_reads_accepted_urls_as_they_were_judged() {
    run(async {
        // Most of them would be no URLs otherwise, and nothing be compared.
        compare(generated(), GENERATED / 10).await;
        let written: Vec<String> = serde_json::from_str(WRITTEN).unwrap();
        let some = written.len() / 4;
        compare(written, some).await;
    });
}

/// Panics unless Chromium reads all that we accept as we do, and we accept more than `some`.
async fn compare(urls: Vec<String>, some: usize) {
    let stage = Stage::shared().await;
    let policy = EgressPolicy::default();
    let accepted: Vec<(String, TargetUrl)> = urls
        .into_iter()
        .filter_map(|url| Some((url.clone(), TargetUrl::parse(&url, &policy).ok()?)))
        .collect();
    assert!(accepted.len() > some, "{}", accepted.len());
    let given: Vec<String> = accepted.iter().map(|(given, _)| given.clone()).collect();
    let canonical: Vec<String> = accepted
        .iter()
        .map(|(_, url)| url.as_str().to_owned())
        .collect();
    let of_given = read_by_chromium(stage, &given).await;
    let of_canonical = read_by_chromium(stage, &canonical).await;
    let mut differences = Vec::new();
    for ((given, ours), (first, second)) in accepted.iter().zip(of_given.iter().zip(&of_canonical))
    {
        let url = ours.as_url();
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap()),
            None => url.host_str().unwrap().to_owned(),
        };
        // The browser is given the canonical form; what was typed may at most be refused by it.
        let typed = first.as_ref().is_none_or(|read| read.host == host);
        let canonical = as_chromium_writes(url);
        let loaded = second
            .as_ref()
            .is_some_and(|read| read.host == host && read.href == canonical);
        if !typed || !loaded {
            differences.push(format!("{given:?}: {url} and {first:?}, {second:?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {}:\n{}",
        differences.len(),
        accepted.len(),
        differences.join("\n")
    );
}
