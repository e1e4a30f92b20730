//! A page loads a part of itself from a forbidden place: it is printed without.

use serde_json::json;

use super::{Row, page, script};

/// Loaded as soon as they stand in a page. In the last column: whether Chromium asks at all.
const ELEMENTS: [(&str, &str, bool); 49] = [
    ("img", "<img src='http://@C@/'>", true),
    ("img_by_name", "<img src='http://@N@/'>", true),
    ("img_tls", "<img src='https://@C@/'>", true),
    ("img_tls_by_name", "<img src='https://@N@/'>", true),
    ("img_lazy", "<img loading=lazy src='http://@C@/'>", true),
    (
        "srcset",
        "<img srcset='http://@C@/ 1x, http://@C@/ 2x'>",
        true,
    ),
    (
        "picture",
        "<picture><source srcset='http://@C@/'><img></picture>",
        true,
    ),
    ("input_image", "<input type=image src='http://@C@/'>", true),
    ("body_background", "<body background='http://@C@/'>", true),
    (
        "table_background",
        "<table background='http://@C@/'><td>x</table>",
        true,
    ),
    ("iframe", "<iframe src='http://@C@/'></iframe>", true),
    (
        "iframe_by_name",
        "<iframe src='http://@N@/'></iframe>",
        true,
    ),
    ("iframe_tls", "<iframe src='https://@C@/'></iframe>", true),
    (
        "srcdoc",
        "<iframe srcdoc='<img src=http://@C@/>'></iframe>",
        true,
    ),
    (
        "frame_in_frame",
        "<iframe srcdoc='<iframe src=http://@N@/></iframe>'></iframe>",
        true,
    ),
    ("object", "<object data='http://@C@/'></object>", true),
    (
        "object_pdf",
        "<object type=application/pdf data='http://@C@/'></object>",
        false,
    ),
    ("embed", "<embed src='http://@C@/'>", true),
    ("embed_tls", "<embed src='https://@N@/'>", true),
    ("video", "<video autoplay src='http://@C@/'></video>", true),
    ("video_poster", "<video poster='http://@C@/'></video>", true),
    ("audio", "<audio autoplay src='http://@C@/'></audio>", true),
    (
        "source",
        "<video autoplay><source src='http://@C@/'></video>",
        true,
    ),
    (
        "track",
        "<video><track default src='http://@C@/'></video>",
        false,
    ),
    (
        "stylesheet",
        "<link rel=stylesheet href='http://@C@/'>",
        true,
    ),
    (
        "style_import",
        "<style>@import 'http://@C@/';</style>",
        true,
    ),
    (
        "style_background",
        "<style>p { background: url(http://@C@/) }</style>",
        true,
    ),
    (
        "style_image_set",
        "<p style='background: image-set(url(http://@N@/) 1x)'>x",
        true,
    ),
    (
        "style_list",
        "<ul style='list-style: url(http://@C@/)'><li>x</ul>",
        true,
    ),
    (
        "style_content",
        "<style>p::before { content: url(http://@C@/) }</style>",
        true,
    ),
    (
        "style_mask",
        "<p style='mask-image: url(http://@C@/)'>x",
        true,
    ),
    (
        "style_filter",
        "<p style='filter: url(http://@C@/#a)'>x",
        false,
    ),
    (
        "style_in_print",
        "<style>@media print { p { background: url(http://@C@/) } }</style>",
        true,
    ),
    (
        "font",
        "<style>@font-face { font-family: f; src: url(http://@C@/) } p { font-family: f }</style>",
        true,
    ),
    ("script", "<script src='http://@C@/'></script>", true),
    (
        "script_async",
        "<script async src='http://@N@/'></script>",
        true,
    ),
    (
        "script_module",
        "<script type=module src='http://@C@/'></script>",
        true,
    ),
    (
        "script_import",
        "<script type=module>import 'http://@C@/'</script>",
        true,
    ),
    (
        "import_map",
        "<script type=importmap>{\"imports\":{\"a\":\"http://@C@/\"}}</script>
        <script type=module>import 'a'</script>",
        true,
    ),
    ("svg_image", "<svg><image href='http://@C@/'/></svg>", true),
    ("svg_use", "<svg><use href='http://@C@/#a'/></svg>", false),
    (
        "svg_fe_image",
        "<svg><filter id=f><feImage href='http://@C@/'/></filter>
        <rect width=9 height=9 filter='url(#f)'/></svg>",
        true,
    ),
    (
        "svg_script",
        "<svg><script href='http://@C@/'></script></svg>",
        true,
    ),
    ("base", "<base href='http://@C@/'><img src=a.png>", true),
    (
        "preload",
        "<link rel=preload as=image href='http://@C@/'>",
        true,
    ),
    (
        "module_preload",
        "<link rel=modulepreload href='http://@C@/'>",
        true,
    ),
    ("manifest", "<link rel=manifest href='http://@C@/'>", false),
    (
        "icon",
        "<link rel=icon href='http://@C@/'><link rel=apple-touch-icon href='http://@C@/'>",
        false,
    ),
    ("attribution", "<img attributionsrc='http://@C@/'>", false),
];

