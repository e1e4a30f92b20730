//! Pages that misbehave (SECURITY.md, section 3).

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use platen_api_types::{FailureCode, PdfOptions};
use platen_egress::{Egress, SystemResolver, TargetUrl};
use platen_renderer::{RenderError, RenderJob, Renderer, RendererConfig};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};

use crate::{
    hardening::{Process, processes},
    site::Answer,
    stage::{Pdf, Stage, code, config, eventually, options, read, run, work_dir},
};

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

/// The outcome of a page that misbehaves. Jobs of a neighbour run all the while, one after the other;
/// each of them, also the one that runs when the page ends, must come to its PDF.
async fn with_neighbour<T>(stage: &Stage, abuse: impl Future<Output = T>) -> T {
    let path = stage.site.serve(Answer::html("<p>neighbour"));
    let neighbour = || stage.render(&path, PdfOptions::default());
    let unharmed = |pdf: Result<Pdf, RenderError>| {
        assert_eq!(pdf.unwrap().text().trim(), "neighbour");
    };
    let mut abuse = pin!(abuse);
    loop {
        let mut running = Box::pin(neighbour());
        tokio::select! {
            pdf = &mut running => unharmed(pdf),
            ended = &mut abuse => {
                unharmed(running.await);
                return ended;
            }
        }
    }
}

