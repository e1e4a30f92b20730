//! The cases, as data.

mod addresses;
mod names;
mod navigation;
mod sockets;
mod submissions;
mod subresources;

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Value, json};

use crate::net::{Answer, Page};

pub(crate) use addresses::{is_neighbour, neighbours};
pub(crate) use submissions::submissions;

/// In the path of every request that a page makes to a listener of the product's.
pub(crate) const OWN_LISTENER_MARK: &str = "from-a-hostile-page";

/// In every page, and so in every PDF.
const OWN_TEXT: &str = "the page itself";

/// How a page's job must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `failed`, with this reason.
    Fails(&'static str),
    /// `ready`, with the page's own text and nothing from where it may not go.
    Prints,
}

/// One page.
///
/// In what it says, `@C@` is the forbidden place by its address, `@N@` the same by a name, `@P@`
/// what the paths of the page's own files begin with.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) page: Page,
    /// Further files of the page's, by what follows `@P@` in their paths.
    pub(crate) files: Vec<(&'static str, Page)>,
    pub(crate) end: End,
    /// Asks for the forbidden place, so that it would be reached if nothing stood in between.
    pub(crate) asks: bool,
    /// Has to be a secure context.
    pub(crate) secure: bool,
    pub(crate) options: Value,
    /// Names with answers of their own, and the one that is asked for in place of the row's.
    pub(crate) names: Vec<(String, Vec<Answer>)>,
    pub(crate) host: Option<String>,
    /// In the PDF.
    pub(crate) shows: [&'static str; 2],
}

/// `name` and what the page says below its own text.
fn page(name: impl Into<String>, body: impl AsRef<str>) -> Row {
    Row {
        name: name.into(),
        page: Page {
            status: 200,
            kind: "text/html",
            headers: Vec::new(),
            body: format!(
                "<!doctype html><title>row</title><p>{OWN_TEXT}</p>{}",
                body.as_ref()
            ),
        },
        files: Vec::new(),
        end: End::Prints,
        asks: true,
        secure: false,
        options: json!({}),
        names: Vec::new(),
        host: None,
        shows: [OWN_TEXT, ""],
    }
}

/// A page with a script that says when it has tried everything: it calls `done()`, at the latest
/// when something else has answered or failed.
fn script(name: &str, body: &str) -> Row {
    let mut row = page(
        name,
        format!(
            "<script>let tries = 1; const done = () => {{ if (--tries == 0) document.body
                .insertAdjacentHTML('beforeend', '<p id=done>tried it all</p>') }};
             const pause = () => new Promise(resolve => setTimeout(resolve, 300));</script>
             <script type=module>{body}</script>"
        ),
    );
    row.options = json!({ "wait": { "selector": "#done" }, "timeout_s": 20 });
    row.shows[1] = "tried it all";
    row
}

impl Row {
    fn fails(mut self, code: &'static str) -> Self {
        self.end = End::Fails(code);
        self
    }

    /// Chromium, as it is started, does not even ask.
    fn never_asks(mut self) -> Self {
        self.asks = false;
        self
    }

    fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    fn status(mut self, status: u16) -> Self {
        self.page.status = status;
        self
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.page.headers.push((name, value.to_owned()));
        self
    }

    fn file(mut self, name: &'static str, kind: &'static str, body: &str) -> Self {
        let page = Page {
            status: 200,
            kind,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        self.files.push((name, page));
        self
    }

    /// A file of the page's that leads elsewhere.
    fn redirect(mut self, name: &'static str, status: u16, to: &str) -> Self {
        let page = Page {
            status,
            kind: "text/html",
            headers: vec![("Location", to.to_owned())],
            body: String::new(),
        };
        self.files.push((name, page));
        self
    }

    fn kind(mut self, kind: &'static str, body: &str) -> Self {
        self.page.kind = kind;
        body.clone_into(&mut self.page.body);
        self
    }

    fn options(mut self, options: Value) -> Self {
        self.options = options;
        self
    }

    fn shows(mut self, text: &'static str) -> Self {
        self.shows[1] = text;
        self
    }

    /// Without the part that it may not have, there is nothing to see.
    fn blank(mut self) -> Self {
        self.shows = [""; 2];
        self
    }
}

/// All pages, in the order of `docs/SECURITY.md`.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = navigation::rows();
    rows.extend(subresources::rows());
    rows.extend(sockets::rows());
    rows.extend(names::rows());
    rows.extend(addresses::rows());
    rows
}

/// Names of all cases, for the filter.
pub(crate) fn names() -> Vec<String> {
    let pages = rows().into_iter().map(|row| row.name);
    let others = [
        "submitted",
        "allow_list",
        "every_packet",
        "every_name",
        "noticed",
        "sandbox",
    ];
    pages.chain(others.map(str::to_owned)).collect()
}

/// Whether the guard is in place: each row is tried with it, and without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    Closed,
    /// The operator allowed the place.
    Open,
}

impl Guard {
    /// The network of the forbidden places, which is private in both cases.
    pub(crate) fn network(self) -> u8 {
        match self {
            Self::Closed => 66,
            Self::Open => 77,
        }
    }

    fn letters(self) -> (char, char) {
        match self {
            Self::Closed => ('r', 'x'),
            Self::Open => ('o', 'y'),
        }
    }
}

/// The place that only the row with this number leads to.
pub(crate) fn place(guard: Guard, row: usize) -> Ipv4Addr {
    let [.., high, low] = row.to_be_bytes();
    Ipv4Addr::new(10, guard.network(), high, low)
}

/// The host of a row's page.
pub(crate) fn host(guard: Guard, row: usize) -> String {
    format!("{}{row}.example.com", guard.letters().0)
}

/// A name of the place that a row leads to.
pub(crate) fn place_name(guard: Guard, row: usize) -> String {
    format!("{}{row}.example.com", guard.letters().1)
}

/// The row's number in a name made above.
fn number(name: &str, letter: char) -> Option<usize> {
    name.strip_suffix(".example.com")?
        .strip_prefix(letter)?
        .parse()
        .ok()
}

pub(crate) fn address_of(name: &str) -> Option<IpAddr> {
    [Guard::Closed, Guard::Open].into_iter().find_map(|guard| {
        let row = number(name, guard.letters().1)?;
        Some(place(guard, row).into())
    })
}

pub(crate) fn is_site(name: &str) -> bool {
    [Guard::Closed, Guard::Open]
        .into_iter()
        .any(|guard| number(name, guard.letters().0).is_some())
}
