//! What asks for consent is not on paper; what only speaks of it is.

use crate::stage::{Pdf, Stage, run};

const ARTICLE: &str = "<main><h1>Article</h1><p>story of some length</main>";

async fn render(html: &str) -> Pdf {
    Stage::shared().await.render_html(html).await
}

#[test]
fn banners_go_and_the_article_stays() {
    run(async {
        for banner in [
            // By what its maker calls it, wherever it stands.
            "<div id=onetrust-banner-sdk>We use BANNER <button>Accept</button></div>",
            "<script>const host = document.createElement('div'); host.id = 'usercentrics-root';
             host.attachShadow({mode: 'open'}).innerHTML = '<p>BANNER'; document.body.append(host)</script>",
            // By what it says.
            "<div style='position:fixed;bottom:0'>BANNER: we value your privacy <button>OK</button></div>",
            "<div><section style='position:fixed;inset:0'>BANNER über Cookies <a href=#>Ja</a></section></div>",
            "<dialog open>BANNER cookies <button>Yes</button></dialog>",
        ] {
            let pdf = render(&format!("<style></style>{ARTICLE}{banner}")).await;
            let text = pdf.text();
            assert!(text.contains("story of some length"), "{banner}: {text}");
            assert!(!text.contains("BANNER"), "{banner}: {text}");
        }
    });
}

/// After all else, and after the look for those that were there from the start.
#[test]
fn a_banner_that_comes_late_goes_too() {
    run(async {
        let html = format!(
            "<style></style>{ARTICLE}<script>setTimeout(() => document.body.insertAdjacentHTML('beforeend',
             '<div class=cookie-bar style=\"position:fixed;top:0\">BANNER cookies <button>OK</button></div>'), 600)</script>"
        );
        let until_it_is_there = r#"{"wait":{"selector":".cookie-bar"}}"#;
        let stage = Stage::shared().await;
        let pdf = stage.render_html_with(&html, until_it_is_there).await;
        let text = pdf.text();
        assert!(text.contains("story of some length"), "{text}");
        assert!(!text.contains("BANNER"), "{text}");
    });
}

#[test]
fn a_page_that_a_banner_locks_is_printed_whole() {
    run(async {
        let lines = (0..120).fold(String::new(), |html, n| html + &format!("<p>line{n}end"));
        let pdf = render(&format!(
                "<style>html, body {{ height: 100%; overflow: hidden; margin: 0 }}
                 .curtain {{ position: fixed; inset: 0; background: #000 }}</style>
                 <main>{lines}</main><div class=curtain></div>
                 <div role=dialog style='position:fixed;top:40%'>cookies? <button>OK</button></div>"
            ))
        .await;
        assert!(pdf.text().contains("line119end"), "{}", pdf.text());
        let (red, green, blue) = pdf.pixel(300, 400);
        assert!(
            red > 100 && green > 100 && blue > 100,
            "the curtain is still there"
        );
    });
}

#[test]
fn content_is_not_eaten() {
    run(async {
        let about = "CONTENT about cookies and consent under the GDPR. ".repeat(40);
        for html in [
            // An article about cookies, however it is called.
            format!("<article class=cookie-article>{about}<a href=#>more</a></article>"),
            format!("<div id=cookies><p>{about}<button>Like</button></div>"),
            // The page as a whole lies in a fixed box.
            format!("<div style='position:fixed;inset:0;overflow:auto'>{about}<a href=#>Privacy</a></div>"),
            // A header that links to the privacy policy of a short page.
            "<header style='position:fixed'>CONTENT <a href=#>Home</a></header><p>cookies".to_owned(),
            "<form style='position:fixed'>CONTENT <input type=password> Privacy <button>In</button></form>"
                .to_owned(),
        ] {
            let pdf = render(&format!("<style></style>{html}")).await;
            assert!(pdf.text().contains("CONTENT"), "{html}: {}", pdf.text());
        }
    });
}

#[test]
fn banners_stay_when_the_caller_wants_them() {
    run(async {
        let stage = Stage::shared().await;
        let html = "<style></style><p>x<div id=onetrust-banner-sdk>BANNER</div>";
        let pdf = stage.render_html_with(html, r#"{"hide_banners":false}"#);
        assert!(pdf.await.text().contains("BANNER"));
    });
}

#[test]
fn a_page_of_nothing_but_banners_costs_the_cap_and_no_more() {
    run(async {
        // Each holds all those within, with a text that takes long to read so many times.
        let html = format!(
            "<style></style>{ARTICLE}<script>
             let outer = document.body;
             for (let n = 0; n < 400; n++) {{
               const banner = document.createElement('div');
               banner.className = 'cookie';
               banner.style.position = 'fixed';
               outer.append(banner);
               outer = banner;
             }}
             outer.innerHTML = '<button>OK</button><p hidden>' + 'cookie '.repeat(1 << 20);
             </script>"
        );
        let stage = Stage::shared().await;
        let (pdf, waits) = stage.render_watched(&html).await;
        assert!(pdf.text().contains("story of some length"));
        let took = waits.time("banners");
        assert!(took < std::time::Duration::from_millis(1500), "{waits:?}");
    });
}
