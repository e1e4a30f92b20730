//! Addresses that lead to something else than a page.

use platen_api_types::{FailureCode, PdfOptions};

use platen_renderer::RenderError;

use crate::{
    site::Answer,
    stage::{Pdf, Stage, run},
};

macro_rules! picture {
    ($kind:literal) => {
        include_bytes!(concat!(
            "../../../../tests/support/site/formats/halves.",
            $kind
        ))
    };
}

/// Left half red, right half blue; wider than any paper.
const PICTURES: [(&str, &[u8]); 5] = [
    ("image/png", picture!("png")),
    ("image/jpeg", picture!("jpeg")),
    ("image/webp", picture!("webp")),
    ("image/avif", picture!("avif")),
    ("image/gif", picture!("gif")),
];

async fn render(kind: &'static str, body: impl Into<bytes::Bytes>) -> Pdf {
    let stage = Stage::shared().await;
    let path = stage.site.serve(Answer::new(kind, body));
    stage.render(&path, PdfOptions::default()).await.unwrap()
}

#[test]
fn a_picture_is_on_one_sheet_and_whole() {
    run(async {
        for (kind, bytes) in PICTURES {
            let pdf = render(kind, bytes).await;
            assert_picture(&pdf, kind);
        }
        let drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='1600' height='800'>
            <rect width='800' height='800' fill='#c81e1e'/>
            <rect x='800' width='800' height='800' fill='#1e3cc8'/>
            <text x='20' y='100' font-size='60'>drawn words</text></svg>";
        let pdf = render("image/svg+xml", drawing).await;
        assert_picture(&pdf, "image/svg+xml");
        assert!(pdf.text().contains("drawn words"), "{}", pdf.text());
    });
}

#[test]
fn a_tall_picture_is_on_one_sheet_and_a_very_long_one_goes_on() {
    run(async {
        for (height, pages) in [(1500, 1), (6000, 5)] {
            // A bitmap, for which the browser has another viewer than for a drawing.
            let pdf = render("image/gif", gif(900, height)).await;
            assert_eq!(pdf.facts.pages, pages, "{height}");
            assert_ne!(pdf.image_of(pages).pixel(297, 60), (255, 255, 255));
        }
    });
}

/// Nothing but red.
fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    file.extend_from_slice(&size);
    file.extend_from_slice(&[0x80, 0, 0, 0xc8, 0x1e, 0x1e, 0, 0, 0]);
    file.extend_from_slice(&[0x2c, 0, 0, 0, 0]);
    file.extend_from_slice(&size);
    file.extend_from_slice(&[0, 2]);
    // Codes of three bits, each for one pixel, begun anew before they would need a fourth.
    let (mut bits, mut count, mut codes) = (0_u32, 0, Vec::new());
    let mut push = |code: u32| {
        bits |= code << count;
        count += 3;
        while count >= 8 {
            codes.push((bits & 0xff) as u8);
            bits >>= 8;
            count -= 8;
        }
    };
    for pixel in 0..u32::from(width) * u32::from(height) {
        if pixel % 2 == 0 {
            push(4);
        }
        push(0);
    }
    push(5);
    push(0);
    push(0);
    for block in codes.chunks(255) {
        file.push(u8::try_from(block.len()).unwrap());
        file.extend_from_slice(block);
    }
    file.extend_from_slice(&[0, 0x3b]);
    file
}

/// It reaches from margin to margin, and its halves meet in the middle.
fn assert_picture(pdf: &Pdf, kind: &str) {
    assert_eq!(pdf.facts.pages, 1, "{kind}");
    let image = pdf.image();
    let (width, height) = (595, 841);
    let row = (0..height).find(|y| image.pixel(width / 2, *y) != (255, 255, 255));
    let middle = row.unwrap_or_else(|| panic!("{kind}: nothing")) + 120;
    for (x, expected) in [
        (20, (255, 255, 255)),
        (40, (0xc8, 0x1e, 0x1e)),
        (290, (0xc8, 0x1e, 0x1e)),
        (305, (0x1e, 0x3c, 0xc8)),
        (555, (0x1e, 0x3c, 0xc8)),
        (575, (255, 255, 255)),
    ] {
        let (red, green, blue) = image.pixel(x, middle);
        let near = |one: u8, other: u8| one.abs_diff(other) < 12;
        assert!(
            near(red, expected.0) && near(green, expected.1) && near(blue, expected.2),
            "{kind} at {x}: {red} {green} {blue}"
        );
    }
}

/// No word is cut off at the edge of the paper.
fn assert_within(pdf: &Pdf) {
    let (width, _) = pdf.page_size();
    for word in pdf.words() {
        assert!(word.left > 20.0 && word.right < width - 20.0, "{word:?}");
    }
}

