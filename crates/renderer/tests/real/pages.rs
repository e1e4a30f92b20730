//! What ordinary pages become.

use platen_api_types::{FailureCode, PdfOptions};
use sha2::{Digest as _, Sha256};

use crate::{
    site::Answer,
    stage::{Stage, code, options, run},
};

#[test]
fn a_page_becomes_a_pdf_with_its_text_title_and_source() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html(
            "<title>Árvíztűrő (tükör)\\ \u{1F5A8}</title><h1>One</h1><p>first words<h2>Two</h2>",
        ));
        let pdf = stage.render(&path, PdfOptions::default()).await.unwrap();

        assert!(pdf.text().contains("first words"));
        let title = "Árvíztűrő (tükör)\\ \u{1F5A8}";
        assert_eq!(pdf.page.title.as_deref(), Some(title));
        assert_eq!(pdf.info("Title"), title);
        assert_eq!(pdf.page.final_url.as_str(), stage.site.url(&path));
        assert_eq!(pdf.info("Subject"), stage.site.url(&path));
        assert_eq!(pdf.page.http_status, Some(200));
        assert!(pdf.page.complete);

        assert_eq!(pdf.info("Tagged"), "yes");
        assert!(pdf.info("Page size").contains("A4"));
        let outline = pdf.json();
        assert!(outline.contains("\"title\": \"One\"") && outline.contains("\"title\": \"Two\""));
        pdf.check();
    });
}

#[test]
fn facts_are_those_of_the_bytes() {
    run(async {
        let stage = Stage::shared().await;
        let pages = "<p style='break-after:page'>one of the sheets".repeat(23);
        let pdf = stage.render_html(&pages).await;
        assert_eq!(pdf.info("Pages"), pdf.facts.pages.to_string());
        assert!(pdf.facts.pages >= 23);
        assert_eq!(pdf.facts.size, pdf.bytes.len() as u64);
        let hash: [u8; 32] = Sha256::digest(&pdf.bytes).into();
        assert_eq!(pdf.facts.sha256, hash);
    });
}

#[test]
fn a_pdf_of_many_chunks_arrives_whole() {
    run(async {
        let stage = Stage::shared().await;
        // Noise does not compress: 1.4 MB of it take several reads.
        let html = "<canvas id=c width=700 height=700></canvas><p>after the noise<script>
            const context = c.getContext('2d'), image = context.createImageData(700, 700);
            for (let i = 0; i < image.data.length; i += 65536)
                crypto.getRandomValues(image.data.subarray(i, i + 65536));
            for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
            context.putImageData(image, 0, 0);</script>";
        let pdf = stage.render_html(html).await;
        assert!(pdf.facts.size > 1_200_000, "{}", pdf.facts.size);
        assert!(pdf.text().contains("after the noise"));
        assert_eq!(pdf.info("Subject"), pdf.page.final_url.as_str());
        pdf.check();
    });
}

#[test]
fn what_a_page_writes_is_never_taken_for_structure() {
    run(async {
        let stage = Stage::shared().await;
        let pdf = stage
            .render_html(
                "<html lang='/Pages 1 0 R'><title>>> endobj /Pages 1 0 R (</title>\
                 <h1>/Type /Page /Count 9</h1><a href='http://x/)/Count 900'>trailer &lt;&lt;</a>",
            )
            .await;
        assert_eq!(pdf.facts.pages, 1);
        assert_eq!(pdf.info("Title"), ">> endobj /Pages 1 0 R (");
        pdf.check();
    });
}

#[test]
fn the_final_address_is_the_one_after_all_detours() {
    run(async {
        let stage = Stage::shared().await;
        let end = stage.site.serve(Answer::html("<p>the end"));
        let script = stage.site.serve(Answer::html(format!(
            "<script>location = '{end}#part'</script>"
        )));
        let meta = stage.site.serve(Answer::html(format!(
            "<meta http-equiv=refresh content='0; url={script}'><p>not this"
        )));
        let start = stage.site.serve(Answer::redirect(&meta));
        let pdf = stage.render(&start, PdfOptions::default()).await.unwrap();
        assert_eq!(pdf.page.final_url.as_str(), stage.site.url(&end) + "#part");
        assert_eq!(pdf.text().trim(), "the end");
    });
}

