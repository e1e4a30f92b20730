//! What a page's workers and the frames of other sites bring is part of the page.

use std::time::Duration;

use platen_api_types::PdfOptions;
use platen_egress::TargetUrl;
use platen_renderer::{RenderJob, Renderer};

use crate::{
    site::{Answer, Site},
    stage::{Stage, allowing, config, eventually, options, read, run},
    waits::watched,
};

/// Longer than any wait that is not for what comes then.
const LATE: Duration = Duration::from_millis(900);

/// Shows what its worker says.
fn page(start: &str) -> String {
    format!("<p id=p>nothing</p><script>const show = e => p.textContent = e.data; {start}</script>")
}

#[test]
fn what_workers_fetch_is_on_the_page() {
    run(async {
        let stage = Stage::shared().await;
        let script = |text: String| {
            stage
                .site
                .serve(Answer::new("text/javascript", text).after(Duration::from_millis(200)))
        };
        let data = stage
            .site
            .serve(Answer::new("text/plain", "from the worker").after(LATE));
        let fetch = format!("fetch('{data}').then(r => r.text())");
        let plain = script(format!("{fetch}.then(postMessage)"));
        let module = script(format!(
            "import '{}'; {fetch}.then(postMessage)",
            script(String::new())
        ));
        let outer = script(format!(
            "new Worker('{plain}').onmessage = e => postMessage(e.data)"
        ));
        let shared = script(format!(
            "onconnect = e => {fetch}.then(text => e.ports[0].postMessage(text))"
        ));
        let absolute = stage.site.url(&data);
        for start in [
            format!("new Worker('{plain}').onmessage = show"),
            format!("new Worker('{module}', {{ type: 'module' }}).onmessage = show"),
            format!("new Worker('{outer}').onmessage = show"),
            format!("new SharedWorker('{shared}').port.onmessage = show"),
            format!(
                "new Worker(URL.createObjectURL(new Blob([\"fetch('{absolute}')\
                 .then(r => r.text()).then(postMessage)\"]))).onmessage = show"
            ),
        ] {
            let (pdf, waits) = stage.render_watched(&page(&start)).await;
            // For what it loaded, not until the cap.
            assert!(
                waits.time("quiet") < Duration::from_secs(4),
                "{start}: {waits:?}"
            );
            assert_eq!(pdf.text().trim(), "from the worker", "{start}: {waits:?}");
        }
    });
}

