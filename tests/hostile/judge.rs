//! Tries the rows on the running product and says what was wrong.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::{StreamExt as _, stream};
use platen_tests::{Client, Server};
use serde_json::{Value, json};

use crate::{
    net::{Internet, Kind, MARKER, NAME_SERVER, Packet, Page, SECURE_PORT, SITE, SITE_V6, exit},
    report::Report,
    rows::{self, End, Guard, Row},
};

/// Jobs at a time.
const AT_ONCE: usize = 4;

/// Words of the pages that Chromium shows in place of those that it cannot load.
const ERROR_PAGE: [&str; 8] = [
    "ERR_",
    "This site can",
    "This page isn",
    "refused to connect",
    "is blocked",
    "took too long",
    "Your connection",
    "root:x:",
];

/// The product twice: as it is, and with an operator's exceptions.
pub(crate) struct Judge {
    internet: Internet,
    strict: Server,
    open: Server,
    user: Client,
    user_of_open: Client,
    rows: Vec<Row>,
    /// What the rows may ask the name server for.
    names: HashSet<String>,
}

impl Judge {
    pub(crate) async fn start(internet: Internet) -> Result<Self> {
        let secure = SocketAddr::from(([127, 0, 0, 1], SECURE_PORT));
        internet.web.serve(secure)?;
        // Of a row that fails once in a thousand times, the log has to tell why.
        let telling = || {
            Server::builder().env(
                "PLATEN_LOG",
                "info,platen_egress=debug,platen_renderer=debug",
            )
        };
        let strict = telling().start().await?;
        let open = telling()
            .allow(format!("10.{}.0.0/16", Guard::Open.network()))
            .allow(format!("127.0.0.1:{SECURE_PORT}"))
            .start()
            .await?;
        for server in [&strict, &open] {
            for origin in [server.origin(), server.ops()] {
                let listener = origin.trim_start_matches("http://").parse()?;
                internet.capture.guard(listener);
            }
        }
        Ok(Self {
            user: strict.user("ada").await?,
            user_of_open: open.user("ada").await?,
            internet,
            strict,
            open,
            rows: rows::rows(),
            names: HashSet::new(),
        })
    }

    /// Refused at once: no record, no packet, no look-up.
    pub(crate) async fn submissions(&mut self, report: &mut Report) -> Result<()> {
        if !report.wants("submitted") {
            return Ok(());
        }
        let before = self.internet.capture.packets().await?.len();
        for (url, code) in rows::submissions() {
            let answer = self.user.post("/request", &json!({ "url": url })).await?;
            let wrong = answer
                .expect_problem(422, code)
                .err()
                .map(|error| format!("{error:#}"));
            // Some are as long as may be.
            let shown: String = url.chars().take(80).collect();
            report.note(&format!("submitted {shown:?}"), wrong.as_slice());
        }
        let mut wrong = Vec::new();
        if !self.user.files().await?.is_empty() {
            wrong.push("a refused URL left a record".to_owned());
        }
        let packets = self.internet.capture.packets().await?;
        let left = packets.iter().skip(before);
        wrong.extend(
            left.filter(|packet| !packet.to.ip().is_loopback())
                .map(|packet| format!("a packet left: {packet:?}")),
        );
        report.note("submitted_urls_leave_no_trace", &wrong);
        Ok(())
    }

    /// Some things are loaded when the browser finds the time, and by then the page may be printed:
    /// rows whose place saw nothing with the guard open get another chance or two.
    async fn ask_again(&mut self, report: &Report) -> Result<()> {
        for _ in 0..2 {
            let packets = self.internet.capture.packets().await?;
            for (number, row) in self.rows.clone().iter().enumerate() {
                let place = IpAddr::from(rows::place(Guard::Open, number));
                let seen = packets.iter().any(|packet| packet.to.ip() == place);
                if row.asks && !seen && report.wants(&row.name) {
                    let url = self.publish(number, row, Guard::Open);
                    // Whatever becomes of the page: it must have asked.
                    let _ = self.outcome(row, Guard::Open, &url).await;
                }
            }
        }
        Ok(())
    }