#[test]
fn text_is_wrapped_and_goes_on_for_pages() {
    run(async {
        let lines = (0..200).fold(String::new(), |text, n| {
            text + &format!("line{n}end {}\n", "word ".repeat(60))
        });
        for kind in [
            "text/plain",
            "text/markdown",
            "text/css",
            "text/javascript",
            "text/x-unheard-of",
        ] {
            let pdf = render(kind, lines.clone() + &"unbroken".repeat(40)).await;
            let text = pdf.text();
            assert!(pdf.facts.pages > 5, "{kind}: {}", pdf.facts.pages);
            assert!(text.contains("line0end") && text.contains("line199end"));
            assert_eq!(text.matches("word").count(), 200 * 60, "{kind}");
            assert_within(&pdf);
        }
        let pdf = render("text/plain; charset=utf-8", "Árvíztűrő 日本語").await;
        let words: Vec<String> = pdf.words().into_iter().map(|word| word.text).collect();
        assert_eq!(words, ["Árvíztűrő", "日本語"]);
    });
}

#[test]
fn json_is_readable_and_as_it_was() {
    run(async {
        let words: Vec<String> = (0..300).map(|n| format!("word{n}")).collect();
        let words = serde_json::to_string(&words).unwrap();
        let json = format!(
            r#"{{"long":12345678901234567890,"one":1.0,"said":"a \"b\": {{}}, [c]","none":[],"words":{words}}}"#
        );
        for kind in ["application/json", "application/ld+json", "text/json"] {
            let pdf = render(kind, json.clone()).await;
            let text = pdf.text();
            for line in [
                r#""long": 12345678901234567890,"#,
                r#""one": 1.0,"#,
                r#""said": "a \"b\": {}, [c]","#,
                r#""none": [],"#,
                r#""word299""#,
            ] {
                assert!(
                    text.lines().any(|own| own.trim() == line),
                    "{line} in {text}"
                );
            }
            assert!(!text.contains("Pretty"), "{kind}: {text}");
            assert!(pdf.facts.pages > 4);
            assert_within(&pdf);
        }
        // Lines of its own stay, and what is no JSON is text.
        for (body, lines) in [
            (
                "{\n\"a\":1,\n   \"b\":2 }",
                vec!["{", "\"a\":1,", "\"b\":2 }"],
            ),
            ("{\"a\":", vec!["{\"a\":"]),
        ] {
            let text = render("application/json", body).await.text();
            let own: Vec<&str> = text.trim_end().lines().map(str::trim).collect();
            assert_eq!(own, lines);
        }
    });
}

#[test]
fn xml_is_shown_as_a_tree_and_without_the_viewers_own_words() {
    run(async {
        let xml =
            "<?xml version='1.0'?><root><a b='c'>some text</a><list><item>one</item></list></root>";
        for kind in ["application/xml", "text/xml"] {
            let pdf = render(kind, xml).await;
            let text = pdf.text();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            for line in [
                "<root>",
                "<a b=\"c\">some text</a>",
                "<item>one</item>",
                "</list>",
            ] {
                assert!(lines.contains(&line), "{line} in {text}");
            }
            assert!(!text.contains("style information"), "{text}");
        }
        // Feeds are text to the browser.
        for kind in ["application/rss+xml", "application/atom+xml"] {
            let feed = format!("<feed><title>{}</title></feed>", "news ".repeat(80));
            let pdf = render(kind, feed).await;
            assert_eq!(pdf.text().matches("news").count(), 80, "{kind}");
            assert_within(&pdf);
        }
        // With a style of its own it is a page.
        let styled = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>\
                      <body><p class='header'>own words</p></body></html>";
        for kind in ["application/xhtml+xml", "application/xml"] {
            assert_eq!(render(kind, styled).await.text().trim(), "own words");
        }
    });
}

#[test]
fn what_cannot_be_shown_is_refused() {
    run(async {
        let stage = Stage::shared().await;
        for kind in [
            "application/zip",
            "application/octet-stream",
            "application/wasm",
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/epub+zip",
            "application/x-unheard-of",
            "text/csv",
            "text/calendar",
            "image/tiff",
            "image/heic",
            "font/woff2",
            "model/gltf-binary",
            "audio/mpeg",
            "video/mp4",
            "multipart/mixed; boundary=x",
        ] {
            let answer = Answer::new(kind, "some bytes");
            let path = stage.site.serve(answer);
            let Err(RenderError::Fail(failure)) = stage.render(&path, PdfOptions::default()).await
            else {
                panic!("a pdf of {kind}");
            };
            assert_eq!(failure.code, FailureCode::UnsupportedContent, "{kind}");
        }
        // A picture that is none has nothing to show, either.
        for kind in ["image/png", "image/avif"] {
            let code = stage.failure_of(Answer::new(kind, "no picture")).await;
            assert_eq!(code, FailureCode::UnsupportedContent, "{kind}");
        }
    });
}
