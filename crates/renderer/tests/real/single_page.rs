//! One sheet as high as the page.

use crate::stage::{Pdf, Stage, lines, run};

async fn render(html: &str) -> Pdf {
    render_with(html, r#"{"single_page":true}"#).await
}

async fn render_with(html: &str, json: &str) -> Pdf {
    Stage::shared().await.render_html_with(html, json).await
}

/// The upper edge of a word, in points.
fn top(pdf: &Pdf, text: &str) -> f64 {
    let words = pdf.words();
    let word = words.iter().find(|word| word.text == text);
    word.unwrap_or_else(|| panic!("no {text}: {}", pdf.text()))
        .top
}

#[test]
fn it_is_as_high_as_its_content() {
    run(async {
        let html = format!(
            "<style>h2 {{ break-before: page }}</style>{}<h2>last</h2>",
            lines(100)
        );
        let pdf = render(&html).await;
        assert_eq!(pdf.facts.pages, 1);
        pdf.assert_lines(100);
        let (width, height) = pdf.page_size();
        assert!((width - 595.92).abs() < 1.0, "{width}");
        let words = pdf.words();
        let last = words.iter().find(|word| word.text == "last").unwrap();
        assert!(
            height > 2000.0 && height - last.bottom < 80.0,
            "{height} {last:?}"
        );
    });
}

#[test]
fn beyond_the_limit_of_pdf_it_becomes_several_and_loses_nothing() {
    run(async {
        let pdf = render(&lines(1200)).await;
        assert!(pdf.facts.pages > 1);
        pdf.assert_lines(1200);
        let (_, height) = pdf.page_size();
        assert!((height - 14_400.0).abs() < 2.0, "{height}");
    });
}

/// Each fills the window in a way of its own, and is red to its end; the window is 800 pixels high,
/// which are 600 points.
const FULL: [(&str, &str); 12] = [
    (".full { height: 100vh }", ""),
    (".full { min-height: 100vh }", ""),
    (
        ".full { height: calc(100dvh - 10px); border-bottom: 10px solid red }",
        "",
    ),
    (".full { block-size: 100svh; transition: all 1s }", ""),
    (".full { padding: 50vh 0; line-height: 0 }", ""),
    (
        ".full { display: grid; grid-template-rows: 40vh 60vh }",
        "<i></i><i></i>",
    ),
    (
        ".full { display: grid; grid-auto-rows: 50vh }",
        "<i></i><i></i>",
    ),
    ("html, body, .full { height: 100% }", ""),
    (
        ":root { --app: 100vh } .full { min-height: var(--app) }",
        "",
    ),
    (
        ".full { display: flex; flex-direction: column; min-height: 100vh } .full i { flex: 1 }",
        "<i></i>",
    ),
    (
        ".full { height: auto } .full svg { height: 100vh; display: block; width: 10px }",
        "<svg></svg>",
    ),
    (
        ".full { height: 100vh; display: flex; align-items: stretch } .full i { flex: 1; background: red }",
        "<i></i>",
    ),
];

#[test]
fn what_fills_the_window_is_as_high_as_the_window() {
    run(async {
        for (style, inner) in FULL {
            let pdf = render_with(
                &format!(
                    "<style>body {{ margin: 0 }} .full {{ background: red }} p {{ margin: 0 }} {style}</style>
                     <div class=full>{inner}</div><p>after</p><div class=full>{inner}</div>
                     <p>between</p>{}<p>last",
                    lines(30)
                ),
                r#"{"single_page":true,"margin":0}"#,
            )
            .await;
            assert_eq!(pdf.facts.pages, 1, "{style}");
            pdf.assert_lines(30);
            let (_, height) = pdf.page_size();
            let (after, between, last) =
                (top(&pdf, "after"), top(&pdf, "between"), top(&pdf, "last"));
            assert!((after - 600.0).abs() < 8.0, "{style}: {after}");
            assert!((between - after - 613.0).abs() < 12.0, "{style}: {between}");
            assert!(height - last < 40.0, "{style}: {last} of {height}");
            let image = pdf.image();
            for (y, is_red) in [(590, true), (606, false), (1200, true), (1222, false)] {
                let (red, green, _) = image.pixel(5, y);
                assert_eq!(red > 200 && green < 60, is_red, "{style}: {y}");
            }
        }
    });
}

#[test]
fn what_is_laid_over_the_window_stays_there() {
    run(async {
        for style in [
            ".over { position: absolute; inset: 0 }",
            ".over { position: absolute; top: 0; left: 0; width: 100%; height: 100% }",
            ".over { position: fixed; top: 0; bottom: 0; left: 0; right: 0 }",
            ".hero { position: relative; height: 100vh } .over { position: absolute; inset: 0 }",
            ".hero::before { content: ''; position: absolute; top: 0; left: 0; width: 100%; \
             height: 100vh; background: rgb(0, 0, 255) } .over { display: none }",
        ] {
            let pdf = render_with(
                &format!(
                    "<style>body {{ margin: 0 }} {style} .over {{ background: rgb(0, 0, 255); z-index: -1 }}</style>
                     <div class=hero><div class=over><img></div></div>{}<p>last",
                    lines(80)
                ),
                r#"{"single_page":true,"margin":0}"#,
            )
            .await;
            assert_eq!(pdf.facts.pages, 1, "{style}");
            pdf.assert_lines(80);
            let (_, height) = pdf.page_size();
            assert!(height - top(&pdf, "last") < 40.0, "{style}: {height}");
            let image = pdf.image();
            assert_eq!(image.pixel(500, 300), (0, 0, 255), "{style}");
            assert_eq!(image.pixel(500, 700), (255, 255, 255), "{style}");
        }
    });
}

#[test]
fn windows_full_beyond_the_limit_lose_nothing_between_sheets() {
    run(async {
        let sections = (0..30).fold(String::new(), |html, n| {
            html + &format!("<section>line{n}end<b>{n}bottom</b></section>")
        });
        let pdf = render(&format!(
            "<style>section {{ height: 100vh; display: flex; flex-direction: column;
             justify-content: space-between; background: #eee }}</style>{sections}"
        ))
        .await;
        assert_eq!(pdf.facts.pages, 2);
        pdf.assert_lines(30);
        let text = pdf.text();
        for n in 0..30 {
            assert!(text.contains(&format!("{n}bottom")), "{n} in {text}");
        }
        // 30 windows of 600 points: one sheet and a part of the next.
        let words = pdf.words();
        let last = words.iter().find(|word| word.text == "29bottom").unwrap();
        assert_eq!(last.page, 2);
        assert!((3000.0..4200.0).contains(&last.bottom), "{last:?}");
    });
}
