//! Every option changes what it says, and nothing else.

use platen_api_types::{FailureCode, Media};
use platen_egress::TargetUrl;
use platen_renderer::{RenderJob, Renderer};

use crate::{
    site::{Answer, Site},
    stage::{Pdf, Stage, allowing, code, config, options, read, run},
};

fn lines(count: u32) -> String {
    (0..count).fold(String::new(), |html, n| html + &format!("<p>line {n}"))
}

async fn with(html: &str, json: &str) -> Pdf {
    Stage::shared().await.render_html_with(html, json).await
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
fn a_zone_that_does_not_exist_is_refused() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html("<p>x"));
        let result = stage
            .render(&path, options(r#"{"timezone":"Mars/Olympus"}"#))
            .await;
        assert_eq!(code(result), FailureCode::UnsupportedContent);
    });
}

#[test]
fn headers_go_to_the_origin_alone() {
    run(async {
        let stage = Stage::shared().await;
        let other = Site::start().await;
        let egress = allowing(&[&stage.site, &other]);
        let renderer = Renderer::start(config("headers"), egress.clone())
            .await
            .unwrap();
        let picture = stage.site.serve(Answer::new("image/gif", ""));
        let foreign = other.serve(Answer::new("image/gif", ""));
        let [fetched, shared] = [0; 2].map(|_| stage.site.serve(Answer::new("text/plain", "x")));
        let abroad = other.serve(Answer::new("text/plain", "x"));
        let script = |text: String| stage.site.serve(Answer::new("text/javascript", text));
        let worker = script(format!("fetch('{fetched}').then(() => postMessage(1))"));
        let shared_worker = script(format!(
            "onconnect = e => Promise.all([fetch('{shared}'), fetch('{}', {{ mode: 'no-cors' }})])
             .then(() => e.ports[0].postMessage(1))",
            other.url(&abroad)
        ));
        let page = stage.site.serve(Answer::html(format!(
            "<img src='{picture}'><img src='{}'><p>x<script>window.done = 0
             for (const at of [new Worker('{worker}'), new SharedWorker('{shared_worker}').port])
             at.onmessage = () => document.body.append(++done)</script>",
            other.url(&foreign)
        )));
        let landing = other.serve(Answer::html("<p>landed"));
        let redirect = stage.site.serve(Answer::redirect(&other.url(&landing)));
        let asked = options(
            r#"{"headers":{"Authorization":"Bearer t","x-own":"1","accept-language":"hu"},
                "cookies":[{"name":"id","value":"7"}]}"#,
        );
        for path in [&page, &redirect] {
            let job = RenderJob::new(
                TargetUrl::parse(&stage.site.url(path), egress.policy()).unwrap(),
                asked.clone(),
            );
            read(&renderer, job).await.unwrap();
        }
        for path in [&page, &picture, &redirect, &worker, &fetched, &shared] {
            let seen = &stage.site.seen(path)[0].headers;
            assert_eq!(seen["authorization"], "Bearer t", "{path}");
            assert_eq!(seen["x-own"], "1", "{path}");
            assert_eq!(seen["accept-language"], "hu", "{path}");
            assert_eq!(seen["cookie"], "id=7", "{path}");
            assert!(seen.contains_key("user-agent"), "{path}");
        }
        for path in [&foreign, &landing, &abroad] {
            let seen = &other.seen(path)[0].headers;
            for name in ["authorization", "x-own", "cookie"] {
                assert!(!seen.contains_key(name), "{name} reached {path}");
            }
        }
        renderer.shutdown().await;
    });
}

#[test]
fn an_error_page_can_be_wanted() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage
            .site
            .serve(Answer::html("<p>no such thing").status(404));
        assert_eq!(stage.failure(&path).await, FailureCode::HttpStatus);
        let wanted = options(r#"{"fail_on_http_error":false}"#);
        let pdf = stage.render(&path, wanted.clone()).await.unwrap();
        assert!(pdf.text().contains("no such thing"));
        assert_eq!(pdf.page.http_status, Some(404));
        // Nothing to print is nothing to print.
        let bare = stage.site.serve(Answer::html("").status(500));
        let result = stage.render(&bare, wanted).await;
        assert_eq!(code(result), FailureCode::UnsupportedContent);
    });
}

