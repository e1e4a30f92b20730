//! What is waited for, and what is not.

use std::time::{Duration, Instant};

use platen_api_types::{FailureCode, PdfOptions};

use crate::{
    site::Answer,
    stage::{Stage, code, options, run},
};

#[test]
fn content_that_scripts_fetch_is_there() {
    run(async {
        let stage = Stage::shared().await;
        let second = stage
            .site
            .serve(Answer::new("text/plain", "fetched second"));
        let first = stage.site.serve(Answer::new("text/plain", "fetched first"));
        let pdf = stage
            .render_html(&format!(
                "<p id=p>empty<script>addEventListener('load', async () => {{
                    const first = await (await fetch('{first}')).text();
                    p.textContent = first + ' and ' + await (await fetch('{second}')).text();
                }})</script>"
            ))
            .await;
        assert!(pdf.text().contains("fetched first and fetched second"));
    });
}

#[test]
fn lazy_content_is_brought_into_view() {
    run(async {
        let stage = Stage::shared().await;
        let image = stage.site.serve(Answer::new(
            "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='30'>\
             <text y='20'>lazily drawn</text></svg>",
        ));
        let html = format!(
            "<div style='height:9000px'>top</div><img loading=lazy src='{image}'>
             <p id=watched>not seen<div style='height:9000px'></div><p id=last>not seen either
             <script>new IntersectionObserver(entries => {{
                for (const entry of entries)
                    if (entry.isIntersecting) entry.target.textContent = 'seen ' + scrollY;
             }}).observe(watched)</script>"
        );
        let path = stage.site.serve(Answer::html(html));
        let text = stage
            .render(&path, PdfOptions::default())
            .await
            .unwrap()
            .text();
        assert!(!stage.site.seen(&image).is_empty());
        assert!(
            text.contains("seen ") && !text.contains("not seen\n"),
            "{text}"
        );

        let before = stage.site.seen(&image).len();
        let off = stage
            .render(&path, options(r#"{"lazy_content":false}"#))
            .await
            .unwrap();
        assert!(off.text().contains("not seen"));
        // Chromium loads lazy images for printing by itself; ours to check is that nothing moved.
        assert!(stage.site.seen(&image).len() <= before + 1);
    });
}

#[test]
fn names_that_a_page_gives_to_its_elements_hide_nothing_from_us() {
    run(async {
        let stage = Stage::shared().await;
        // Of a form: fields with the names of what every element has.
        let fields = [
            "style",
            "parentElement",
            "scrollHeight",
            "clientHeight",
            "scrollWidth",
            "matches",
            "contains",
            "localName",
            "textContent",
            "querySelector",
            "getBoundingClientRect",
            "getClientRects",
            "scrollTo",
            "getAttribute",
            "computedStyleMap",
        ]
        .map(|name| format!("<input type=hidden name={name}>"))
        .concat();
        // Of the document: pictures with the names of what it has.
        let pictures = [
            "elementFromPoint",
            "querySelectorAll",
            "adoptedStyleSheets",
            "styleSheets",
            "images",
            "body",
            "documentElement",
        ]
        .map(|name| format!("<img name={name}>"))
        .concat();
        let lines = (0..150).fold(String::new(), |html, n| html + &format!("<p>line{n}end"));
        let html = format!(
            "<style>form {{ height: 600px; overflow: auto }}</style>
             <form>{fields}<div data-bg=/x.png></div>{lines}<table><tr><td>x</table></form>
             <form style='position:fixed;bottom:0'>{fields}cookies <button>Yes</button></form>
             {pictures}<script></script>"
        );
        for json in ["{}", r#"{"single_page":true}"#] {
            let path = stage.site.serve(Answer::html(html.clone()));
            let pdf = stage.render(&path, options(json)).await.unwrap();
            let text = pdf.text();
            assert!(text.contains("line149end"), "{json}: {text}");
            assert!(!text.contains("cookies"), "{json}: {text}");
        }
    });
}

#[test]
fn the_page_is_printed_from_its_top_with_built_ins_broken() {
    run(async {
        let stage = Stage::shared().await;
        let pdf = stage
            .render_html(
                "<img name=title><form name=fonts></form><img name=images><img name=scripts>
                 <p>still printed<script>
                 Promise = null; Array.from = () => { throw 1 }; window.setTimeout = () => 0;
                 document.querySelectorAll = () => { throw 2 };
                 requestAnimationFrame = () => 0; Object.prototype.then = 1;</script>",
            )
            .await;
        assert!(pdf.text().contains("still printed"));
    });
}

#[test]
fn what_was_asked_for_is_waited_for() {
    run(async {
        let stage = Stage::shared().await;
        let later = |milliseconds: u32, script: &str| {
            Answer::html(format!(
                "<p>early<script>setTimeout(() => {{ {script} }}, {milliseconds})</script>"
            ))
        };
        let add = "document.body.innerHTML += '<p id=late>late words'";
        for (script, json) in [
            (add.to_owned(), r##"{"wait":{"selector":"#late"}}"##),
            (
                format!("{add}; window.done = true"),
                r#"{"wait":{"expression":"window.done"}}"#,
            ),
            (add.to_owned(), r#"{"wait":{"delay_ms":900}}"#),
        ] {
            let path = stage.site.serve(later(400, &script));
            let pdf = stage.render(&path, options(json)).await.unwrap();
            assert!(pdf.text().contains("late words"), "{json}");
        }
        // Long after a machine that is busy has printed it.
        let path = stage.site.serve(later(20_000, add));
        let usual = stage.render(&path, PdfOptions::default()).await.unwrap();
        assert!(!usual.text().contains("late words"));
    });
}

#[test]
fn what_never_comes_is_waited_for_until_the_time_out() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html("<p>here"));
        let start = Instant::now();
        for json in [
            r##"{"timeout_s":1,"wait":{"selector":"#never"}}"##,
            r#"{"timeout_s":1,"wait":{"expression":"never.ever"}}"#,
        ] {
            let pdf = stage.render(&path, options(json)).await.unwrap();
            assert!(pdf.text().contains("here"));
            assert!(!pdf.page.complete);
        }
        assert!(start.elapsed() >= Duration::from_secs(2));
        let bad = options(r#"{"wait":{"selector":"]["}}"#);
        let result = stage.render(&path, bad).await;
        assert_eq!(code(result), FailureCode::UnsupportedContent);
    });
}

#[test]
fn a_simple_page_pays_for_nothing() {
    run(async {
        let stage = Stage::shared().await;
        let image = stage.site.serve(Answer::new("image/svg+xml", "<svg/>"));
        for html in [
            "<p>simple".to_owned(),
            "<style>p { color: red }</style><h1>styled</h1><p>simple".to_owned(),
            format!("<img src='{image}'><p>{}", "a long page ".repeat(2000)),
        ] {
            let (_, waits) = stage.render_watched(&html).await;
            assert!(waits.names().is_empty(), "{html}: {waits:?}");
        }
        // With a script, two frames that nothing happens in.
        let html = "<p>simple</p><script>document.title = 'simple'</script>";
        let (_, waits) = stage.render_watched(html).await;
        assert_eq!(waits.names(), ["still"]);
    });
}

#[test]
fn a_script_that_removes_itself_has_run() {
    run(async {
        let stage = Stage::shared().await;
        let script = stage.site.serve(Answer::new(
            "text/javascript",
            "document.body.innerHTML = '<p id=p>early</p>';
             requestAnimationFrame(() => p.textContent = 'a frame later')",
        ));
        let html = format!("<body><p>before</p><script src='{script}'></script>");
        let (pdf, waits) = stage.render_watched(&html).await;
        assert_eq!(pdf.text().trim(), "a frame later");
        assert_eq!(waits.names(), ["still"]);
    });
}

#[test]
fn what_only_print_shows_is_printed() {
    run(async {
        let stage = Stage::shared().await;
        let image = stage.site.serve(Answer::new(
            "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg' width='200' height='30'>\
             <text y='20'>drawn as a pattern</text></svg>",
        ));
        let rule = format!("div {{ height: 40px; background: url('{image}') }}");
        let usual = format!("<style>{rule}</style><p>x<div></div>");
        let print_only = format!("<style>@media print {{ {rule} }}</style><p>x<div></div>");
        let without = stage
            .render_html("<p>x<div style='height:40px'></div>")
            .await;
        let usual = stage.render_html(&usual).await;
        let print_only = stage.render_html(&print_only).await;
        let drawn = usual.facts.size - without.facts.size;
        assert!(drawn > 1000, "{drawn}");
        assert!(print_only.facts.size.abs_diff(usual.facts.size) < 100);
    });
}

#[test]
fn a_worker_costs_no_more_than_its_work() {
    run(async {
        let stage = Stage::shared().await;
        let worker = stage
            .site
            .serve(Answer::new("text/javascript", "onmessage = () => {}"));
        for kind in ["Worker", "SharedWorker"] {
            let started = Instant::now();
            let html = format!("<p>x<script>new {kind}('{worker}')</script>");
            stage.render_html(&html).await;
            let took = started.elapsed();
            assert!(took < Duration::from_secs(4), "{kind}: {took:?}");
        }
    });
}

#[test]
fn a_navigation_that_the_page_takes_back_costs_nothing() {
    run(async {
        let stage = Stage::shared().await;
        // It answers nobody who comes alone.
        let slow = stage.site.serve(Answer::html("<p>late").together(2));
        let started = Instant::now();
        let html = format!("<p>stays<script>location = '{slow}'; setTimeout(stop, 100)</script>");
        let pdf = stage.render_html(&html).await;
        assert!(pdf.text().contains("stays"));
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
    });
}