/// What a browser does ahead of time or on the side.
const HINTS: [(&str, &str, bool); 8] = [
    ("prefetch", "<link rel=prefetch href='http://@C@/'>", true),
    (
        "prerender",
        "<link rel=prerender href='http://@C@/'>",
        false,
    ),
    (
        "preconnect",
        "<link rel=preconnect href='http://@C@/'>",
        false,
    ),
    (
        "preconnect_tls",
        "<link rel=preconnect crossorigin href='https://@N@/'>",
        false,
    ),
    (
        "dns_prefetch",
        "<link rel=dns-prefetch href='//@N@/'>",
        false,
    ),
    (
        "dns_prefetch_of_links",
        "<meta http-equiv=x-dns-prefetch-control content=on>
        <a href='http://@N@/'>a</a>",
        false,
    ),
    (
        "payment_manifest",
        "<link rel=payment-method-manifest href='http://@C@/'>",
        false,
    ),
    (
        // Loaded when the browser is idle, which it is not before the page is printed.
        "compression_dictionary",
        "<link rel=compression-dictionary href='http://@C@/'>",
        false,
    ),
];

/// Calls of a page's script. Each ends in `done()`.
const CALLS: [(&str, &str, bool); 21] = [
    ("fetch", "fetch('http://@C@/').finally(done).catch(() => {})", true),
    ("fetch_by_name", "fetch('http://@N@/', { mode: 'no-cors' }).finally(done).catch(() => {})", true),
    ("fetch_tls", "fetch('https://@C@/').finally(done).catch(() => {})", true),
    ("fetch_post", "fetch('http://@C@/', { method: 'PUT', headers: { 'x-a': '1' }, body: 'b' })
        .finally(done).catch(() => {})", true),
    ("fetch_keepalive", "fetch('http://@C@/', { keepalive: true }).finally(done).catch(() => {})", true),
    ("fetch_redirected", "fetch('@P@/hop').finally(done).catch(() => {})", true),
    ("fetch_of_our_proxy", "fetch('http://127.0.0.1:9/').finally(done).catch(() => {})", false),
    ("xhr", "const x = new XMLHttpRequest(); x.onloadend = done; x.open('GET', 'http://@C@/'); x.send()", true),
    ("xhr_synchronous", "const x = new XMLHttpRequest(); x.open('GET', 'http://@N@/', false);
        try { x.send() } catch {} done()", true),
    ("event_source", "const e = new EventSource('http://@C@/'); e.onerror = () => { e.close(); done() }", true),
    ("beacon", "navigator.sendBeacon('http://@C@/', 'x'); await pause(); done()", true),
    ("ping", "document.body.insertAdjacentHTML('beforeend', '<a id=a ping=http://@C@/ href=#x>a</a>');
        a.click(); await pause(); done()", true),
    ("image_object", "const i = new Image; i.onload = i.onerror = done; i.src = 'http://@C@/'", true),
    ("dynamic_import", "import('http://@C@/').finally(done).catch(() => {})", true),
    ("font_face", "new FontFace('f', 'url(http://@C@/)').load().finally(done).catch(() => {})", true),
    ("wasm", "WebAssembly.compileStreaming(fetch('http://@C@/')).finally(done).catch(() => {})", true),
    ("form_into_a_frame", "document.body.insertAdjacentHTML('beforeend', `<iframe name=t></iframe>
        <form id=f method=post target=t action=http://@C@/></form>`); f.submit(); await pause(); done()", true),
    ("frame_navigates_itself", "document.body.insertAdjacentHTML('beforeend', '<iframe id=i></iframe>');
        i.contentWindow.location = 'http://@C@/'; await pause(); done()", true),
    ("before_print", "addEventListener('beforeprint', () => { new Image().src = 'http://@C@/';
        fetch('http://@N@/').catch(() => {}) }); done()", true),
    ("fetch_later", "try { fetchLater('http://@C@/', { activateAfter: 0 }) } catch {}
        await pause(); done()", false),
    ("after_the_page_is_gone", "addEventListener('pagehide', () => {
        navigator.sendBeacon('http://@C@/', 'x') }); done()", false),
];

/// Answers' headers that make a browser load something.
const HEADERS: [(&str, &str, &str, bool); 10] = [
    (
        "link_preload",
        "Link",
        "<http://@C@/>; rel=preload; as=image",
        true,
    ),
    (
        "link_stylesheet",
        "Link",
        "<http://@C@/>; rel=stylesheet",
        false,
    ),
    (
        "link_preconnect",
        "Link",
        "<http://@C@/>; rel=preconnect",
        false,
    ),
    (
        "link_dns_prefetch",
        "Link",
        "<http://@N@/>; rel=dns-prefetch",
        false,
    ),
    (
        "link_module_preload",
        "Link",
        "<http://@C@/>; rel=modulepreload",
        true,
    ),
    (
        "csp_report_uri",
        "Content-Security-Policy",
        "img-src 'none'; report-uri http://@C@/",
        true,
    ),
    (
        "csp_report_only",
        "Content-Security-Policy-Report-Only",
        "img-src 'none'; report-uri http://@N@/",
        true,
    ),
    (
        "reporting_endpoints",
        "Reporting-Endpoints",
        "default=\"http://@C@/\"",
        false,
    ),
    (
        "report_to",
        "Report-To",
        "{\"max_age\":9,\"endpoints\":[{\"url\":\"http://@C@/\"}]}",
        false,
    ),
    (
        "speculation_rules_header",
        "Speculation-Rules",
        "\"http://@C@/\"",
        true,
    ),
];

fn speculation(kind: &str) -> String {
    format!(
        "<script type=speculationrules>{{\"{kind}\":[{{\"source\":\"list\",
         \"urls\":[\"http://@C@/\",\"https://@C@/\"],\"eagerness\":\"immediate\"}}]}}</script>"
    )
}

pub(super) fn rows() -> Vec<Row> {
    let asks = |row: Row, asks: bool| if asks { row } else { row.never_asks() };
    let mut rows = Vec::new();
    for (name, html, does) in ELEMENTS.into_iter().chain(HINTS) {
        rows.push(asks(page(name, html), does));
    }
    for (name, call, does) in CALLS {
        rows.push(asks(
            script(name, call).redirect("/hop", 302, "http://@C@/"),
            does,
        ));
    }
    for (name, header, value, does) in HEADERS {
        // The picture breaks the policies that report.
        let row = page(name, "<img src='@P@/x.png'>").header(header, value);
        rows.push(asks(row, does));
    }
    rows.extend([
        page("img_redirected", "<img src='@P@/hop'>").redirect("/hop", 302, "http://@C@/"),
        page("iframe_redirected", "<iframe src='@P@/hop'></iframe>").redirect(
            "/hop",
            307,
            "http://@N@/",
        ),
        page("iframe_refreshed", "<iframe src='@P@/frame'></iframe>").file(
            "/frame",
            "text/html",
            "<meta http-equiv=refresh content='0; url=http://@C@/'>in the frame",
        ),
        page("style_of_a_style", "<link rel=stylesheet href='@P@/a.css'>").file(
            "/a.css",
            "text/css",
            "@import url(http://@C@/); p { background: url(http://@N@/) }",
        ),
        page("svg_as_image", "<img src='@P@/a.svg'>")
            .file(
                "/a.svg",
                "image/svg+xml",
                "<svg xmlns='http://www.w3.org/2000/svg'><image href='http://@C@/'/></svg>",
            )
            .never_asks(),
        page("xml_style", "").kind(
            "application/xml",
            "<?xml version='1.0'?><?xml-stylesheet href='http://@C@/' type='text/css'?>
                 <p>the page itself</p>",
        ),
        page("xml_transformation", "")
            .kind(
                "application/xml",
                "<?xml version='1.0'?><?xml-stylesheet href='http://@C@/' type='text/xsl'?>
                 <p>the page itself</p>",
            )
            .never_asks()
            .blank(),
        page("xml_entity", "")
            .kind(
                "application/xml",
                "<?xml version='1.0'?><!DOCTYPE p [<!ENTITY a SYSTEM 'http://@C@/'>]>
                 <p>the page itself &a;</p>",
            )
            .never_asks(),
        page("alternative_service", "<img src='@P@/x.png'>")
            .header("Alt-Svc", "h3=\"@C@:443\"; ma=99, h2=\"@N@:443\"; ma=99")
            .never_asks(),
        // The only loader that knows no page: a navigation until its answer has come.
        page(
            "download_link",
            "<a id=a download href='http://@C@/'>a</a><script>a.click()</script>",
        )
        .fails("destination_blocked"),
        page("speculation_rules_prefetch", speculation("prefetch"))
            .secure()
            .never_asks(),
        page("speculation_rules_prerender", speculation("prerender"))
            .secure()
            .never_asks(),
        page("header_template", "")
            .options(json!({ "header_html": "<img src='http://@C@/'><b>top</b>" }))
            .never_asks(),
    ]);
    rows
}