#[test]
fn the_pdf_says_of_itself_what_the_caller_wants() {
    run(async {
        let html = "<title>of the page</title><p>x";
        let usual = with(html, "{}").await;
        assert_eq!(usual.info("Title"), "of the page");
        assert!(usual.info("Subject").starts_with("http://127.0.0.1"));
        let pdf = with(
            html,
            r#"{"metadata":{"title":"Cím: (ő)","author":"Ada","subject":"S","keywords":"a, b"}}"#,
        )
        .await;
        pdf.check();
        for (name, text) in [
            ("Title", "Cím: (ő)"),
            ("Author", "Ada"),
            ("Subject", "S"),
            ("Keywords", "a, b"),
        ] {
            assert_eq!(pdf.info(name), text);
        }
    });
}

#[test]
fn margins_are_where_they_are_asked_for() {
    run(async {
        let html = "<style>body { margin: 0 } p { margin: 0 }</style><p>word";
        for (json, left, top) in [
            (r#"{"margin":"1in"}"#, 72.0, 72.0),
            (r#"{"margin":{"left":"2cm","top":"36pt"}}"#, 56.7, 36.0),
            (r#"{"margin":0}"#, 0.0, 0.0),
        ] {
            let pdf = with(html, json).await;
            let word = &pdf.words()[0];
            assert!((word.left - left).abs() < 2.0, "{json}: {word:?}");
            assert!((word.top - top).abs() < 6.0, "{json}: {word:?}");
        }
    });
}

#[test]
fn scale_makes_letters_smaller_and_larger() {
    run(async {
        let height = async |json| {
            let word = with("<p>word", json).await.words()[0].clone();
            word.bottom - word.top
        };
        let usual = height("{}").await;
        for (json, factor) in [(r#"{"scale":0.5}"#, 0.5), (r#"{"scale":2}"#, 2.0)] {
            let got = height(json).await / usual;
            assert!((got - factor).abs() < 0.05, "{json}: {got}");
        }
    });
}

#[test]
fn backgrounds_are_printed_unless_unwanted() {
    run(async {
        let html = "<style>body { background: #123456 }</style><p>x";
        assert_eq!(with(html, "{}").await.pixel(300, 300), (0x12, 0x34, 0x56));
        let off = with(html, r#"{"print_background":false}"#).await;
        assert_eq!(off.pixel(300, 300), (255, 255, 255));
    });
}

#[test]
fn a_header_is_on_every_page_and_loads_nothing() {
    run(async {
        let stage = Stage::shared().await;
        let spied = stage.site.serve(Answer::new("image/gif", ""));
        let json = serde_json::json!({
            "margin": "2cm",
            "header_html": format!(
                "<div style='font-size:9px'>head <img src='{0}'><script>document.write('SCRIPT')\
                 </script></div>",
                stage.site.url(&spied)
            ),
            "footer_html": "<div style='font-size:9px'><span class=pageNumber></span> of \
                            <span class=totalPages></span></div>",
        });
        let pdf = with(&lines(120), &json.to_string()).await;
        let text = pdf.text();
        let pages = pdf.facts.pages;
        assert!(pages > 2);
        assert_eq!(text.matches("head").count(), pages as usize, "{text}");
        assert!(text.contains(&format!("2 of {pages}")), "{text}");
        assert!(!text.contains("SCRIPT"), "{text}");
        assert!(stage.site.seen(&spied).is_empty());
    });
}

#[test]
fn sheets_have_their_sizes() {
    run(async {
        for (paper, size) in [
            (r#""a3""#, (841.92, 1191.12)),
            (r#""a5""#, (419.52, 595.2)),
            (r#""legal""#, (612.0, 1008.0)),
            (r#""tabloid""#, (792.0, 1224.0)),
            (r#"{"width":"10cm","height":"288pt"}"#, (283.5, 288.0)),
            (r#"{"width":"30pc","height":"480px"}"#, (360.0, 360.0)),
        ] {
            let pdf = with("<p>x", &format!(r#"{{"paper":{paper}}}"#)).await;
            let (width, height) = pdf.page_size();
            assert!(
                (width - size.0).abs() < 1.5 && (height - size.1).abs() < 1.5,
                "{paper}: {width} x {height}"
            );
        }
        // The page's own size counts only when asked for.
        let css = "<style>@page { size: 4in 4in }</style><p>x";
        assert!(with(css, "{}").await.page_size().0 > 500.0);
    });
}
