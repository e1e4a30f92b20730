//! Pages that misbehave (SECURITY.md, section 3).

use std::time::{Duration, Instant};

use platen_api_types::{FailureCode, PdfOptions};

use crate::{
    site::Answer,
    stage::{Stage, code, config, eventually, run},
};

fn options(json: &str) -> PdfOptions {
    serde_json::from_str(json).unwrap()
}

#[test]
fn dialogs_popups_and_print_have_no_effect() {
    run(async {
        let stage = Stage::shared().await;
        let pdf = stage
            .render_html(
                "<p id=p><script>
                 onbeforeunload = () => 'stay';
                 alert(1); const yes = confirm(2), said = prompt(3); print();
                 const popup = window.open('/popup');
                 p.textContent = [yes, said, popup].join('|') + ' after all';
                 onload = () => { alert(4); setTimeout(() => alert(5)) };</script>",
            )
            .await;
        assert!(pdf.text().contains("false|| after all"), "{}", pdf.text());
        assert!(stage.site.seen("/popup").is_empty());
    });
}

#[test]
fn a_download_on_the_side_leaves_the_page_as_it_is() {
    run(async {
        let stage = Stage::shared().await;
        let file = stage
            .site
            .serve(Answer::new("application/octet-stream", "bytes"));
        let pdf = stage
            .render_html(&format!("<p>thanks<script>location = '{file}'</script>"))
            .await;
        assert!(pdf.text().contains("thanks"));
    });
}

#[test]
fn a_page_that_never_ends_is_printed_as_far_as_it_came() {
    run(async {
        let stage = Stage::shared().await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let slow = Answer::html(format!("<p>came so far<img src='{image}'>")).endless();
        let path = stage.site.serve(slow);
        let start = Instant::now();
        let pdf = stage
            .render(&path, options(r#"{"timeout_s":1}"#))
            .await
            .unwrap();
        assert!(pdf.text().contains("came so far"));
        assert!(!pdf.page.complete);
        assert!(start.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn a_page_that_grows_while_scrolled_ends() {
    run(async {
        let stage = Stage::shared().await;
        let pdf = stage
            .render_html(
                "<div id=d style='height:2000px'>start</div><p id=end>end<script>
                 new IntersectionObserver(e => { if (e.at(-1).isIntersecting)
                    end.before(Object.assign(document.createElement('div'),
                        { style: 'height:3000px' })) }, { rootMargin: '900px' }).observe(end)</script>",
            )
            .await;
        assert!(pdf.facts.pages > 2);
    });
}

#[test]
fn more_pages_than_the_limit() {
    run(async {
        let stage = Stage::shared().await;
        let answer = Answer::html("<p style='break-after:page'>x".repeat(520));
        assert_eq!(stage.failure_of(answer).await, FailureCode::TooManyPages);
        // So high that the estimate cuts the printing short.
        let answer = Answer::html("<p>x<div style='height:4000000px'></div><p>y");
        assert_eq!(stage.failure_of(answer).await, FailureCode::TooManyPages);
    });
}

#[test]
fn a_busy_page_is_stopped_and_its_neighbour_unharmed() {
    run(async {
        let stage = Stage::new(config("busy")).await;
        let busy = stage
            .site
            .serve(Answer::html("<p>x<script>for (;;);</script>"));
        let simple = stage.site.serve(Answer::html("<p>neighbour"));
        let start = Instant::now();
        let (stuck, fine) = tokio::join!(
            stage.render(&busy, options(r#"{"timeout_s":1}"#)),
            stage.render(&simple, PdfOptions::default()),
        );
        assert!(fine.unwrap().text().contains("neighbour"));
        assert_eq!(code(stuck), FailureCode::PageCrashed);
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{:?}",
            start.elapsed()
        );
        let after = stage.render(&simple, PdfOptions::default()).await.unwrap();
        assert!(after.text().contains("neighbour"));
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_page_that_eats_memory_is_stopped() {
    run(async {
        let stage = Stage::new(platen_renderer::RendererConfig {
            page_memory: 300 * 1024 * 1024,
            ..config("memory")
        })
        .await;
        let greedy = stage.site.serve(Answer::html(
            "<p>x<script>const hoard = []; const eat = () => { for (let i = 0; i < 8; i++)
                hoard.push(new Uint8Array(4 << 20).fill(1)); setTimeout(eat, 5) }; eat()</script>",
        ));
        let result = stage
            .render(&greedy, options(r#"{"wait":{"expression":"false"}}"#))
            .await;
        assert_eq!(code(result), FailureCode::PageCrashed);
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_page_that_forbids_itself_scripts_is_printed() {
    run(async {
        let stage = Stage::shared().await;
        let image = stage.site.serve(Answer::new(
            "image/svg+xml",
            "<svg xmlns='http://www.w3.org/2000/svg'><text y='20'>drawn</text></svg>",
        ));
        let answer = Answer::html(format!(
            "<p>in a sandbox<script>document.write('never')</script>
             <div style='height:9000px'></div><img loading=lazy src='{image}'>"
        ))
        .with("content-security-policy", "sandbox; script-src 'none'");
        let path = stage.site.serve(answer);
        let start = Instant::now();
        let pdf = stage
            .render(&path, options(r##"{"wait":{"selector":"#never"}}"##))
            .await
            .unwrap();
        let text = pdf.text();
        assert!(
            text.contains("in a sandbox") && text.contains("drawn"),
            "{text}"
        );
        assert!(!text.contains("never"));
        assert!(start.elapsed() < Duration::from_secs(10));
    });
}

#[test]
fn a_page_that_reloads_itself_is_printed_once() {
    run(async {
        let stage = Stage::shared().await;
        let path = "/reloads";
        let html = "<meta http-equiv=refresh content='1; url=/reloads'><p>as it is now";
        stage.site.serve_at(path, Answer::html(html));
        let pdf = stage.render(path, PdfOptions::default()).await.unwrap();
        assert!(pdf.text().contains("as it is now"));
        assert_eq!(stage.site.seen(path).len(), 1);
    });
}

#[test]
fn a_denied_download_leaves_nothing_on_disk() {
    run(async {
        let stage = Stage::new(config("download")).await;
        let secret = "bytes-of-the-download";
        let path = stage
            .site
            .serve(Answer::new("application/octet-stream", secret));
        assert_eq!(stage.failure(&path).await, FailureCode::UnsupportedContent);
        // Chromium removes what it began to write when it gets to it.
        eventually("the download goes", || {
            let found = std::process::Command::new("grep")
                .args(["-rl", secret])
                .arg(crate::stage::work_dir("download"))
                .output()
                .unwrap();
            found.stdout.is_empty()
        })
        .await;
        stage.renderer.shutdown().await;
    });
}