    /// All pages, with the guard in place and, where they ask for their place, without it.
    pub(crate) async fn pages(&mut self, report: &mut Report) -> Result<()> {
        let mut jobs = Vec::new();
        for (number, row) in self.rows.clone().into_iter().enumerate() {
            if !report.wants(&row.name) {
                continue;
            }
            let guards = [Some(Guard::Closed), row.asks.then_some(Guard::Open)];
            for guard in guards.into_iter().flatten() {
                let url = self.publish(number, &row, guard);
                jobs.push((number, row.clone(), guard, url));
            }
        }
        let this = &*self;
        let judged: Vec<(usize, Vec<String>)> = stream::iter(jobs)
            .map(async |(number, row, guard, url)| {
                let wrong = match (guard, this.outcome(&row, guard, &url).await) {
                    // Whatever becomes of the page: it must have asked.
                    (Guard::Open, _) => Vec::new(),
                    (Guard::Closed, Ok(wrong)) => wrong,
                    (Guard::Closed, Err(error)) => vec![format!("{error:#}")],
                };
                (number, wrong)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;

        self.ask_again(report).await?;
        let packets = self.internet.capture.packets().await?;
        for (number, row) in self.rows.iter().enumerate() {
            if !report.wants(&row.name) {
                continue;
            }
            let of_row = judged.iter().filter(|(of, _)| *of == number);
            let mut wrong: Vec<String> = of_row.flat_map(|(_, wrong)| wrong.clone()).collect();
            if !wrong.is_empty() {
                wrong.extend(said_of(&rows::host(Guard::Closed, number))?);
            }
            let place = |guard| IpAddr::from(rows::place(guard, number));
            let to = |guard| {
                packets
                    .iter()
                    .filter(move |packet| packet.to.ip() == place(guard))
            };
            wrong.extend(to(Guard::Closed).map(|packet| format!("a packet got out: {packet:?}")));
            if row.asks && to(Guard::Open).next().is_none() {
                wrong.push(
                    "with the guard open the place saw nothing either: the row tests nothing"
                        .to_owned(),
                );
            }
            if row.name == "neighbours_of_special_addresses" {
                let reached = self.internet.web.reached();
                wrong.extend(
                    rows::neighbours()
                        .filter(|neighbour| !reached.contains(neighbour))
                        .map(|neighbour| format!("{neighbour} is public and was not reached")),
                );
            }
            report.note(&row.name, &wrong);
        }
        Ok(())
    }

    /// Puts a row's page and files on the web, and its names into DNS. Returns the page's URL.
    fn publish(&mut self, number: usize, row: &Row, guard: Guard) -> String {
        let host = match &row.host {
            Some(host) => host.clone(),
            None if row.secure => format!("127.0.0.1:{SECURE_PORT}"),
            None => rows::host(guard, number),
        };
        let prefix = if row.secure {
            format!("/{guard:?}{number}")
        } else {
            String::new()
        };
        let place = rows::place(guard, number).to_string();
        let name = rows::place_name(guard, number);
        let server = if row.secure { &self.open } else { &self.strict };
        let listener = |origin: &str| origin.trim_start_matches("http://").to_owned();
        let (api, ops) = (listener(server.origin()), listener(server.ops()));
        let fill = |text: &str| {
            text.replace("@C@", &place)
                .replace("@N@", &name)
                .replace("@P@", &prefix)
                .replace("@API@", &api)
                .replace("@OPS@", &ops)
        };
        let filled = |page: &Page| Page {
            headers: page
                .headers
                .iter()
                .map(|(name, value)| (*name, fill(value)))
                .collect(),
            body: fill(&page.body),
            ..page.clone()
        };
        let web = &self.internet.web;
        web.publish(&host, &format!("{prefix}/"), filled(&row.page));
        for (path, page) in &row.files {
            web.publish(&host, &format!("{prefix}{path}"), filled(page));
        }
        for (name, answers) in &row.names {
            self.internet.dns.script(name, answers.clone());
            self.names.insert(name.clone());
        }
        // By name the forbidden place may be asked for; whoever connects has to look it up first.
        self.names.extend([host.clone(), name]);
        format!("http://{host}{prefix}/")
    }

    /// What was wrong with the end of a job.
    async fn outcome(&self, row: &Row, guard: Guard, url: &str) -> Result<Vec<String>> {
        let user = if row.secure || guard == Guard::Open {
            &self.user_of_open
        } else {
            &self.user
        };
        let options = row.options.to_string();
        let options: Value = serde_json::from_str(&options.replace("@C@", "10.66.255.1"))?;
        let start = Instant::now();
        let file = user
            .request_with(&json!({ "url": url, "options": options }))
            .await?;
        let file = user.finished(&file).await?;
        let mut wrong = Vec::new();
        let (status, code) = (&file["status"], &file["reason"]["code"]);
        match row.end {
            End::Fails(expected) if status == "failed" && code == expected => {}
            End::Prints if status == "ready" => {
                let text = user.download(&file).await?.text().await?;
                for needed in row.shows {
                    if !text.contains(needed) {
                        wrong.push(format!("the PDF lacks {needed:?}: {text}"));
                    }
                }
                for forbidden in ERROR_PAGE.into_iter().chain([MARKER]) {
                    if text.contains(forbidden) {
                        wrong.push(format!("the PDF shows {forbidden:?}: {text}"));
                    }
                }
            }
            _ => wrong.push(format!("ended as {status} {code}, not as {:?}", row.end)),
        }
        // Longer than any page here has a reason to take: something waits for what never comes.
        if start.elapsed() > Duration::from_secs(25) {
            wrong.push(format!("took {:?}", start.elapsed()));
        }
        Ok(wrong)
    }

    /// The operator's list is the only way in, and opens what it names and nothing beside it.
    pub(crate) async fn allow_list(&mut self, report: &mut Report) -> Result<()> {
        if !report.wants("allow_list") {
            return Ok(());
        }
        let mut wrong = Vec::new();
        let inside = "http://10.77.255.1/";
        let answer = self
            .user
            .post("/request", &json!({ "url": inside }))
            .await?;
        if answer.status != 422 {
            wrong.push(format!(
                "without a list {inside} was answered {}",
                answer.status
            ));
        }
        let file = self.user_of_open.request(inside).await?;
        let file = self.user_of_open.ready(&file).await?;
        let text = self.user_of_open.download(&file).await?.text().await?;
        if !text.contains(MARKER) {
            wrong.push(format!("allowed, {inside} shows {text:?}"));
        }
        for outside in [
            "http://10.77.255.1:8080/",
            "http://10.78.0.1/",
            "http://127.0.0.1/",
        ] {
            let answer = self
                .user_of_open
                .post("/request", &json!({ "url": outside }))
                .await?;
            if answer.status != 422 {
                wrong.push(format!("{outside} was answered {}", answer.status));
            }
        }
        if !self.open.log().contains("10.77.0.0/16") {
            wrong.push("the list was not logged at the start".to_owned());
        }
        if self.strict.log().contains("10.77.0.0/16") {
            wrong.push("the other server has a list too".to_owned());
        }
        report.note("allow_list_is_the_only_way_in", &wrong);
        Ok(())
    }

    /// The browser's sandbox is on unless the operator says otherwise, which the log then says too.
    pub(crate) async fn sandbox(&self, report: &mut Report) -> Result<()> {
        if !report.wants("sandbox") {
            return Ok(());
        }
        let said = "browser runs without its sandbox";
        let without = Server::builder()
            .env("PLATEN_ALLOW_NO_SANDBOX", "true")
            .start()
            .await?;
        let mut wrong = Vec::new();
        if !without.log().contains(said) {
            wrong.push("the sandbox is off and the log does not say so".to_owned());
        }
        if self.strict.log().contains(said) {
            wrong.push("the sandbox is off by default".to_owned());
        }
        report.note("sandbox_that_is_off_is_logged", &wrong);
        Ok(())
    }

    /// Of all packets, whatever row they belong to.
    pub(crate) async fn packets(&self, report: &mut Report) -> Result<()> {
        if !report.wants("every_packet") {
            return Ok(());
        }
        let packets = self.internet.capture.packets().await?;
        let strangers: BTreeSet<String> = packets
            .iter()
            .filter(|packet| !Self::is_expected(packet))
            .map(|packet| format!("{packet:?}"))
            .collect();
        report.note(
            "every_packet_goes_where_the_web_is",
            &strangers.into_iter().collect::<Vec<_>>(),
        );
        let of_browser: Vec<String> = packets
            .iter()
            .filter(|packet| exit::BROWSER.contains(&packet.from))
            .map(|packet| format!("{packet:?}"))
            .collect();
        if self.internet.tells_users_apart {
            report.note(
                "every_packet_is_the_products_and_none_the_browsers",
                &of_browser,
            );
        }
        Ok(())
    }

    /// By whom and where to is another question than whether a row sent it; this is about both.
    fn is_expected(packet: &Packet) -> bool {
        let to = packet.to;
        let is_web = matches!(to.port(), 80 | 443);
        match packet.kind {
            // Between the suite, the product's listeners and its proxies, on ports that the system
            // chose; and what a browser sends to no proxy.
            Kind::Syn if to.ip() == IpAddr::from([127, 0, 0, 1]) => {
                to.port() >= 1024 && to.port() != 9001 || to.port() == 9
            }
            Kind::Syn => {
                let open = matches!(to.ip(), IpAddr::V4(to) if to.octets()[..2] == [10, Guard::Open.network()]);
                let public = [SITE, SITE_V6].contains(&to.ip()) || rows::is_neighbour(to.ip());
                is_web && (open || public)
            }
            Kind::Udp => to == SocketAddr::from((NAME_SERVER, 53)),
            Kind::Request | Kind::Other(_) => false,
        }
    }

    /// Of all questions to the name server.
    pub(crate) fn names(&self, report: &mut Report) {
        if !report.wants("every_name") {
            return;
        }
        let asked = self.internet.dns.asked();
        let unexpected: BTreeSet<String> = asked
            .iter()
            .filter(|(name, by)| !self.names.contains(name) || !exit::PRODUCT.contains(by))
            .map(|(name, by)| format!("{name} was asked for by {by}"))
            .collect();
        report.note(
            "every_name_is_one_that_was_led_to",
            &unexpected.into_iter().collect::<Vec<_>>(),
        );
    }

    /// The capture notices what must not be: without this, its silence would say nothing.
    pub(crate) async fn noticing(&self, report: &mut Report) -> Result<()> {
        if !report.wants("noticed") {
            return Ok(());
        }
        let mut wrong = Vec::new();
        let to = SocketAddr::from(([10, 64, 3, 3], 3478));
        let packet = |from: &[IpAddr], packet: &Packet| {
            packet.kind == Kind::Udp && packet.to == to && from.contains(&packet.from)
        };
        std::net::UdpSocket::bind("0.0.0.0:0")?.send_to(b"noticed?", to)?;
        let packets = self.internet.capture.packets().await?;
        if !packets.iter().any(|seen| packet(&exit::PRODUCT, seen)) {
            wrong.push("a packet of the product's was not noticed".to_owned());
        }
        if self.internet.tells_users_apart {
            crate::net::send_as_the_browser(to).context("as the browser's user")?;
            let packets = self.internet.capture.packets().await?;
            if !packets.iter().any(|seen| packet(&exit::BROWSER, seen)) {
                wrong.push("a packet of the browser's was not noticed".to_owned());
            }
        }
        report.note("noticed_is_what_must_not_be", &wrong);
        Ok(())
    }
}

/// What the products wrote into their log about a site.
fn said_of(host: &str) -> Result<Vec<String>> {
    // Theirs and ours is one and the same file.
    let log = fs::read_to_string("/proc/self/fd/2")?;
    let lines = log.lines().filter(|line| line.contains(host));
    Ok(lines.map(|line| format!("said: {line}")).collect())
}
