//! What a reader expects of the paper: all of the content, once, where it can be read.

use crate::{
    site::Answer,
    stage::{Pdf, Stage, lines, run},
};

/// A picture with a size of its own that comes from the site.
const DOT: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'>\
    <text y='20' font-size='12'>picture</text></svg>";

async fn render(html: &str) -> Pdf {
    Stage::shared().await.render_html(html).await
}

#[test]
fn a_fixed_header_is_printed_once_and_over_nothing() {
    run(async {
        let pdf = render(&format!(
            "<style>header {{ position: fixed; top: 0; left: 0; right: 0; height: 40px }}
             main {{ padding-top: 50px }}</style>
             <header>topbar</header><main>{}</main>",
            lines(120)
        ))
        .await;
        assert!(pdf.facts.pages > 2);
        assert_eq!(pdf.text().matches("topbar").count(), 1, "{}", pdf.text());
        pdf.assert_lines(120);
        assert!(pdf.overlapping().is_empty(), "{:?}", pdf.overlapping());
    });
}

#[test]
fn a_fixed_footer_lies_over_nothing() {
    run(async {
        let pdf = render(&format!(
            "<style>footer {{ position: fixed; bottom: 0; width: 100%; height: 60px }}</style>
             <main>{}</main><footer>bottombar and more of it</footer>",
            lines(120)
        ))
        .await;
        assert_eq!(pdf.text().matches("bottombar").count(), 1);
        assert!(pdf.overlapping().is_empty(), "{:?}", pdf.overlapping());
    });
}

#[test]
fn a_sticky_header_is_printed_once_and_over_nothing() {
    run(async {
        let pdf = render(&format!(
            "<style>header {{ position: sticky; top: 0; height: 40px }}</style>
             <header>topbar</header><main>{}</main>",
            lines(120)
        ))
        .await;
        assert_eq!(pdf.text().matches("topbar").count(), 1);
        assert!(pdf.overlapping().is_empty(), "{:?}", pdf.overlapping());
    });
}

#[test]
fn what_the_page_hides_from_paper_stays_hidden() {
    run(async {
        let pdf = render(
            "<style>header { position: fixed; top: 0 } @media print { header { display: none } }</style>
             <header>topbar</header><p>content",
        )
        .await;
        assert!(!pdf.text().contains("topbar"), "{}", pdf.text());
    });
}

#[test]
fn a_box_that_scrolls_shows_all_that_it_holds() {
    run(async {
        for style in [
            "html, body { height: 100%; margin: 0; overflow: hidden } .app { height: 100vh; display: flex; \
             flex-direction: column; overflow: hidden } main { flex: 1; overflow-y: auto }",
            "main { height: 300px; overflow: scroll }",
            "body { margin: 0 } .app { position: relative; height: 100vh } main { max-height: 50vh; overflow: auto }",
        ] {
            let pdf = render(&format!(
                "<style>{style}</style><div class=app><nav>menu</nav><main>{}</main></div>",
                lines(150)
            ))
            .await;
            pdf.assert_lines(150);
            assert!(
                pdf.overlapping().is_empty(),
                "{style}: {:?}",
                pdf.overlapping()
            );
        }
    });
}

#[test]
fn what_is_wider_than_the_paper_is_made_to_fit() {
    run(async {
        let row = |count: u32| {
            let cells = (0..count).fold(String::new(), |html, n| html + &format!("<td>cell{n}end"));
            format!("<table border=1><tr>{cells}</table>")
        };
        for html in [
            row(30),
            format!(
                "<style>div {{ overflow-x: auto }}</style><div>{}</div>",
                row(40)
            ),
            "<style>.wrap { width: 1150px } p { text-align: right }</style>
             <div class=wrap><p>cell0end<p>cell29end</div>"
                .to_owned(),
        ] {
            let pdf = render(&html).await;
            let words = pdf.words();
            let (width, _) = pdf.page_size();
            for cell in ["cell0end", "cell29end"] {
                let word = words.iter().find(|word| word.text == cell);
                let word = word.unwrap_or_else(|| panic!("no {cell}: {}", pdf.text()));
                assert!(
                    word.right < width - 20.0 && word.left > 20.0,
                    "{word:?} of {width}"
                );
            }
        }
    });
}

#[test]
fn what_can_be_narrower_keeps_its_size() {
    run(async {
        let plain = render("<p>hello").await;
        let html =
            "<style>.wrap { max-width: 1100px; margin: auto } img { max-width: 100% }</style>
             <div class=wrap><p>hello<table width=100%><tr><td>a<td>b</table>
             <img width=1000 height=10 src=/wide.svg></div>";
        let pdf = render(html).await;
        let height = |pdf: &Pdf| {
            let words = pdf.words();
            let word = words.iter().find(|word| word.text == "hello").unwrap();
            word.bottom - word.top
        };
        assert!((height(&plain) - height(&pdf)).abs() < 0.1);
    });
}

#[test]
fn long_lines_of_code_are_wrapped() {
    run(async {
        let code = (0..60).fold(String::new(), |code, n| code + &format!("word{n} "));
        let pdf = render(&format!(
            "<style>pre {{ overflow: auto }}</style><pre>{code}END</pre>"
        ))
        .await;
        assert!(pdf.text().contains("END"), "{}", pdf.text());
    });
}

