//! One site and one renderer, shared by the tests so that Chromium starts once.

use std::{
    future::Future,
    io::Write as _,
    net::IpAddr,
    num::NonZeroUsize,
    path::PathBuf,
    process::Command,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use bytes::BytesMut;
use futures::{TryStreamExt as _, future::BoxFuture};
use platen_api_types::{FailureCode, PdfOptions};
use platen_egress::{Egress, Resolve, ResolveError, TargetUrl};
use platen_renderer::{PageFacts, PdfFacts, RenderError, RenderJob, Renderer, RendererConfig};
use tempfile::NamedTempFile;
use tokio::{net::TcpSocket, runtime::Runtime, sync::OnceCell};
use tokio_util::sync::CancellationToken;

use crate::{
    site::{self, Answer, Site},
    waits::{Waits, watched},
};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static STAGE: OnceCell<Stage> = OnceCell::const_new();

/// Runs a test on the runtime that the shared browser lives on.
pub(crate) fn run<F: Future>(test: F) -> F::Output {
    RUNTIME
        .get_or_init(|| Runtime::new().unwrap())
        .block_on(test)
}

/// Knows no name: no test asks a server beyond this machine.
struct NoNames;

impl Resolve for NoNames {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<IpAddr>, ResolveError>> {
        Box::pin(async { Err(ResolveError::NoAddress) })
    }
}

pub(crate) struct Stage {
    pub site: Site,
    /// Allow-listed; a server with a certificate of its own making.
    pub tls_port: u16,
    /// Allow-listed; no one listens.
    pub closed_port: TcpSocket,
    pub renderer: Renderer,
    pub egress: Egress,
}

impl Stage {
    pub(crate) async fn shared() -> &'static Self {
        STAGE.get_or_init(|| Self::new(config("shared"))).await
    }

    /// A stage with a browser of its own.
    pub(crate) async fn new(config: RendererConfig) -> Self {
        let site = Site::start().await;
        let tls_port = site::start_tls().await;
        let closed_port = site::closed_port();
        let closed = closed_port.local_addr().unwrap().port();
        let allow = [site.port(), tls_port, closed]
            .map(|port| format!("127.0.0.1:{port}"))
            .join(",");
        let egress = allowing_list(&allow);
        Self {
            renderer: Renderer::start(config, egress.clone()).await.unwrap(),
            site,
            tls_port,
            closed_port,
            egress,
        }
    }

    pub(crate) fn job(&self, path: &str, options: PdfOptions) -> RenderJob {
        let url = TargetUrl::parse(&self.site.url(path), self.egress.policy()).unwrap();
        RenderJob::new(url, options)
    }

    /// Renders what the site says at `path`, and reads the whole PDF.
    pub(crate) async fn render(&self, path: &str, options: PdfOptions) -> Result<Pdf, RenderError> {
        read(&self.renderer, self.job(path, options)).await
    }

    pub(crate) async fn render_html(&self, html: &str) -> Pdf {
        self.render_html_with(html, "{}").await
    }

    /// Renders some HTML with options in JSON.
    pub(crate) async fn render_html_with(&self, html: &str, json: &str) -> Pdf {
        let path = self.site.serve(Answer::html(html));
        self.render(&path, options(json)).await.unwrap()
    }

    /// Renders some HTML, and tells what was waited for.
    pub(crate) async fn render_watched(&self, html: &str) -> (Pdf, Waits) {
        let path = self.site.serve(Answer::html(html));
        let job = Box::pin(self.render(&path, PdfOptions::default()));
        let (pdf, waits) = watched(job).await;
        (pdf.unwrap(), waits)
    }

    /// Why `path` has no PDF.
    pub(crate) async fn failure(&self, path: &str) -> FailureCode {
        code(self.render(path, PdfOptions::default()).await)
    }

    pub(crate) async fn failure_of(&self, answer: Answer) -> FailureCode {
        self.failure(&self.site.serve(answer)).await
    }
}

/// Options as a caller writes them.
pub(crate) fn options(json: &str) -> PdfOptions {
    let options: PdfOptions = serde_json::from_str(json).unwrap();
    options.check().unwrap();
    options
}

/// A way out to these sites and to nothing else.
pub(crate) fn allowing(sites: &[&Site]) -> Egress {
    let authorities: Vec<String> = sites.iter().map(|site| site.authority()).collect();
    allowing_list(&authorities.join(","))
}

/// A way out to what this list allows and to nothing else.
pub(crate) fn allowing_list(list: &str) -> Egress {
    Egress::new(list.parse().unwrap(), Arc::new(NoNames))
}

pub(crate) async fn read(renderer: &Renderer, job: RenderJob) -> Result<Pdf, RenderError> {
    let page = renderer.render(job, CancellationToken::new()).await?;
    let bytes: BytesMut = page
        .pdf
        .try_fold(BytesMut::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await?;
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    Ok(Pdf {
        page: page.page,
        facts: page.outcome.facts().await.unwrap(),
        bytes: bytes.to_vec(),
        file,
    })
}

pub(crate) fn code(result: Result<Pdf, RenderError>) -> FailureCode {
    match result {
        Err(RenderError::Fail(failure)) => failure.code,
        Err(error) => panic!("not the page's fault: {error:?}"),
        Ok(pdf) => panic!("a pdf: {}", pdf.text()),
    }
}

/// Settings for a renderer in a work directory of its own, which the browser's user may enter.
pub(crate) fn config(name: &str) -> RendererConfig {
    RendererConfig {
        concurrency: NonZeroUsize::new(2).unwrap(),
        ..RendererConfig::new(work_dir(name))
    }
}

pub(crate) fn work_dir(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("platen-renderer-tests-{name}"))
}

