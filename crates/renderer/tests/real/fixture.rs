//! The pages that people can look at themselves keep what they promise.

use std::{fs, path::Path};

use platen_api_types::PdfOptions;

use crate::{
    site::Answer,
    stage::{Pdf, Stage, options, run},
};

const SITE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/support/site");
const FONT: &str = "/usr/share/fonts/truetype/noto/NotoSerif-Bold.ttf";

/// Serves the fixture site's pages and pictures at the same addresses as it does.
fn serve_all(stage: &Stage) {
    for folder in ["fidelity", "formats"] {
        for entry in fs::read_dir(Path::new(SITE).join(folder)).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            let kind = match file.extension().unwrap().to_str().unwrap() {
                "html" => "text/html; charset=utf-8",
                "txt" => "text/plain",
                "jpeg" => "image/jpeg",
                "png" => "image/png",
                "webp" => "image/webp",
                _ => continue,
            };
            let answer = Answer::new(kind, fs::read(&file).unwrap());
            stage.site.serve_at(&format!("/{folder}/{name}"), answer);
        }
    }
    let font = Answer::new("font/ttf", fs::read(FONT).unwrap());
    stage.site.serve_at("/fidelity/font.ttf", font);
}

async fn print(name: &str, options: PdfOptions) -> Pdf {
    let stage = Stage::shared().await;
    let path = format!("/fidelity/{name}.html");
    stage.render(&path, options).await.unwrap()
}

#[test]
fn each_page_is_printed_as_it_says() {
    run(async {
        serve_all(Stage::shared().await);
        for (name, words, never) in [
            ("index", &["A consent banner"][..], ""),
            ("lazy", &["Lazy pictures"], "by the browser"),
            (
                "observed",
                &["Chapter 1: read", "Chapter 5: read"],
                "not yet",
            ),
            ("web-font", &["These letters"], ""),
            (
                "scripts",
                &["敏捷", "いろは", "다람쥐", "Русский", "ไทย"],
                "",
            ),
            ("drawing", &["letters in it"], ""),
            ("chart", &["A chart"], ""),
            ("formula", &["4"], ""),
            ("wide-table", &["first", "last"], ""),
            ("sticky-header", &["Paragraph 1,", "Paragraph 120,"], ""),
            ("inner-scroller", &["Line 1 of 120", "Line 120 of 120"], ""),
            ("print-style", &["Only on paper."], "Only on the screen."),
            (
                "late",
                &[
                    "after two frames",
                    "after a change of size",
                    "after a request, by a worker",
                ],
                "not yet",
            ),
            ("banner", &["all there"], "cookies"),
            ("full-window", &["First section", "Third section"], ""),
        ] {
            let pdf = print(name, PdfOptions::default()).await;
            let text = pdf.text();
            for word in words {
                assert!(text.contains(word), "{name}: {word} in {text}");
            }
            assert!(never.is_empty() || !text.contains(never), "{name}: {text}");
            let (width, _) = pdf.page_size();
            for word in pdf.words() {
                assert!(word.right <= width, "{name}: {word:?}");
            }
        }
    });
}

#[test]
fn what_is_no_text_is_there_too() {
    run(async {
        serve_all(Stage::shared().await);
        let count = |pdf: &Pdf, page: u32, is_it: fn((u8, u8, u8)) -> bool| {
            let image = pdf.image_of(page);
            let points = (0..841).flat_map(|y| (0..595).map(move |x| (x, y)));
            points.filter(|(x, y)| is_it(image.pixel(*x, *y))).count()
        };
        let is_red: fn((u8, u8, u8)) -> bool = |(red, _, blue)| red > 150 && blue < 90;
        let is_green: fn((u8, u8, u8)) -> bool = |(red, green, _)| green > 120 && red < 90;

        let lazy = print("lazy", PdfOptions::default()).await;
        let red: usize = (1..=lazy.facts.pages)
            .map(|page| count(&lazy, page, is_red))
            .sum();
        // Half of 300 by 150 points, three times.
        assert!((60_000..70_000).contains(&red), "{red}");
        assert!(
            print("web-font", PdfOptions::default())
                .await
                .fonts()
                .contains("NotoSerif-Bold")
        );
        let chart = print("chart", PdfOptions::default()).await;
        assert!(count(&chart, 1, is_green) > 10_000);
        assert_eq!(count(&chart, 1, is_red), 0);
        assert!(count(&print("drawing", PdfOptions::default()).await, 1, is_red) > 5000);
        let header = print("sticky-header", PdfOptions::default()).await;
        assert!(header.facts.pages > 2);
        assert_eq!(header.text().matches("The header, once").count(), 1);
        let one = print("full-window", options(r#"{"single_page":true}"#)).await;
        assert_eq!(one.facts.pages, 1);
        let (_, height) = one.page_size();
        assert!((1700.0..2000.0).contains(&height), "{height}");
    });
}