#[test]
fn scripts_of_the_world_have_their_glyphs() {
    run(async {
        let pdf = render(
            "<meta charset=utf-8><p>日本語 中文 한국어<p>العربية<p>हिन्दी<p>ภาษาไทย<p>Ελληνικά Русский<p>😀🎉",
        )
        .await;
        let text = pdf.text();
        for word in [
            "日本語",
            "中文",
            "한국어",
            "ภาษาไทย",
            "Ελληνικά",
            "Русский",
            "😀",
        ] {
            assert!(text.contains(word), "{word} in {text}");
        }
        // Name, type, encoding, embedded, subset, with Unicode, object.
        let fonts = pdf.fonts();
        for font in fonts.lines().skip(2) {
            let columns: Vec<&str> = font.split_whitespace().rev().take(5).collect();
            assert_eq!(columns[4], "yes", "not embedded: {font}");
            assert_eq!(columns[2], "yes", "cannot be copied: {font}");
        }
    });
}

#[test]
fn no_letter_is_a_box() {
    run(async {
        let ink = async |letter: &str| {
            let html = format!(
                "<meta charset=utf-8><style>body {{ margin: 0; font-size: 72pt }}</style>{letter}"
            );
            let pdf = render(&html).await;
            let image = pdf.image();
            (20..140)
                .flat_map(|y| (20..140).map(move |x| (x, y)))
                .map(|(x, y)| image.pixel(x, y).0 < 128)
                .collect::<Vec<bool>>()
        };
        // Never to be assigned, so that no font has it.
        let nothing = ink("\u{10FFFE}").await;
        for letter in ["日", "한", "ع", "ह", "ย", "Ω", "Ж", "≠", "😀"] {
            assert!(ink(letter).await != nothing, "{letter}");
        }
    });
}

#[test]
fn web_fonts_are_used() {
    run(async {
        let stage = Stage::shared().await;
        let file = std::fs::read("/usr/share/fonts/truetype/noto/NotoSerif-Bold.ttf").unwrap();
        let font = stage.site.serve(Answer::new("font/ttf", file));
        let pdf = render(&format!(
            "<style>@font-face {{ font-family: own; src: url({font}); }} p {{ font-family: own }}</style>
             <p>letters"
        ))
        .await;
        assert!(pdf.fonts().contains("NotoSerif-Bold"), "{}", pdf.fonts());
    });
}

#[test]
fn content_that_comes_a_few_frames_late_is_there() {
    run(async {
        let pdf = render(
            "<p id=a></p><div id=box style='width:100px'></div><p id=b></p><script>
             const after = (n, then) => n ? requestAnimationFrame(() => after(n - 1, then)) : then();
             onload = () => after(2, () => { a.textContent = 'framed'; box.style.width = '200px' });
             new ResizeObserver((_, observer) => {
               if (box.offsetWidth === 200) b.textContent = 'resized';
             }).observe(box);
             </script>",
        )
        .await;
        let text = pdf.text();
        assert!(
            text.contains("framed") && text.contains("resized"),
            "{text}"
        );
    });
}

#[test]
fn a_chart_is_drawn_to_its_end() {
    run(async {
        // Green only when its animation of 600 ms is over.
        let pdf = render(
            "<style>body { margin: 0 }</style><canvas id=c width=400 height=400></canvas><script>
             const context = c.getContext('2d'), start = performance.now();
             const draw = () => {
               const part = Math.min(1, (performance.now() - start) / 600);
               context.fillStyle = part < 1 ? '#ff0000' : '#00ff00';
               context.fillRect(0, 0, 400, 400);
               if (part < 1) requestAnimationFrame(draw);
             };
             requestAnimationFrame(draw)</script>",
        )
        .await;
        let (red, green, _) = pdf.pixel(100, 100);
        assert!(green > 200 && red < 60, "{red} {green}");
    });
}

#[test]
fn pictures_that_a_script_would_put_in_later_are_there() {
    run(async {
        let stage = Stage::shared().await;
        let picture = stage.site.serve(Answer::new("image/svg+xml", DOT));
        for html in [
            format!("<img data-src='{picture}'>"),
            format!("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' data-original='{picture}'>"),
            format!("<div style='height:4000px'></div><img loading=lazy src='{picture}'>"),
            format!("<style>main {{ height: 400px; overflow: auto }}</style><main>
                <div style='height:4000px'></div><img id=i></main><script>
                new IntersectionObserver(([entry]) => {{ if (entry.isIntersecting) i.src = '{picture}' }},
                ).observe(i)</script>"),
        ] {
            let pdf = render(&(html.clone() + "<p>x<script></script>")).await;
            assert!(pdf.text().contains("picture"), "{html}: {}", pdf.text());
        }
    });
}

#[test]
fn formulas_are_set() {
    run(async {
        let pdf = render("<math><mfrac><mi>numer</mi><mi>denom</mi></mfrac></math>").await;
        let words = pdf.words();
        let word = |text: &str| words.iter().find(|word| word.text == text).cloned();
        let (over, under) = (word("numer").unwrap(), word("denom").unwrap());
        assert!(over.top + 5.0 < under.top, "{over:?} {under:?}");
    });
}
