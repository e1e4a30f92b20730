//! Sockets, workers, and everything that speaks UDP.

use super::{Row, page, script};

/// In a worker: everything it can ask with, and a word when that has failed or not.
const WORKER: &str = "
    const settled = [
        fetch('http://@C@/').catch(() => {}),
        new Promise(resolve => { try { const s = new WebSocket('ws://@C@/');
            s.onerror = s.onclose = s.onopen = resolve } catch { resolve() } }),
        new Promise(resolve => { try { const s = new WebSocket('wss://@N@/');
            s.onerror = s.onclose = s.onopen = resolve } catch { resolve() } }),
    ];
    try { importScripts('http://@C@/') } catch {}
    const over = Promise.all(settled);
";

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn rows() -> Vec<Row> {
    let socket =
        |url: &str| format!("const s = new WebSocket('{url}'); s.onopen = s.onerror = done");
    let worker = |end: &str| format!("{WORKER}{end}");
    let ice = |servers: &str| {
        format!(
            "const peer = new RTCPeerConnection({{ iceServers: [{servers}], iceCandidatePoolSize: 2 }});
             let found = []; peer.onicecandidate = e => e.candidate?.candidate && found.push(e.candidate.candidate);
             peer.createDataChannel('d'); peer.setLocalDescription(await peer.createOffer());
             await new Promise(resolve => {{
                peer.onicegatheringstatechange = () => peer.iceGatheringState == 'complete' && resolve();
                setTimeout(resolve, 3000) }});
             document.body.append(found.length ? 'told of ' + found : 'told of no address'); done()"
        )
    };
    vec![
        script("web_socket", &socket("ws://@C@/")),
        script("web_socket_by_name", &socket("ws://@N@/")),
        script("web_socket_tls", &socket("wss://@C@/")),
        script("web_socket_of_http", &socket("http://@C@/")),
        script(
            "web_socket_stream",
            "try { await new WebSocketStream('ws://@C@/').opened } catch {} done()",
        ),
        script("worker", "new Worker('@P@/w.js').onmessage = done").file(
            "/w.js",
            "text/javascript",
            &worker("over.then(() => postMessage(1))"),
        ),
        script("worker_module", "new Worker('@P@/w.js', { type: 'module' }).onmessage = done").file(
            "/w.js",
            "text/javascript",
            "import('http://@C@/').catch(() => {}).then(() => postMessage(1))",
        ),
        script(
            "worker_of_a_blob",
            "const blob = new Blob([`fetch('http://@N@/').catch(() => {}).then(() => postMessage(1))`]);
             new Worker(URL.createObjectURL(blob)).onmessage = done",
        ),
        script(
            "shared_worker",
            "new SharedWorker('@P@/w.js').port.onmessage = done",
        )
        .file(
            "/w.js",
            "text/javascript",
            &worker("onconnect = e => over.then(() => e.ports[0].postMessage(1))"),
        ),
        script(
            "service_worker",
            "navigator.serviceWorker.onmessage = done;
             const it = await navigator.serviceWorker.register('@P@/w.js', { scope: '@P@/' });
             (it.installing ?? it.waiting ?? it.active).postMessage(1)",
        )
        .file(
            "/w.js",
            "text/javascript",
            &worker("onmessage = e => over.then(() => e.source.postMessage(1))"),
        )
        .secure(),
        script(
            "service_worker_of_a_forbidden_place",
            "navigator.serviceWorker.register('http://@C@/w.js').catch(() => {}).then(done)",
        )
        .secure()
        .never_asks(),
        script(
            "audio_worklet",
            "new AudioContext().audioWorklet.addModule('http://@C@/').catch(() => {}).then(done)",
        )
        .secure(),
        script(
            "payment_request",
            "try { await new PaymentRequest([{ supportedMethods: 'https://@C@/pay' }],
                { total: { label: 'x', amount: { currency: 'EUR', value: '1' } } }).canMakePayment() } catch {}
             done()",
        )
        .secure()
        .never_asks(),
        script(
            "federated_credentials",
            "try { await navigator.credentials.get({ identity: { providers: [
                { configURL: 'https://@C@/config.json', clientId: '1' }] }, signal: AbortSignal.timeout(500) }) } catch {}
             done()",
        )
        .secure(),
        script(
            "web_transport",
            "const t = new WebTransport('https://@C@/'); t.closed.catch(() => {});
             await Promise.race([t.ready.catch(() => {}), pause()]); done()",
        )
        .secure()
        .never_asks(),
        script(
            "web_transport_by_name",
            "const t = new WebTransport('https://@N@/', { serverCertificateHashes: [
                { algorithm: 'sha-256', value: new Uint8Array(32) }] }); t.closed.catch(() => {});
             await Promise.race([t.ready.catch(() => {}), pause()]); done()",
        )
        .secure()
        .never_asks(),
        script("webrtc_stun", &ice("{ urls: ['stun:@C@:3478', 'stun:@N@:3478'] }")).shows("told of no address")
        .never_asks(),
        script(
            "webrtc_turn",
            &ice("{ urls: ['turn:@C@:3478', 'turn:@N@:3478?transport=udp'], username: 'u', credential: 'c' }"),
        )
        .shows("told of no address")
        .never_asks(),
        script(
            "webrtc_turn_by_tcp",
            &ice("{ urls: ['turn:@C@:443?transport=tcp', 'turns:@N@:443?transport=tcp'],
                    username: 'u', credential: 'c' }"),
        )
        .shows("told of no address"),
        // mDNS names of local candidates would be multicast.
        script("webrtc_host_candidates", &ice("")).shows("told of no address")
        .never_asks(),
        script(
            "webrtc_candidate",
            "const peer = new RTCPeerConnection(); peer.createDataChannel('d');
             await peer.setLocalDescription(await peer.createOffer());
             const other = new RTCPeerConnection(); await other.setRemoteDescription(peer.localDescription);
             await other.setLocalDescription(await other.createAnswer());
             await peer.setRemoteDescription(other.localDescription);
             for (const to of ['@C@', '@N@']) await peer.addIceCandidate({ sdpMid: '0',
                candidate: `candidate:1 1 udp 2122260223 ${to} 9 typ host` }).catch(() => {});
             await pause(); done()",
        )
        .never_asks(),
        page(
            "quic",
            "<img src='https://@C@/'><script>fetch('https://@N@/').catch(() => {})</script>",
        )
        .header("Alt-Svc", "h3=\":443\"; ma=99"),
        script(
            "dns_over_https",
            "fetch('https://@C@/dns-query?dns=AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB')
                .catch(() => {}).then(done)",
        ),
    ]
}
