//! One job learns nothing of another.

use platen_api_types::PdfOptions;

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