#[test]
fn a_neighbour_is_not_harmed_by() {
    run(async {
        let stage = Stage::new(RendererConfig {
            page_memory: 300 << 20,
            ..config("neighbour")
        })
        .await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        let traffic = Answer::new("application/octet-stream", vec![0; 30 << 20]);
        let traffic = stage.site.serve(traffic);
        let soon = r#"{"timeout_s":1}"#;
        let never = r#"{"wait":{"expression":"false"}}"#;
        for (name, html, json, expected) in [
            (
                "a loop",
                "<p>x<script>for (;;);</script>".to_owned(),
                soon,
                Some(FailureCode::PageCrashed),
            ),
            (
                "a loop in a worker",
                "<p>x<script>for (let i = 0; i < 4; i++)
                    new Worker(URL.createObjectURL(new Blob(['for (;;);'])))</script>"
                    .to_owned(),
                soon,
                None,
            ),
            (
                "a memory bomb",
                "<p>x<script>const hoard = []; const eat = () => { for (let i = 0; i < 8; i++)
                    hoard.push(new Uint8Array(4 << 20).fill(1)); setTimeout(eat, 5) }; eat()</script>"
                    .to_owned(),
                never,
                Some(FailureCode::PageCrashed),
            ),
            (
                "too many pages",
                "<p style='break-after:page'>x".repeat(520),
                "{}",
                Some(FailureCode::TooManyPages),
            ),
            (
                "too much traffic",
                format!(
                    "<p>x<script>for (let i = 0; i < 4; i++) fetch('{traffic}?' + i)</script>"
                ),
                "{}",
                Some(FailureCode::TrafficLimit),
            ),
            (
                "a page that never ends",
                format!("<p>x<img src='{image}'>"),
                soon,
                None,
            ),
            (
                "dialogs without end",
                "<p>x<script>for (let i = 0; i < 200; i++) alert(i)</script>".to_owned(),
                "{}",
                None,
            ),
        ] {
            let path = stage.site.serve(Answer::html(html));
            let start = Instant::now();
            let ended = Box::pin(with_neighbour(&stage, stage.render(&path, options(json)))).await;
            match expected {
                Some(expected) => assert_eq!(code(ended), expected, "{name}"),
                None => assert!(ended.unwrap().text().contains('x'), "{name}"),
            }
            // The hard stop comes after 90 s; none of these is a case for it.
            let took = start.elapsed();
            assert!(took < Duration::from_mins(1), "{name}: {took:?}");
        }
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_neighbour_is_not_harmed_by_a_pdf_that_is_too_large() {
    run(async {
        let stage = Stage::new(config("large")).await;
        // Noise does not compress: three bytes for every pixel.
        let html = "<style>canvas { width: 300px; height: 300px }</style><p>x<script>
            for (let n = 0; n < 6; n++) {
                const canvas = document.createElement('canvas');
                canvas.width = canvas.height = 2000;
                const context = canvas.getContext('2d'), image = context.createImageData(2000, 2000);
                const noise = new Uint8ClampedArray(65536);
                crypto.getRandomValues(noise);
                for (let i = 0, seed = n + 1; i < image.data.length; i++) {
                    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
                    image.data[i] = i % 4 == 3 ? 255 : noise[i % 65536] ^ seed >>> 24;
                }
                context.putImageData(image, 0, 0);
                document.body.append(canvas);
            }</script>";
        let path = stage.site.serve(Answer::html(html));
        let job = stage.render(&path, options(r#"{"timeout_s":60}"#));
        let ended = Box::pin(with_neighbour(&stage, job)).await;
        assert_eq!(code(ended), FailureCode::OutputTooLarge);
        stage.renderer.shutdown().await;
    });
}

#[test]
fn a_neighbour_is_not_harmed_when_a_renderer_process_is_killed() {
    run(async {
        let stage = Stage::new(config("victim")).await;
        let image = stage.site.serve(Answer::new("image/png", "").endless());
        // By its size one knows which process it is, once the picture is asked for.
        let path = stage.site.serve(Answer::html(format!(
            "<p>x<script>const hoard = new Uint8Array(200 << 20).fill(1);
             document.body.append(Object.assign(new Image, {{ src: '{image}' }}))</script>"
        )));
        let job = async {
            let kill = async {
                // The first time may not be its fault.
                for attempt in 1..=2 {
                    eventually("the page is loading", || {
                        stage.site.seen(&image).len() == attempt
                    })
                    .await;
                    kill_largest_renderer("victim");
                }
            };
            tokio::join!(stage.render(&path, PdfOptions::default()), kill).0
        };
        let ended = Box::pin(with_neighbour(&stage, job)).await;
        assert_eq!(code(ended), FailureCode::PageCrashed);
        stage.renderer.shutdown().await;
    });
}

fn kill_largest_renderer(name: &str) {
    let resident = |process: &Process| {
        let size = process.status("VmRSS");
        let kilobytes = size.split(' ').next().and_then(|size| size.parse().ok());
        kilobytes.unwrap_or(0_u64)
    };
    let largest = processes(&work_dir(name))
        .into_iter()
        .filter(Process::is_renderer)
        .max_by_key(resident)
        .unwrap();
    assert!(resident(&largest) > 150_000, "{}", resident(&largest));
    let id = rustix::process::Pid::from_raw(largest.id.cast_signed()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
}

/// The twentieth is where Chromium itself gives up.
#[test]
fn nineteen_redirects_are_followed_and_a_twentieth_is_not() {
    run(async {
        let stage = Stage::shared().await;
        stage.site.serve_at("/hops/0", Answer::html("<p>the end"));
        for hop in 1..=20 {
            let next = Answer::redirect(&format!("/hops/{}", hop - 1));
            stage.site.serve_at(&format!("/hops/{hop}"), next);
        }
        let pdf = stage.render("/hops/19", PdfOptions::default()).await;
        assert_eq!(pdf.unwrap().text().trim(), "the end");
        let code = stage.failure("/hops/20").await;
        assert_eq!(code, FailureCode::TooManyRedirects);
    });
}

/// Sends the parts of an answer a byte at a time, for ever; then nothing that looks at idle time
/// alone would notice.
async fn drip(head: &'static str, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Whoever answers before it is asked is refused, and rightly.
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                while stream.read_line(&mut line).await? > "\r\n".len() {
                    line.clear();
                }
                stream.write_all(head.as_bytes()).await?;
                for byte in body.bytes().chain(std::iter::repeat(b'.')) {
                    stream.write_all(&[byte]).await?;
                    // The pace is the abuse itself.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                std::io::Result::Ok(())
            });
        }
    });
    port
}

#[test]
fn a_site_that_drips_its_answer_is_not_waited_for() {
    run(async {
        let body = drip(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9999999\r\n\r\n",
            "<p>came so far</p>",
        )
        .await;
        let head = drip("HTTP/1.1 200 OK\r\nX-Filler: ", "").await;
        let allow = format!("127.0.0.1:{body},127.0.0.1:{head}");
        // No name is ever asked for.
        let resolver = SystemResolver::from_system().unwrap();
        let egress = Egress::new(allow.parse().unwrap(), Arc::new(resolver));
        let renderer = Renderer::start(config("drip"), egress.clone())
            .await
            .unwrap();
        let job = |port| {
            let url = format!("http://127.0.0.1:{port}/");
            RenderJob::new(
                TargetUrl::parse(&url, egress.policy()).unwrap(),
                options(r#"{"timeout_s":2}"#),
            )
        };
        let start = Instant::now();
        let (body, head) = tokio::join!(read(&renderer, job(body)), read(&renderer, job(head)));
        let body = body.unwrap();
        assert!(body.text().contains("came so far"), "{}", body.text());
        assert!(!body.page.complete);
        assert_eq!(code(head), FailureCode::Timeout);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
        renderer.shutdown().await;
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

#[test]
fn a_job_is_stopped_whatever_it_is_doing() {
    run(async {
        let settings = RendererConfig {
            hard_stop: Duration::from_secs(2),
            ..config("hard-stop")
        };
        let stage = Stage::new(settings).await;
        let silent = Answer::html("").after(Duration::from_mins(1));
        let silent = stage.site.serve(silent);
        let slow = stage.site.serve(Answer::html("<p>there"));
        let start = Instant::now();
        for (path, with, reason) in [
            (silent, r#"{"timeout_s":60}"#, FailureCode::Timeout),
            (
                slow,
                r#"{"wait":{"delay_ms":30000}}"#,
                FailureCode::PageCrashed,
            ),
        ] {
            let result = stage.render(&path, options(with)).await;
            assert_eq!(code(result), reason, "{with}");
        }
        assert!(start.elapsed() < Duration::from_secs(20));
        stage.renderer.shutdown().await;
    });
}