#[test]
fn worklets_start() {
    run(async {
        let stage = Stage::shared().await;
        let module = Answer::new("text/javascript", "registerProcessor('x', class {})");
        let module = stage.site.serve(module);
        for start in [
            format!("new AudioContext().audioWorklet.addModule('{module}')"),
            format!("CSS.paintWorklet.addModule('{module}')"),
        ] {
            let html = page(&format!(
                "{start}.then(() => show({{ data: 'started' }}), e => show({{ data: e }}))"
            ));
            let path = stage.site.serve(Answer::html(html));
            let started = options(r#"{"wait":{"expression":"p.textContent !== 'nothing'"}}"#);
            let pdf = stage.render(&path, started).await.unwrap();
            assert_eq!(pdf.text().trim(), "started", "{start}");
        }
    });
}

#[test]
fn a_worker_that_never_rests_costs_the_cap_and_no_more() {
    run(async {
        let stage = Stage::shared().await;
        let data = stage.site.serve(Answer::new("text/plain", "x"));
        let script = |text: &str| {
            stage
                .site
                .serve(Answer::new("text/javascript", text.to_owned()))
        };
        for worker in [
            script(&format!("setInterval(() => fetch('{data}'), 20)")),
            script("for (;;);"),
        ] {
            let html = format!("<p>all there<script>new Worker('{worker}')</script>");
            let (pdf, waits) = stage.render_watched(&html).await;
            assert_eq!(pdf.text().trim(), "all there");
            assert!(pdf.page.complete);
            let took = waits.time("quiet");
            assert!(took < Duration::from_millis(5500), "{worker}: {waits:?}");
        }
    });
}

#[test]
fn more_workers_than_are_listened_to_all_work() {
    run(async {
        let stage = Stage::shared().await;
        let script = Answer::new("text/javascript", "postMessage(1)");
        let worker = stage.site.serve(script);
        let html = format!(
            "<p id=p></p><script>let n = 0; for (let i = 0; i < 80; i++)
             new Worker('{worker}').onmessage = () => p.textContent = `${{++n}} of them`</script>"
        );
        let path = stage.site.serve(Answer::html(html));
        let all = options(r#"{"wait":{"expression":"n === 80"},"timeout_s":20}"#);
        let pdf = stage.render(&path, all).await.unwrap();
        assert_eq!(pdf.text().trim(), "80 of them");
    });
}

#[test]
fn shared_workers_that_are_not_listened_to_load_all_the_same() {
    run(async {
        let stage = Stage::shared().await;
        let data = stage.site.serve(Answer::new("text/plain", "x"));
        let worker = stage.site.serve(Answer::new(
            "text/javascript",
            format!("onconnect = e => fetch('{data}').then(() => e.ports[0].postMessage(1))"),
        ));
        let html = format!(
            "<p id=p></p><script>let n = 0; for (let i = 0; i < 70; i++)
             new SharedWorker('{worker}', `${{i}}`).port.onmessage =
             () => p.textContent = `${{++n}} of them`</script>"
        );
        let path = stage.site.serve(Answer::html(html));
        let all = options(r#"{"wait":{"expression":"n === 70"},"timeout_s":20}"#);
        let pdf = stage.render(&path, all).await.unwrap();
        assert_eq!(pdf.text().trim(), "70 of them");
    });
}

#[test]
fn what_shared_workers_load_in_any_way_has_an_end() {
    run(async {
        let stage = Stage::shared().await;
        let other = Site::start().await;
        let data = stage.site.serve(Answer::new("text/plain", "x"));
        let abroad = other.url(&other.serve(Answer::new("text/plain", "x")));
        let redirect = stage.site.serve(Answer::redirect(&stage.site.url(&data)));
        for load in [
            format!("fetch('{data}')"),
            format!("fetch('{redirect}')"),
            // Asks whether it may, and may not.
            format!("fetch('{abroad}', {{ headers: {{ 'x-own': '1' }} }})"),
            format!("fetch('{abroad}', {{ mode: 'no-cors' }})"),
            "fetch('/no-such-thing')".to_owned(),
            "fetch('data:text/plain,x')".to_owned(),
            "fetch('http://127.0.0.1:1/')".to_owned(),
            format!("Promise.resolve(new EventSource('{data}'))"),
        ] {
            let script = stage.site.serve(Answer::new(
                "text/javascript",
                format!("onconnect = e => {load}.finally(() => e.ports[0].postMessage('done'))"),
            ));
            let start = format!("new SharedWorker('{script}').port.onmessage = show");
            let (pdf, waits) = stage.render_watched(&page(&start)).await;
            assert_eq!(pdf.text().trim(), "done", "{load}: {waits:?}");
            // For what it loaded, not until the cap.
            assert!(
                waits.time("quiet") < Duration::from_secs(4),
                "{load}: {waits:?}"
            );
        }
    });
}

#[test]
fn workers_of_other_jobs_are_not_waited_for() {
    run(async {
        // Both jobs are to run at the same time, whatever other tests do.
        let stage = Stage::new(config("other-jobs")).await;
        let data = stage.site.serve(Answer::new("text/plain", "x").endless());
        let script = format!(
            "onconnect = e => {{ fetch('{data}'); setInterval(() => fetch('{data}'), 20);
             e.ports[0].postMessage('at work') }}"
        );
        let worker = stage.site.serve(Answer::new("text/javascript", script));
        let busy = page(&format!(
            "new SharedWorker('{worker}').port.onmessage = show"
        ));
        let busy = stage.site.serve(Answer::html(busy));
        // On a busy machine a shared worker may start after its page is thought complete.
        let started = options(r#"{"wait":{"expression":"p.textContent === 'at work'"}}"#);
        let job = stage.render(&busy, started);
        let neighbour = async {
            eventually("the worker is at work", || {
                !stage.site.seen(&data).is_empty()
            })
            .await;
            stage.render_watched(&page("")).await
        };
        let (busy, (pdf, waits)) = tokio::join!(job, neighbour);
        busy.unwrap();
        assert_eq!(pdf.text().trim(), "nothing");
        assert_eq!(waits.names(), ["still"]);
        stage.renderer.shutdown().await;
    });
}

#[test]
fn frames_that_come_late_are_on_the_page() {
    run(async {
        let stage = Stage::shared().await;
        // Another host is another site, with a process of its own where the browser isolates sites.
        let other = Site::start_at([127, 0, 0, 2]).await;
        let egress = allowing(&[&stage.site, &other]);
        let renderer = Renderer::start(config("frames"), egress.clone())
            .await
            .unwrap();
        for site in [&stage.site, &other] {
            let data = site.serve(Answer::new("text/plain", "from the frame").after(LATE));
            let framed = site.serve(
                Answer::html(format!(
                    "<p id=p>nothing</p><script>onload = async () =>
                     p.textContent = await (await fetch('{data}')).text()</script>"
                ))
                .after(LATE),
            );
            let url = site.url(&framed);
            for html in [
                format!("<iframe src='{url}'></iframe>"),
                format!(
                    "<script>onload = () => {{ const frame = document.createElement('iframe');
                     frame.src = '{url}'; document.body.append(frame) }}</script>"
                ),
            ] {
                let path = stage.site.serve(Answer::html(format!("<p>outside{html}")));
                let job = RenderJob::new(
                    TargetUrl::parse(&stage.site.url(&path), egress.policy()).unwrap(),
                    PdfOptions::default(),
                );
                let (pdf, waits) = watched(Box::pin(read(&renderer, job))).await;
                let text = pdf.unwrap().text();
                assert!(text.contains("from the frame"), "{html}: {text} {waits:?}");
            }
        }
        renderer.shutdown().await;
    });
}
