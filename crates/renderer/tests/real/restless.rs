//! Pages that never come to rest cost what the caps say and no more, and are printed right.

use std::{net::TcpListener, time::Duration};

use futures::future::join_all;
use platen_api_types::PdfOptions;
use platen_egress::TargetUrl;
use platen_renderer::{RenderJob, Renderer};
use tungstenite::Message;

use crate::{
    site::Answer,
    stage::{Stage, allowing_list, config, options, read, run},
    waits::{Waits, watched},
};

/// All that waiting for the network may take, and a little for a machine that is busy.
const QUIET: Duration = Duration::from_millis(5500);

/// Prints a page whose script is `script`.
async fn render(script: &str) -> Waits {
    let html = format!("<p id=p>before</p><script>{script}; p.textContent = 'all there'</script>");
    let (pdf, waits) = Stage::shared().await.render_watched(&html).await;
    assert_eq!(pdf.text().trim(), "all there", "{script}");
    assert!(pdf.page.complete, "{script}: {waits:?}");
    waits
}

#[test]
fn requests_without_end_are_waited_for_until_the_cap() {
    run(async {
        let stage = Stage::shared().await;
        let data = stage.site.serve(Answer::new("text/plain", "x"));
        let held = stage.site.serve(Answer::new("text/plain", "").endless());
        let scripts = [
            format!("setInterval(() => fetch('{data}'), 40)"),
            format!("(async () => {{ for (;;) await (await fetch('{data}')).text() }})()"),
            format!("setInterval(() => new Image().src = '{data}?' + Math.random(), 40)"),
            format!("fetch('{held}').then(r => r.text())"),
        ];
        let all = scripts.map(async |script| {
            let waits = render(&script).await;
            assert!(waits.time("quiet") < QUIET, "{script}: {waits:?}");
        });
        join_all(all).await;
    });
}

#[test]
fn streams_that_stay_open_are_not_waited_for() {
    run(async {
        let stage = Stage::shared().await;
        let pace = Duration::from_millis(20);
        let events = Answer::new("text/event-stream", "data: x\n\n").repeated_every(pace);
        let events = stage.site.serve(events);
        let silent = stage
            .site
            .serve(Answer::new("text/event-stream", "").endless());
        for script in [
            format!("new EventSource('{events}').onmessage = () => {{}}"),
            format!("new EventSource('{silent}')"),
        ] {
            assert_eq!(render(&script).await.names(), ["still"], "{script}");
        }
    });
}

#[test]
fn frames_without_end_are_not_waited_for() {
    run(async {
        for script in [
            "const turn = () => requestAnimationFrame(turn); turn()",
            "setInterval(() => {}, 1)",
            "document.body.animate([{ opacity: 0.9 }, { opacity: 1 }], { duration: 400, iterations: Infinity })",
            "document.head.innerHTML = `<style>@keyframes spin { to { rotate: 1turn } }
             body::after { content: ''; animation: spin 1s infinite }</style>`",
        ] {
            let waits = render(script).await;
            assert!(
                waits.names().iter().all(|name| *name == "still"),
                "{script}: {waits:?}"
            );
            assert!(waits.in_vain().is_empty(), "{script}: {waits:?}");
        }
        // A clock that writes the time: as long as it is allowed to go on, and no longer.
        let waits = render("setInterval(() => document.title = Math.random(), 5)").await;
        assert_eq!(waits.names(), ["still"]);
        assert_eq!(waits.in_vain(), ["still"]);
        assert!(
            waits.time("still") < Duration::from_millis(1500),
            "{waits:?}"
        );
        // So is a chart that never ends.
        let waits = render(
            "document.body.append(document.createElement('canvas'));
             const draw = () => requestAnimationFrame(draw); draw()",
        )
        .await;
        assert_eq!(waits.in_vain(), ["drawn"], "{waits:?}");
        assert!(waits.time("drawn") < Duration::from_secs(2), "{waits:?}");
    });
}

#[test]
fn a_video_that_never_ends_is_not_waited_for() {
    run(async {
        let stage = Stage::shared().await;
        let pace = Duration::from_millis(20);
        let noise = Answer::new("video/mp4", vec![0; 1024]).repeated_every(pace);
        let noise = stage.site.serve(noise);
        let silent = stage.site.serve(Answer::new("video/mp4", "").endless());
        for video in [noise, silent] {
            for media in [
                format!("<video src='{video}' autoplay muted></video>"),
                format!("<audio src='{video}' preload=auto></audio>"),
            ] {
                let html = format!("{media}<p>all there");
                let (pdf, waits) = stage.render_watched(&html).await;
                assert_eq!(pdf.text().trim(), "all there", "{media}");
                assert!(pdf.page.complete, "{media}: {waits:?}");
                assert!(waits.names().is_empty(), "{media}: {waits:?}");
            }
        }
    });
}

/// A server that greets whoever comes and then talks without end. Returns its port.
fn talker() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            // It listens for as long between two words.
            let pause = Duration::from_millis(20);
            stream.set_read_timeout(Some(pause)).unwrap();
            std::thread::spawn(move || {
                let mut socket = tungstenite::accept(stream).unwrap();
                while socket.send(Message::text("hello")).is_ok() {
                    let _ = socket.read();
                }
            });
        }
    });
    port
}

#[test]
fn a_socket_that_talks_without_end_is_not_waited_for() {
    run(async {
        let stage = Stage::shared().await;
        let port = talker();
        let allow = format!("{},127.0.0.1:{port}", stage.site.authority());
        let egress = allowing_list(&allow);
        let renderer = Renderer::start(config("talker"), egress.clone())
            .await
            .unwrap();
        let html = format!(
            "<p id=p>before</p><script>const socket = new WebSocket('ws://127.0.0.1:{port}/');
             let n = 0; socket.onmessage = ({{ data }}) => {{ window.heard = true; n++;
             if (n === 1) p.textContent = data }}</script>"
        );
        let path = stage.site.serve(Answer::html(html));
        let job = RenderJob::new(
            TargetUrl::parse(&stage.site.url(&path), egress.policy()).unwrap(),
            PdfOptions::default(),
        );
        let (pdf, waits) = watched(Box::pin(read(&renderer, job.clone()))).await;
        assert!(pdf.unwrap().page.complete);
        assert_eq!(waits.names(), ["still"]);
        // What it brings can be waited for.
        let waiting = RenderJob {
            options: options(r#"{"wait":{"expression":"heard"}}"#),
            ..job
        };
        let pdf = read(&renderer, waiting).await.unwrap();
        assert_eq!(pdf.text().trim(), "hello");
        renderer.shutdown().await;
    });
}