#[test]
fn a_page_may_rewrite_its_own_address() {
    run(async {
        let stage = Stage::shared().await;
        let pdf = stage
            .render_html("<p>here<script>history.pushState(1, '', '/elsewhere?a=1')</script>")
            .await;
        assert_eq!(
            pdf.page.final_url.as_str(),
            stage.site.url("/elsewhere?a=1")
        );
    });
}

/// Pages of nothing.
fn blank_pdf(pages: usize) -> Vec<u8> {
    let kids = (0..pages).fold(String::new(), |kids, n| kids + &format!("{} 0 R ", n + 3));
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{kids}]/Count {pages}>>"),
    ];
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<<>>>>";
    objects.resize(pages + 2, page.to_owned());
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        let entry = format!("{:010} 00000 n \n", file.len());
        table.push_str(&entry);
        file.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", n + 1).as_bytes());
    }
    let end = format!(
        "{table}trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
        objects.len() + 1,
        file.len()
    );
    file.extend_from_slice(end.as_bytes());
    file
}

#[test]
fn a_pdf_is_taken_as_it_is() {
    run(async {
        let stage = Stage::shared().await;
        let own = stage
            .render_html("<title>x</title><p>some text")
            .await
            .bytes;
        for file in [blank_pdf(3), own] {
            let path = stage
                .site
                .serve(Answer::new("application/pdf", file.clone()));
            let forced = stage.site.serve(
                Answer::new("application/pdf; charset=binary", file.clone())
                    .with("content-disposition", "attachment; filename=a.pdf"),
            );
            let redirect = stage.site.serve(Answer::redirect(&path));
            for from in [&path, &forced, &redirect] {
                let pdf = stage.render(from, PdfOptions::default()).await.unwrap();
                assert!(pdf.bytes == file, "{from}");
                assert_eq!(pdf.facts.pages.to_string(), pdf.info("Pages"));
                assert_eq!(pdf.facts.size, file.len() as u64);
            }
            let pdf = stage
                .render(&redirect, PdfOptions::default())
                .await
                .unwrap();
            assert_eq!(pdf.page.final_url.path(), path);
        }
    });
}

#[test]
fn a_pdf_behind_a_header_is_taken_with_it() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage
            .site
            .serve(Answer::new("application/pdf", blank_pdf(1)));
        let redirect = stage.site.serve(Answer::redirect(&path));
        for from in [&path, &redirect] {
            let pdf = stage
                .render(from, options(r#"{"headers":{"x-key":"k"}}"#))
                .await
                .unwrap();
            assert!(pdf.bytes == blank_pdf(1), "{from}");
        }
        let seen = stage.site.seen(&path);
        assert!(!seen.is_empty());
        for request in seen {
            assert_eq!(request.headers["x-key"], "k");
        }
    });
}

#[test]
fn a_pdf_that_is_none_is_refused() {
    run(async {
        let stage = Stage::shared().await;
        let whole = blank_pdf(3);
        for (body, code) in [
            (b"<p>html".to_vec(), FailureCode::UnsupportedContent),
            (
                whole[..whole.len() / 2].to_vec(),
                FailureCode::UnsupportedContent,
            ),
            (blank_pdf(501), FailureCode::TooManyPages),
            (
                [
                    blank_pdf(1),
                    vec![b' '; 51 * 1024 * 1024],
                    b"%%EOF".to_vec(),
                ]
                .concat(),
                FailureCode::OutputTooLarge,
            ),
        ] {
            let path = stage.site.serve(Answer::new("application/pdf", body));
            assert_eq!(stage.failure(&path).await, code);
        }
        let endless = Answer::new("application/pdf", whole).endless();
        let path = stage.site.serve(endless);
        let job = stage.render(&path, options(r#"{"timeout_s":1}"#));
        assert_eq!(code(job.await), FailureCode::Timeout);
    });
}
