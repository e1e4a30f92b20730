//! One job learns nothing of another.

use platen_api_types::{FailureCode, PdfOptions};

use crate::{
    site::Answer,
    stage::{Stage, run},
};

#[test]
fn jobs_at_the_same_time_and_after_share_no_state() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(
            Answer::html(
                "<p id=p><script>p.textContent = 'cookie:' + document.cookie + ' storage:'
                    + localStorage.getItem('k'); localStorage.setItem('k', 'secret');
                    document.cookie = 'b=secret'</script>",
            )
            .with("set-cookie", "a=secret; Max-Age=1000"),
        );
        // The cookie of its own answer is there; nothing of the others is.
        let own = "cookie:a=secret storage:null";
        let (one, two) = tokio::join!(
            stage.render(&path, PdfOptions::default()),
            stage.render(&path, PdfOptions::default()),
        );
        let three = stage.render(&path, PdfOptions::default()).await;
        for pdf in [one, two, three] {
            assert_eq!(pdf.unwrap().text().trim(), own);
        }
        for seen in stage.site.seen(&path) {
            assert!(!seen.headers.contains_key("cookie"));
        }
    });
}

#[test]
fn nothing_is_cached_from_job_to_job() {
    run(async {
        let stage = Stage::shared().await;
        let style = stage.site.serve(
            Answer::new("text/css", "p { color: red }").with("cache-control", "max-age=9999"),
        );
        let path = stage.site.serve(Answer::html(format!(
            "<link rel=stylesheet href='{style}'><p>x"
        )));
        for _ in 0..2 {
            stage.render(&path, PdfOptions::default()).await.unwrap();
        }
        assert_eq!(stage.site.seen(&style).len(), 2);
    });
}

