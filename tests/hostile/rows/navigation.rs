//! The main frame leads to a forbidden place: the job fails, at every hop.

use serde_json::json;

use super::{Row, page, script};

const BLOCKED: &str = "destination_blocked";

pub(super) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for (by, to) in [
            ("address", "http://@C@/"),
            ("name", "http://@N@/"),
            ("tls", "https://@C@/"),
        ] {
            rows.push(
                page(format!("redirect_{status}_by_{by}"), "")
                    .status(status)
                    .header("Location", to)
                    .fails(BLOCKED),
            );
        }
    }
    rows.extend([
        page("redirect_after_two_public_hops", "")
            .status(302)
            .header("Location", "@P@/second")
            .redirect("/second", 307, "@P@/third")
            .redirect("/third", 308, "http://@N@/")
            .fails(BLOCKED),
        page("redirect_without_scheme", "")
            .status(302)
            .header("Location", "//@C@/")
            .fails(BLOCKED),
        page("redirect_in_another_spelling", "")
            .status(302)
            .header("Location", "http://0xa.0102.1.3/")
            .fails(BLOCKED)
            .never_asks(),
        page("redirect_to_another_port", "")
            .status(302)
            .header("Location", "http://@C@:8080/")
            .fails(BLOCKED)
            .never_asks(),
        page("redirect_to_credentials", "")
            .status(302)
            .header("Location", "http://user:password@@C@/")
            .fails(BLOCKED),
        page("redirect_to_a_file", "")
            .status(302)
            .header("Location", "file:///etc/passwd")
            .fails(BLOCKED)
            .never_asks(),
        page("refresh_header", "").header("Refresh", "0; url=http://@C@/").fails(BLOCKED),
        page("meta_refresh", "<meta http-equiv=refresh content='0; url=http://@N@/'>")
            .fails(BLOCKED),
        page("script_sets_location", "<script>location = 'http://@C@/'</script>").fails(BLOCKED),
        page("script_sets_location_by_name", "<script>location.href = 'http://@N@/'</script>")
            .fails(BLOCKED),
        page("script_replaces_location_after_load",
            "<script>onload = () => setTimeout(() => location.replace('https://@C@/'))</script>")
            .fails(BLOCKED),
        page("navigation_api", "<script>navigation.navigate('http://@C@/')</script>").fails(BLOCKED),
        page("history_goes_back_to_a_page_that_leads_inside",
            "<script>if (!history.state) { history.replaceState(1, '');
                onload = () => setTimeout(() => location = '@P@/on') }
             else location = 'http://@C@/'</script>")
            .file("/on", "text/html", "<script>onload = () => setTimeout(() => history.back())</script>on")
            .fails(BLOCKED),
        page("history_cancels_a_navigation",
            "<script>history.pushState(1, '', '#there'); location = 'http://@C@/'; history.back()</script>")
            .options(json!({ "timeout_s": 2 }))
        .never_asks(),
        page("click_on_a_link", "<a id=a href='http://@C@/'>a</a><script>a.click()</script>")
            .fails(BLOCKED),
        page("frame_navigates_the_top",
            "<iframe srcdoc=\"<a id=a target=_top href='http://@C@/'>a</a><script>a.click()</script>\"></iframe>")
            .fails(BLOCKED),
        page("form_get", "<form id=f action='http://@C@/'><input name=q value=1></form>
             <script>f.submit()</script>").fails(BLOCKED),
        page("form_post", "<form id=f method=post action='http://@N@/'><input name=q value=1></form>
             <script>f.submit()</script>").fails(BLOCKED),
        page("form_post_redirected",
            "<form id=f method=post action='@P@/act'></form><script>f.submit()</script>")
            .redirect("/act", 307, "http://@C@/")
            .fails(BLOCKED),
        page("location_from_a_frame",
            "<iframe srcdoc=\"<script>top.location = 'http://@C@/'</script>\"></iframe>")
            .fails(BLOCKED),
        script("window_open", "window.open('http://@C@/'); window.open('http://@N@/', 'x', 'popup');
             await pause(); done()").never_asks(),
        script("window_open_and_write",
            "const w = window.open('about:blank'); try { w.document.write('<img src=http://@C@/>') } catch {}
             await pause(); done()").never_asks(),
        script("link_with_a_new_window",
            "document.body.insertAdjacentHTML('beforeend',
                '<a id=a target=_blank rel=noopener href=http://@C@/>a</a>'); a.click();
             await pause(); done()").never_asks(),
    ]);
    rows.extend(other_schemes());
    rows
}

/// Pages may show `data:` and `blob:`, and nothing else that is not the web.
fn other_schemes() -> impl Iterator<Item = Row> {
    let schemes = [
        ("file", "file:///etc/passwd"),
        ("file_in_capitals", "FiLe:/etc/passwd"),
        ("file_of_a_host", "file://localhost/etc/passwd"),
        ("unc_path", "\\\\\\\\@C@\\\\share"),
        ("chrome", "chrome://version"),
        ("devtools", "devtools://devtools/bundled/inspector.html"),
        ("view_source", "view-source:http://@C@/"),
        ("view_source_of_a_file", "view-source:file:///etc/passwd"),
        ("filesystem", "filesystem:http://@C@/temporary/a"),
        ("ftp", "ftp://@C@/"),
        ("gopher", "gopher://@C@/"),
        ("dict", "dict://@C@/"),
        ("jar", "jar:http://@C@/a!/b"),
    ];
    let frames = schemes.map(|(name, url)| {
        script(
            &format!("frame_of_{name}"),
            &format!(
                "document.body.insertAdjacentHTML('beforeend', `<iframe src=\"{url}\"></iframe>
                    <object data=\"{url}\"></object><embed src=\"{url}\"><img src=\"{url}\">
                    <link rel=stylesheet href=\"{url}\">`);
                 fetch('{url}').catch(() => {{}}); await pause(); done()"
            ),
        )
        .never_asks()
    });
    let embedded = [
        page("frame_of_data", "<iframe src='data:text/html,<p>said by data'></iframe>")
            .shows("said by data")
            .never_asks(),
        page("frame_of_data_leads_inside",
            "<iframe src='data:text/html,<img src=http://@C@/><script>fetch(`http://@N@/`)</script>'></iframe>"),
        script("frame_of_blob",
            "const blob = new Blob(['<p>said by blob<img src=http://@C@/>'], { type: 'text/html' });
             const frame = document.createElement('iframe'); frame.src = URL.createObjectURL(blob);
             frame.onload = done; document.body.append(frame)")
            .shows("said by blob"),
    ];
    frames.into_iter().chain(embedded)
}
