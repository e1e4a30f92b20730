//! Pages that cannot be saved, each with its reason.

use platen_api_types::{FailureCode, PdfOptions};

use crate::{
    site::Answer,
    stage::{Stage, run},
};

#[test]
fn statuses() {
    run(async {
        let stage = Stage::shared().await;
        for (status, body, expected) in [
            (404, "not there", FailureCode::HttpStatus),
            (404, "", FailureCode::HttpStatus),
            (500, "broken", FailureCode::HttpStatus),
            (503, "", FailureCode::HttpStatus),
            (401, "who are you", FailureCode::AuthRequired),
            (204, "", FailureCode::UnsupportedContent),
            (205, "", FailureCode::UnsupportedContent),
        ] {
            let answer = Answer::html(body).status(status);
            assert_eq!(stage.failure_of(answer).await, expected, "{status}");
        }
        let challenge = Answer::html("")
            .status(401)
            .with("www-authenticate", "Basic realm=x");
        assert_eq!(stage.failure_of(challenge).await, FailureCode::AuthRequired);
    });
}

#[test]
fn the_status_is_in_the_detail() {
    run(async {
        let stage = Stage::shared().await;
        let path = stage.site.serve(Answer::html("gone").status(410));
        let error = stage
            .render(&path, PdfOptions::default())
            .await
            .err()
            .unwrap();
        let platen_renderer::RenderError::Fail(failure) = error else {
            panic!("{error:?}");
        };
        assert!(failure.detail.contains("410"), "{}", failure.detail);
    });
}

#[test]
fn downloads_and_other_files() {
    run(async {
        let stage = Stage::shared().await;
        for answer in [
            Answer::new("application/octet-stream", "bytes"),
            Answer::html("<p>x").with("content-disposition", "attachment; filename=a.html"),
            Answer::new("application/pdf", "%PDF-1.4"),
            Answer::new("video/mp4", "bytes"),
        ] {
            let code = stage.failure_of(answer).await;
            assert_eq!(code, FailureCode::UnsupportedContent);
        }
    });
}

#[test]
fn nothing_to_print() {
    run(async {
        let stage = Stage::shared().await;
        for html in ["", "<title>blank</title>", "<body> \n </body>"] {
            let code = stage.failure_of(Answer::html(html)).await;
            assert_eq!(code, FailureCode::UnsupportedContent, "{html:?}");
        }
    });
}

#[test]
fn leaving_the_web() {
    run(async {
        let stage = Stage::shared().await;
        let answer = Answer::html("<p>x<script>location = 'about:blank'</script>");
        assert_eq!(
            stage.failure_of(answer).await,
            FailureCode::UnsupportedContent
        );
        let answer = Answer::redirect("file:///etc/passwd");
        assert_eq!(
            stage.failure_of(answer).await,
            FailureCode::DestinationBlocked
        );
    });
}

#[test]
fn redirects_without_end() {
    run(async {
        let stage = Stage::shared().await;
        stage.site.serve_at("/loop", Answer::redirect("/loop"));
        assert_eq!(stage.failure("/loop").await, FailureCode::TooManyRedirects);
        stage.site.serve_at(
            "/script-loop",
            Answer::html("<p>x<script>location = '/script-loop?' + Math.random()</script>"),
        );
        assert_eq!(
            stage.failure("/script-loop").await,
            FailureCode::TooManyRedirects
        );
    });
}

#[test]
fn no_one_there() {
    run(async {
        let stage = Stage::shared().await;
        for scheme in ["http", "https"] {
            for (host, expected) in [
                (
                    stage.closed_port.local_addr().unwrap().to_string(),
                    FailureCode::ConnectionFailed,
                ),
                ("unknown.example.com".to_owned(), FailureCode::DnsFailure),
                ("10.0.0.1".to_owned(), FailureCode::DestinationBlocked),
                ("localhost".to_owned(), FailureCode::DestinationBlocked),
            ] {
                let to = format!("{scheme}://{host}/");
                let code = stage.failure_of(Answer::redirect(&to)).await;
                assert_eq!(code, expected, "{to}");
            }
        }
    });
}

#[test]
fn certificates_that_no_one_vouches_for() {
    run(async {
        let stage = Stage::shared().await;
        let to = format!("https://127.0.0.1:{}/", stage.tls_port);
        let code = stage.failure_of(Answer::redirect(&to)).await;
        assert_eq!(code, FailureCode::TlsError);
        // The site speaks no TLS at all.
        let to = format!("https://127.0.0.1:{}/", stage.site.port());
        let code = stage.failure_of(Answer::redirect(&to)).await;
        assert_eq!(code, FailureCode::TlsError);
    });
}

#[test]
fn more_traffic_than_the_limit() {
    run(async {
        let stage = Stage::shared().await;
        let part = stage
            .site
            .serve(Answer::new("application/octet-stream", vec![0; 30 << 20]));
        let answer = Answer::html(format!(
            "<p>x<script>for (let i = 0; i < 4; i++) fetch('{part}?' + i)</script>"
        ));
        assert_eq!(stage.failure_of(answer).await, FailureCode::TrafficLimit);
    });
}