/// Looks for what another page of this origin has left or is saying, leaves and says the same
/// itself, and shows what it found. The paths in capitals hold pages together in time.
const TRACES: &str = r"<script type=module>
    const found = new Set();
    // Past the cache, where one of two equal requests would wait for the other.
    const meet = path => fetch(path, { cache: 'no-store' });
    const answer = request => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result); request.onerror = reject });

    const open = indexedDB.open('database', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('store');
    const database = await answer(open);
    const store = () => database.transaction('store', 'readwrite').objectStore('store');
    const cache = await caches.open('cache');
    const files = await navigator.storage.getDirectory();
    const worker = new SharedWorker('/isolation/shared.js');
    const connections = new Promise(resolve => worker.port.onmessage = e => resolve(e.data));
    const channel = new BroadcastChannel('channel');
    channel.onmessage = () => found.add('broadcast');
    addEventListener('storage', () => found.add('storage event'));
    await meet('BEFORE');

    if (await answer(store().get('key'))) found.add('indexed database');
    if (await cache.match('/kept')) found.add('cache');
    for await (const name of files.keys()) found.add('file ' + name);
    if ((await navigator.serviceWorker.getRegistrations()).length) found.add('service worker');
    if (localStorage.getItem('key')) found.add('local storage');
    if (sessionStorage.getItem('key')) found.add('session storage');
    if (document.cookie) found.add('cookie');
    await meet('MIDDLE');

    await answer(store().put('value', 'key'));
    await cache.put('/kept', new Response('value'));
    await files.getFileHandle('kept', { create: true });
    await navigator.serviceWorker.register('/isolation/service.js');
    await navigator.serviceWorker.ready;
    localStorage.setItem('key', Math.random());
    sessionStorage.setItem('key', 'value');
    document.cookie = 'key=value; path=/isolation';
    channel.postMessage('value');
    await navigator.locks.request('lock', { ifAvailable: true }, async lock => {
        if (!lock) found.add('lock');
        await meet('AFTER');
    });
    if (await connections > 1) found.add('shared worker');
    document.body.innerHTML = `<p id=told>found: ${[...found].sort().join(', ') || 'nothing'}`;
    window.parent.gather?.(found);
</script>";

/// The page with meeting points of its own, for so many that are open at the same time.
fn traces(stage: &Stage, many: usize) -> String {
    let mut html = TRACES.to_owned();
    for point in ["BEFORE", "MIDDLE", "AFTER"] {
        let path = stage
            .site
            .serve(Answer::new("text/plain", "go on").together(many));
        html = html.replace(point, &path);
    }
    let shared = "let connections = 0; onconnect = e => e.ports[0].postMessage(++connections)";
    let service = "onactivate = e => e.waitUntil(clients.claim())";
    for (path, script) in [("shared", shared), ("service", service)] {
        stage.site.serve_at(
            &format!("/isolation/{path}.js"),
            Answer::new("text/javascript", script),
        );
    }
    // Within the scope of the service worker.
    let path = format!("/isolation{}", stage.site.serve(Answer::html("")));
    stage.site.serve_at(&path, Answer::html(html));
    path
}

fn told() -> PdfOptions {
    serde_json::from_str(r##"{"wait":{"selector":"#told"}}"##).unwrap()
}

#[test]
fn jobs_of_one_origin_meet_neither_in_storage_nor_in_time() {
    run(async {
        let stage = Stage::shared().await;
        let both = traces(stage, 2);
        let (one, two) = tokio::join!(stage.render(&both, told()), stage.render(&both, told()));
        let alone = traces(stage, 1);
        let three = stage.render(&alone, told()).await;
        for pdf in [one, two, three] {
            assert_eq!(pdf.unwrap().text().trim(), "found: nothing");
        }
    });
}

/// What the test above would see if jobs shared a profile: two frames of one page do.
#[test]
fn pages_that_share_a_profile_find_each_others_traces() {
    run(async {
        let stage = Stage::shared().await;
        let frame = traces(stage, 2);
        let path = stage.site.serve(Answer::html(format!(
            "<p>frames<iframe src='{frame}'></iframe><iframe src='{frame}'></iframe><script>
             let frames = 0, all = [];
             function gather(found) {{ all.push(...found); if (++frames == 2) document.body
                .innerHTML = '<p id=told>' + [...new Set(all)].sort().join(', ') }}</script>"
        )));
        let text = stage.render(&path, told()).await.unwrap().text();
        for trace in ["broadcast", "lock", "shared worker", "storage event"] {
            assert!(text.contains(trace), "{trace}: {text}");
        }
    });
}

#[test]
fn credentials_of_one_job_are_unknown_to_others() {
    run(async {
        let stage = Stage::shared().await;
        for path in ["/guarded/one", "/guarded/two", "/guarded/three"] {
            let answer = Answer::html("<p>behind the gate").guarded();
            stage.site.serve_at(path, answer);
        }
        let ask = |path: &str, credentials: &str, meeting: &str| {
            let html = format!(
                "<script>const x = new XMLHttpRequest;
                 x.open('GET', '{path}', true{credentials});
                 x.onloadend = async () => {{ await fetch('{meeting}');
                    document.body.innerHTML = '<p id=told>status ' + x.status }}; x.send()</script>"
            );
            stage.site.serve(Answer::html(html))
        };
        let meeting = stage
            .site
            .serve(Answer::new("text/plain", "go on").together(2));
        let with = ask("/guarded/one", ", 'user', 'password'", &meeting);
        let without = ask("/guarded/two", "", &meeting);
        let (with, without) =
            tokio::join!(stage.render(&with, told()), stage.render(&without, told()));
        assert!(with.unwrap().text().contains("status 200"));
        assert!(without.unwrap().text().contains("status 401"));
        let later = stage.failure("/guarded/three").await;
        assert_eq!(later, FailureCode::AuthRequired);
        for path in ["/guarded/two", "/guarded/three"] {
            for seen in stage.site.seen(path) {
                assert!(!seen.headers.contains_key("authorization"), "{path}");
            }
        }
    });
}
