//! The processes of a running browser, as the kernel sees them (SECURITY.md, section 6).

use std::{collections::HashSet, fs, path::Path};

use platen_api_types::PdfOptions;

use crate::{
    site::Answer,
    stage::{Stage, config, eventually, run, work_dir},
};

/// A process of a browser.
pub(crate) struct Process {
    pub id: u32,
    arguments: Vec<String>,
}

impl Process {
    pub(crate) fn is_renderer(&self) -> bool {
        self.arguments
            .iter()
            .any(|argument| argument == "--type=renderer")
    }

    fn file(&self, name: &str) -> String {
        let bytes = fs::read(format!("/proc/{}/{name}", self.id)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A line of `/proc/<pid>/status`, without its name.
    pub(crate) fn status(&self, field: &str) -> String {
        let status = self.file("status");
        let value = status
            .lines()
            .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    }

    /// Inodes of its sockets.
    fn sockets(&self) -> Vec<String> {
        let Ok(descriptors) = fs::read_dir(format!("/proc/{}/fd", self.id)) else {
            return Vec::new();
        };
        descriptors
            .flatten()
            .filter_map(|descriptor| {
                let target = fs::read_link(descriptor.path()).ok()?;
                let inode = target
                    .to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?;
                Some(inode.to_owned())
            })
            .collect()
    }
}

/// Every process in the group of the browser with its profile in `work_dir`.
pub(crate) fn processes(work_dir: &Path) -> Vec<Process> {
    let profile = format!("--user-data-dir={}/", work_dir.display());
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let (Ok(line), Ok(stat)) = (
            fs::read(entry.path().join("cmdline")),
            fs::read_to_string(entry.path().join("stat")),
        ) else {
            continue;
        };
        let group = stat
            .rsplit_once(") ")
            .and_then(|(_, fields)| fields.split(' ').nth(2))
            .map(str::to_owned);
        // Processes of the zygote have all arguments in one, with spaces between them.
        let line = String::from_utf8_lossy(&line).into_owned();
        let arguments = line
            .split(['\0', ' '])
            .filter(|argument| !argument.is_empty())
            .map(str::to_owned)
            .collect();
        all.push((group, line.contains(&profile), Process { id, arguments }));
    }
    let groups: HashSet<_> = all
        .iter()
        .filter(|(_, is_ours, _)| *is_ours)
        .map(|(group, ..)| group.clone())
        .collect();
    all.into_iter()
        .filter(|(group, ..)| groups.contains(group))
        .map(|(.., process)| process)
        .collect()
}

/// A browser with a page open, and its processes while it is.
async fn with_a_page_open(name: &str, look: impl FnOnce(&[Process])) {
    let stage = Stage::new(config(name)).await;
    let image = stage.site.serve(Answer::new("image/png", "").endless());
    let path = stage
        .site
        .serve(Answer::html(format!("<p>x<img src='{image}'>")));
    let options: PdfOptions = serde_json::from_str(r#"{"timeout_s":5}"#).unwrap();
    let looking = async {
        eventually("the page is loading", || {
            !stage.site.seen(&image).is_empty()
        })
        .await;
        look(&processes(&work_dir(name)));
    };
    let (pdf, ()) = tokio::join!(stage.render(&path, options), looking);
    pdf.unwrap();
    stage.renderer.shutdown().await;
}

#[test]
fn pages_run_confined_and_without_privileges() {
    run(with_a_page_open("confined", |processes| {
        let renderers: Vec<_> = processes
            .iter()
            .filter(|process| process.is_renderer())
            .collect();
        assert!(!renderers.is_empty());
        for process in &renderers {
            // Its system calls are filtered, and nothing that it starts can gain any right.
            assert_eq!(process.status("Seccomp"), "2", "{:?}", process.arguments);
            assert_eq!(process.status("NoNewPrivs"), "1");
            assert_eq!(process.status("CapEff"), "0000000000000000");
        }
        for process in processes {
            let users = process.status("Uid");
            let is_root = users.split_whitespace().any(|user| user == "0");
            assert!(!is_root, "{users}: {:?}", process.arguments);
            let groups = process.status("Groups");
            let is_root = groups.split_whitespace().any(|group| group == "0");
            assert!(!is_root, "{groups}: {:?}", process.arguments);
            assert!(!process.file("environ").contains("CARGO"));
        }
    }));
}

#[test]
fn the_browser_is_told_once_what_it_may_not_do() {
    run(with_a_page_open("flags", |processes| {
        let browser = processes
            .iter()
            .find(|process| {
                let line = process.arguments.join(" ");
                line.contains("--remote-debugging-pipe") && !line.contains("--type=")
            })
            .unwrap();
        // With their spaces, unlike `arguments`.
        let line = browser.file("cmdline");
        let arguments: Vec<&str> = line.split('\0').collect();
        for flag in [
            "--proxy-bypass-list=<-loopback>",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--disable-quic",
            "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            "--dns-prefetch-disable",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--disable-sync",
            "--remote-debugging-pipe",
        ] {
            let name = flag.split('=').next().unwrap();
            let given: Vec<_> = arguments
                .iter()
                .filter(|argument| argument.split('=').next() == Some(name))
                .collect();
            assert_eq!(given, [&flag]);
        }
        let named = |name: &str| {
            let given = arguments
                .iter()
                .filter(|argument| argument.starts_with(name));
            given.count()
        };
        // Of several only the last would count.
        assert_eq!(named("--disable-features="), 1, "{arguments:?}");
        assert_eq!(named("--user-data-dir="), 1);
        assert_eq!(named("--remote-debugging-port"), 0);
        assert_eq!(named("--no-sandbox"), 0);
    }));
}

#[test]
fn the_browser_listens_to_nobody() {
    run(with_a_page_open("listening", |processes| {
        let sockets: HashSet<String> = processes.iter().flat_map(Process::sockets).collect();
        // Its connections to the proxy at least.
        assert!(!sockets.is_empty());
        for table in ["tcp", "tcp6", "udp", "udp6"] {
            let table = fs::read_to_string(format!("/proc/net/{table}")).unwrap();
            for line in table.lines().skip(1) {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let (state, inode) = (fields[3], fields[9]);
                // 0A is LISTEN; an unconnected UDP socket, which receives from anyone, is 07.
                let is_open = state == "0A" || state == "07";
                assert!(!(is_open && sockets.contains(inode)), "{line}");
            }
        }
    }));
}