/// Lines that are known by their numbers.
pub(crate) fn lines(count: u32) -> String {
    (0..count).fold(String::new(), |html, n| {
        html + &format!("<p>line{n}end</p>")
    })
}

/// A PDF as its reader sees it.
pub(crate) struct Pdf {
    pub page: PageFacts,
    pub facts: PdfFacts,
    pub bytes: Vec<u8>,
    file: NamedTempFile,
}

impl Pdf {
    pub(crate) fn text(&self) -> String {
        self.tool("pdftotext", &["-layout"], &["-"])
    }

    /// Panics unless each of the [`lines`] is there, and once.
    pub(crate) fn assert_lines(&self, count: u32) {
        let text = self.text();
        for n in 0..count {
            let line = format!("line{n}end");
            assert_eq!(text.matches(&line).count(), 1, "{line} in {text}");
        }
    }

    /// A line of `pdfinfo`, without its name.
    pub(crate) fn info(&self, name: &str) -> String {
        let info = self.tool("pdfinfo", &[], &[]);
        info.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Panics unless the file is well-formed in every part.
    pub(crate) fn check(&self) {
        self.tool("qpdf", &["--check"], &[]);
    }

    /// The file as an independent reader takes it apart.
    pub(crate) fn json(&self) -> String {
        self.tool("qpdf", &["--json"], &[])
    }

    /// Names of the fonts, and whether they are embedded.
    pub(crate) fn fonts(&self) -> String {
        self.tool("pdffonts", &[], &[])
    }

    /// Width and height of the first page, in points.
    pub(crate) fn page_size(&self) -> (f64, f64) {
        let size = self.info("Page size");
        let mut numbers = size.split_whitespace().filter_map(|part| part.parse().ok());
        (numbers.next().unwrap(), numbers.next().unwrap())
    }

    /// Words with where they are, in points from the upper left corner of their page.
    pub(crate) fn words(&self) -> Vec<Word> {
        let mut page = 0;
        let listed = self.tool("pdftotext", &["-bbox"], &["-"]);
        let words = listed.lines().filter_map(|line| {
            let line = line.trim();
            if line.starts_with("<page ") {
                page += 1;
            }
            let rest = line.strip_prefix("<word ")?.strip_suffix("</word>")?;
            let (corners, text) = rest.split_once('>')?;
            let mut numbers = corners
                .split('"')
                .filter_map(|part| part.parse::<f64>().ok());
            Some(Word {
                page,
                left: numbers.next()?,
                top: numbers.next()?,
                right: numbers.next()?,
                bottom: numbers.next()?,
                text: text.to_owned(),
            })
        });
        words.collect()
    }

    /// Pairs of words of which one lies over the other.
    pub(crate) fn overlapping(&self) -> Vec<(String, String)> {
        let words = self.words();
        let mut pairs = Vec::new();
        for (n, one) in words.iter().enumerate() {
            for other in &words[n + 1..] {
                let across = one.right.min(other.right) - one.left.max(other.left);
                let down = one.bottom.min(other.bottom) - one.top.max(other.top);
                // Boxes of lines that only touch overlap a little.
                if one.page == other.page && across > 1.0 && down > 3.0 {
                    pairs.push((one.text.clone(), other.text.clone()));
                }
            }
        }
        pairs
    }

    /// The first page, at 72 pixels per inch.
    pub(crate) fn image(&self) -> Image {
        self.image_of(1)
    }

    /// A page, at 72 pixels per inch.
    pub(crate) fn image_of(&self, page: u32) -> Image {
        let page = page.to_string();
        let output = Command::new("pdftoppm")
            .args(["-r", "72", "-f", &page, "-l", &page])
            .arg(self.file.path())
            .output()
            .unwrap();
        // A header of three lines, then three bytes per pixel.
        let mut parts = output.stdout.splitn(4, |byte| *byte == b'\n');
        let size = std::str::from_utf8(parts.nth(1).unwrap()).unwrap();
        let width: usize = size.split(' ').next().unwrap().parse().unwrap();
        let pixels = parts.nth(1).unwrap().to_vec();
        Image { width, pixels }
    }

    /// Colour of a pixel of the first page.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> (u8, u8, u8) {
        self.image().pixel(x, y)
    }

    fn tool(&self, program: &str, before: &[&str], after: &[&str]) -> String {
        let output = Command::new(program)
            .args(before)
            .arg(self.file.path())
            .args(after)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Pixels of three bytes, row by row.
pub(crate) struct Image {
    width: usize,
    pixels: Vec<u8>,
}

impl Image {
    pub(crate) fn pixel(&self, x: usize, y: usize) -> (u8, u8, u8) {
        let at = 3 * (y * self.width + x);
        (self.pixels[at], self.pixels[at + 1], self.pixels[at + 2])
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub page: u32,
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub text: String,
}

pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        // Files and processes tell nobody when they change.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
