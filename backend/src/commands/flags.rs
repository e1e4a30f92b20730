//! Options of the API as flags.

use clap::Args;
use platen_api_types::{OptionsError, PdfOptions};
use serde_json::{Map, Value, json};

use crate::request;

/// Why the flags are no options.
#[derive(Debug, thiserror::Error)]
pub(super) enum FlagError {
    #[error("--options is not a JSON object: {0}")]
    NotAnObject(String),
    #[error("{flag} takes {shape}, not {value:?}")]
    Shape {
        flag: &'static str,
        shape: &'static str,
        value: String,
    },
    #[error("option {path} cannot be used: {error}")]
    Type { path: String, error: String },
    #[error("{}", sentences(.0))]
    Range(OptionsError),
}

fn sentences(error: &OptionsError) -> String {
    let told = error.errors.iter().map(|field| {
        let path = field.pointer.trim_start_matches('/').replace('/', ".");
        format!("option {path} cannot be used: {}", field.detail)
    });
    told.collect::<Vec<_>>().join("\n")
}

/// How the PDF shall look. The same as in the API.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of the PDF")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the command line"
)]
pub(super) struct Flags {
    /// All options as the API takes them; flags win over it
    #[arg(long, value_name = "JSON")]
    options: Option<String>,
    /// a3, a4, a5, letter, legal, tabloid, or width and height such as 100mmx150mm
    #[arg(long)]
    paper: Option<String>,
    #[arg(long)]
    landscape: bool,
    /// White space on all four sides, such as 1cm
    #[arg(long, value_name = "LENGTH")]
    margin: Option<String>,
    /// 0.1 to 2
    #[arg(long)]
    scale: Option<f64>,
    /// Leave background colours and images out
    #[arg(long)]
    no_background: bool,
    /// print, or screen
    #[arg(long)]
    media: Option<String>,
    /// Pages to keep, such as 1-3,5
    #[arg(long, value_name = "RANGES")]
    pages: Option<String>,
    /// One page as high as the content
    #[arg(long)]
    single_page: bool,
    /// A CSS selector that must match an element first
    #[arg(long, value_name = "CSS")]
    wait_selector: Option<String>,
    /// A JavaScript expression that must become true first
    #[arg(long, value_name = "JS")]
    wait_expression: Option<String>,
    /// Wait after everything else
    #[arg(long, value_name = "MILLISECONDS")]
    delay: Option<u32>,
    /// How long the page may take to load before what arrived is printed
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u16>,
    /// Do not run the page's scripts
    #[arg(long)]
    no_javascript: bool,
    /// Do not scroll through the page for what it loads late
    #[arg(long)]
    no_lazy_content: bool,
    /// Leave cookie banners and the like where they are
    #[arg(long)]
    keep_banners: bool,
    /// Size of the window, such as 1280x800
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    viewport: Option<String>,
    /// Prefer dark colours
    #[arg(long)]
    dark: bool,
    /// Language and country, such as hu-HU
    #[arg(long)]
    locale: Option<String>,
    /// Such as Europe/Budapest
    #[arg(long)]
    timezone: Option<String>,
    #[arg(long)]
    user_agent: Option<String>,
    /// For the site of the page only, such as "Authorization: Bearer x"; may be repeated
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// For the site of the page only; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    cookie: Vec<String>,
    /// Print the page of a status of 400 or more, too
    #[arg(long)]
    allow_http_error: bool,
}

impl Flags {
    /// The options that they stand for, checked.
    pub(super) fn options(self) -> Result<PdfOptions, FlagError> {
        let json = Value::Object(self.into_json()?);
        let options: PdfOptions =
            serde_path_to_error::deserialize(json).map_err(|error| FlagError::Type {
                path: error.path().to_string(),
                error: error.inner().to_string(),
            })?;
        request::check(&options).map_err(FlagError::Range)?;
        Ok(options)
    }

    fn into_json(self) -> Result<Map<String, Value>, FlagError> {
        let mut map = match self.options.as_deref().map(serde_json::from_str::<Value>) {
            None => Map::new(),
            Some(Ok(Value::Object(map))) => map,
            Some(Ok(other)) => return Err(FlagError::NotAnObject(format!("it is {other}"))),
            Some(Err(error)) => return Err(FlagError::NotAnObject(error.to_string())),
        };
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(name.to_owned(), value);
            }
        };
        let on = |flag: bool| flag.then_some(Value::Bool(true));
        let off = |flag: bool| flag.then_some(Value::Bool(false));
        set("paper", self.paper.map(paper));
        set("landscape", on(self.landscape));
        set("margin", self.margin.map(Value::from));
        set("scale", self.scale.map(Value::from));
        set("print_background", off(self.no_background));
        set("media", self.media.map(Value::from));
        set("page_ranges", self.pages.map(Value::from));
        set("single_page", on(self.single_page));
        set("timeout_s", self.timeout.map(Value::from));
        set("javascript", off(self.no_javascript));
        set("lazy_content", off(self.no_lazy_content));
        set("hide_banners", off(self.keep_banners));
        set("viewport", self.viewport.map(viewport).transpose()?);
        set("color_scheme", self.dark.then(|| "dark".into()));
        set("locale", self.locale.map(Value::from));
        set("timezone", self.timezone.map(Value::from));
        set("user_agent", self.user_agent.map(Value::from));
        set("fail_on_http_error", off(self.allow_http_error));
        merge(
            &mut map,
            "wait",
            "selector",
            self.wait_selector.map(Value::from),
        );
        merge(
            &mut map,
            "wait",
            "expression",
            self.wait_expression.map(Value::from),
        );
        merge(&mut map, "wait", "delay_ms", self.delay.map(Value::from));
        for header in self.header {
            let Some((name, value)) = header.split_once(':') else {
                return Err(shape("--header", "a name, a colon and a value", header));
            };
            merge(&mut map, "headers", name.trim(), Some(value.trim().into()));
        }
        for cookie in self.cookie {
            let Some((name, value)) = cookie.split_once('=') else {
                return Err(shape(
                    "--cookie",
                    "a name, an equals sign and a value",
                    cookie,
                ));
            };
            let cookies = map.entry("cookies").or_insert_with(|| json!([]));
            if let Value::Array(cookies) = cookies {
                cookies.push(json!({"name": name, "value": value}));
            }
        }
        Ok(map)
    }
}

