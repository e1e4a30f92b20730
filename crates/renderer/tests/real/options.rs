//! Every option changes what it says, and nothing else.

use platen_api_types::{FailureCode, Media, PdfOptions};

use crate::{
    site::Answer,
    stage::{Pdf, Stage, code, run},
};

fn options(json: &str) -> PdfOptions {
    let options: PdfOptions = serde_json::from_str(json).unwrap();
    options.check().unwrap();
    options
}

fn lines(count: u32) -> String {
    (0..count).fold(String::new(), |html, n| html + &format!("<p>line {n}"))
}

async fn with(html: &str, json: &str) -> Pdf {
    let stage = Stage::shared().await;
    let path = stage.site.serve(Answer::html(html));
    stage.render(&path, options(json)).await.unwrap()
}

#[test]
fn paper_and_orientation() {
    run(async {
        for (json, size) in [
            ("{}", "595.92 x 841.92"),
            (r#"{"paper":"letter"}"#, "612 x 792"),
            (r#"{"locale":"en-US"}"#, "612 x 792"),
            (r#"{"paper":"letter","landscape":true}"#, "792 x 612"),
            (
                r#"{"paper":{"width":"100mm","height":"5in"}}"#,
                "283.92 x 360",
            ),
        ] {
            let pdf = with("<p>x", json).await;
            assert!(
                pdf.info("Page size").starts_with(size),
                "{json}: {}",
                pdf.info("Page size")
            );
        }
        let css = "<style>@page { size: 4in 4in }</style><p>x";
        let pdf = with(css, r#"{"prefer_css_page_size":true}"#).await;
        assert!(pdf.info("Page size").starts_with("288 x 288"));
    });
}

#[test]
fn scale_margin_and_ranges_change_the_pages() {
    run(async {
        let lines = lines(120);
        let usual = with(&lines, "{}").await.facts.pages;
        assert!(with(&lines, r#"{"scale":0.5}"#).await.facts.pages < usual);
        assert!(with(&lines, r#"{"margin":"3.5in"}"#).await.facts.pages > usual);
        let some = with(&lines, r#"{"page_ranges":"2-3"}"#).await;
        assert_eq!(some.facts.pages, 2);
        assert!(!some.text().contains("line 0\n"));
    });
}

#[test]
fn ranges_beyond_the_document_are_refused() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html("<p>one page"));
        let result = stage
            .render(&path, options(r#"{"page_ranges":"7-9"}"#))
            .await;
        assert_eq!(code(result), FailureCode::UnsupportedContent);
    });
}

#[test]
fn header_and_footer() {
    run(async {
        let pdf = with(
            "<title>the title</title><p>body words",
            r#"{"header_html":"<i style='font-size:9px'>top <span class=title></span></i>",
                "footer_html":"<i style='font-size:9px'>p <span class=pageNumber></span>/<span class=totalPages></span></i>",
                "margin":"2cm"}"#,
        )
        .await;
        let text = pdf.text();
        assert!(
            text.contains("top the title") && text.contains("p 1/1"),
            "{text}"
        );

        let pdf = with(
            "<title>the title</title><p>x",
            r#"{"footer_html":"<b style='font-size:9px'>end</b>"}"#,
        )
        .await;
        let text = pdf.text();
        assert!(
            text.contains("end") && !text.contains("the title"),
            "{text}"
        );
    });
}

#[test]
fn medium_and_colour_scheme() {
    run(async {
        let html = "<style>.screen,.print,.dark,.light { display: none }
            @media screen { .screen { display: block } }
            @media print { .print { display: block } }
            @media (prefers-color-scheme: dark) { .dark { display: block } }
            @media (prefers-color-scheme: light) { .light { display: block } }</style>
            <p class=screen>on screen<p class=print>on paper<p class=dark>dark<p class=light>light";
        let usual = with(html, "{}").await.text();
        assert!(
            usual.contains("on paper") && !usual.contains("on screen"),
            "{usual}"
        );
        assert!(
            usual.contains("light") && !usual.contains("dark"),
            "{usual}"
        );
        let screen = with(html, r#"{"media":"screen","color_scheme":"dark"}"#)
            .await
            .text();
        assert!(
            screen.contains("on screen") && !screen.contains("on paper"),
            "{screen}"
        );
        assert!(
            screen.contains("dark") && !screen.contains("light"),
            "{screen}"
        );
        assert_eq!(options(r#"{"media":"screen"}"#).media, Media::Screen);
    });
}

#[test]
fn backgrounds_tags_and_outline_can_be_left_out() {
    run(async {
        let html = "<h1 style='background:#123456'>Heading</h1>";
        let full = with(html, "{}").await;
        let bare = with(
            html,
            r#"{"print_background":false,"tagged":false,"outline":false}"#,
        )
        .await;
        assert_eq!(
            (full.info("Tagged"), bare.info("Tagged")),
            ("yes".into(), "no".into())
        );
        assert!(full.json().contains("\"title\": \"Heading\""));
        assert!(!bare.json().contains("\"title\": \"Heading\""));
        assert!(bare.facts.size < full.facts.size);
    });
}

#[test]
fn scripts_can_be_off() {
    run(async {
        let html =
            "<noscript>without</noscript><p id=p>static<script>p.textContent = 'with'</script>
            <img loading=lazy src='/missing.png'>";
        assert!(with(html, "{}").await.text().contains("with"));
        let off = with(html, r#"{"javascript":false}"#).await;
        assert!(
            off.text().contains("static") && off.text().contains("without"),
            "{}",
            off.text()
        );
        assert!(!off.text().contains("with\n"));
    });
}

#[test]
fn the_page_sees_window_language_zone_and_agent() {
    run(async {
        let stage = Stage::shared().await;
        let html = "<pre id=p></pre><script>p.textContent = [innerWidth, innerHeight,
            navigator.language, (1.5).toLocaleString(), new Date(0).getHours(),
            Intl.DateTimeFormat().resolvedOptions().timeZone, navigator.userAgent].join('|')</script>";
        let usual = with(html, "{}").await.text();
        assert!(
            usual.starts_with("1280|800|en-US|1.5|0|UTC|Mozilla"),
            "{usual}"
        );

        let path = stage.site.serve(Answer::html(html));
        let asked = options(
            r#"{"viewport":{"width":600,"height":400},"locale":"de-DE","timezone":"Asia/Tokyo",
                "user_agent":"Agent/1 (test)"}"#,
        );
        let text = stage.render(&path, asked).await.unwrap().text();
        assert!(
            text.starts_with("600|400|de-DE|1,5|9|Asia/Tokyo|Agent/1 (test)"),
            "{text}"
        );
        let seen = &stage.site.seen(&path)[0].headers;
        assert_eq!(seen["user-agent"], "Agent/1 (test)");
        assert!(
            seen["accept-language"]
                .to_str()
                .unwrap()
                .starts_with("de-DE")
        );
    });
}

#[test]
fn zones_and_languages_that_do_not_exist_are_refused() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html("<p>x"));
        for json in [r#"{"timezone":"Mars/Olympus"}"#] {
            let result = stage.render(&path, options(json)).await;
            assert_eq!(code(result), FailureCode::UnsupportedContent, "{json}");
        }
    });
}