/// Sets one entry of an object within. What is no object is left for the types to refuse.
fn merge(map: &mut Map<String, Value>, object: &str, name: &str, value: Option<Value>) {
    let Some(value) = value else { return };
    let object = map.entry(object).or_insert_with(|| json!({}));
    if let Value::Object(object) = object {
        object.insert(name.to_owned(), value);
    }
}

/// A name, or width and height with an `x` between them, which no name of a sheet has.
fn paper(text: String) -> Value {
    match text.split_once('x') {
        Some((width, height)) => json!({"width": width, "height": height}),
        None => text.into(),
    }
}

fn viewport(text: String) -> Result<Value, FlagError> {
    let sides = text.split_once('x').and_then(|(width, height)| {
        Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
    });
    match sides {
        Some((width, height)) => Ok(json!({"width": width, "height": height})),
        None => Err(shape(
            "--viewport",
            "width and height such as 1280x800",
            text,
        )),
    }
}

const fn shape(flag: &'static str, shape: &'static str, value: String) -> FlagError {
    FlagError::Shape { flag, shape, value }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        flags: Flags,
    }

    fn read(arguments: &[&str]) -> Result<PdfOptions, FlagError> {
        let arguments = [&["get"], arguments].concat();
        Cli::try_parse_from(arguments).unwrap().flags.options()
    }

    #[test]
    fn nothing_means_the_defaults() {
        assert_eq!(read(&[]).unwrap(), PdfOptions::default());
    }

    #[test]
    fn every_flag_is_an_option() {
        let by_flags = read(&[
            "--paper=100mmx5in",
            "--landscape",
            "--margin=2cm",
            "--scale=0.5",
            "--no-background",
            "--media=screen",
            "--pages=1-3,5",
            "--wait-selector=#a",
            "--wait-expression=done",
            "--delay=10",
            "--timeout=20",
            "--no-lazy-content",
            "--keep-banners",
            "--viewport=800x600",
            "--dark",
            "--locale=hu-HU",
            "--timezone=Europe/Budapest",
            "--user-agent=x",
            "--header=A: b:c",
            "--header=D:e",
            "--cookie=id=a=b",
            "--allow-http-error",
        ]);
        let by_json = json!({
            "paper": {"width": "100mm", "height": "5in"}, "landscape": true, "margin": "2cm",
            "scale": 0.5, "print_background": false, "media": "screen",
            "page_ranges": "1-3,5",
            "wait": {"selector": "#a", "expression": "done", "delay_ms": 10}, "timeout_s": 20,
            "lazy_content": false, "hide_banners": false,
            "viewport": {"width": 800, "height": 600}, "color_scheme": "dark",
            "locale": "hu-HU", "timezone": "Europe/Budapest", "user_agent": "x",
            "headers": {"A": "b:c", "D": "e"}, "cookies": [{"name": "id", "value": "a=b"}],
            "fail_on_http_error": false,
        });
        assert_eq!(by_flags.unwrap(), serde_json::from_value(by_json).unwrap());
        let options = read(&["--single-page", "--no-javascript"]).unwrap();
        assert!(options.single_page && !options.javascript);
    }

    #[test]
    fn flags_win_over_json() {
        let options = read(&[
            r#"--options={"scale":2,"wait":{"delay_ms":1},"tagged":false}"#,
            "--scale=1.5",
            "--wait-selector=p",
        ]);
        let options = options.unwrap();
        assert!((options.scale - 1.5).abs() < f64::EPSILON && !options.tagged);
        assert_eq!(
            (options.wait.delay_ms, options.wait.selector.as_deref()),
            (1, Some("p"))
        );
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (arguments, named) in [
            (&["--options=["][..], "--options"),
            (&["--options=7"], "--options"),
            (&[r#"--options={"papr":1}"#], "papr"),
            (&["--paper=a44"], "paper"),
            (&["--scale=9"], "scale"),
            (&["--viewport=wide"], "--viewport"),
            (&["--header=nothing"], "--header"),
            (&["--cookie=nothing"], "--cookie"),
            (&["--media=paper"], "media"),
        ] {
            let error = read(arguments).unwrap_err().to_string();
            assert!(error.contains(named), "{arguments:?}: {error}");
        }
    }
}
