//! Entering the namespaces and wiring them.

use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    os::fd::AsFd as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::mpsc,
    thread,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::{
    process::geteuid,
    thread::{LinkNameSpaceType, move_into_link_name_space},
};

use super::{NAME_SERVER, capture::Capture, dns::Dns, web::Web};

/// Set in the second run of the suite: who started it, `root` or an ordinary user.
const INSIDE: &str = "PLATEN_HOSTILE_INSIDE";

/// `nobody`, as whom the product runs its browser when it is root itself.
pub(crate) const BROWSER_USER: u32 = 65534;

pub(crate) fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs this program once more, in namespaces of its own.
pub(crate) fn enter() -> Result<ExitCode> {
    let is_root = geteuid().is_root();
    let mut flags = vec!["--net", "--mount"];
    if !is_root {
        flags.extend(["--user", "--map-root-user"]);
    }
    let tried = Command::new("unshare").args(&flags).arg("true").output();
    let tried = tried.context("there is no `unshare`: install util-linux")?;
    ensure!(
        tried.status.success(),
        "this machine lets nobody but root make network namespaces ({}): run this as root, or \
         allow them to users (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu \
         kernel.apparmor_restrict_unprivileged_userns=0)",
        String::from_utf8_lossy(&tried.stderr).trim()
    );
    // Far more than anybody wants to read when all is well.
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile.log");
    let mut again = Command::new("unshare");
    again
        .args(&flags)
        .arg("--")
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(INSIDE, if is_root { "root" } else { "user" })
        .stderr(File::create(&log)?);
    if !is_root {
        again.env("PLATEN_BIN", unprivileged_program()?);
    }
    let ended = again.status().context("`unshare` does not start")?;
    if ended.success() {
        return Ok(ExitCode::SUCCESS);
    }
    crate::report::say(&format!("What the products said is in {}", log.display()));
    Ok(ExitCode::FAILURE)
}

/// In a namespace of users of our own we seem to be root, and there is no other user that the
/// product could run its browser as. So it starts as the ordinary user that it is.
fn unprivileged_program() -> Result<PathBuf> {
    let program = env::var_os("PLATEN_BIN").context("PLATEN_BIN is not set: use `make test`")?;
    let program = program.to_str().context("PLATEN_BIN is no text")?;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-platen");
    let script = format!(
        "#!/bin/sh\nexec unshare --user --map-user=1000 --map-group=1000 -- '{program}' \"$@\"\n"
    );
    fs::write(&path, script)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// The other namespace: everything that is not the product's machine.
#[derive(Debug)]
pub(crate) struct Internet {
    pub(crate) dns: Dns,
    pub(crate) web: Web,
    pub(crate) capture: Capture,
    /// Packets of the browser's user leave by a cable of their own.
    pub(crate) tells_users_apart: bool,
}

impl Internet {
    /// Wires it and starts its servers. Everything ends with this process.
    pub(crate) fn start() -> Result<Self> {
        let is_root = env::var_os(INSIDE).is_some_and(|who| who == "root");
        let namespace = wire(is_root)?;
        settle_in()?;
        let capture = Capture::start()?;
        let (dns, web) = (Dns::default(), Web::default());
        let servers = (dns.clone(), web.clone());
        let (up, is_up) = mpsc::channel();
        thread::spawn(move || {
            let ended = serve(&namespace, &servers.0, &servers.1, &up);
            // Whoever waits has gone when this fails later.
            let _ = up.send(ended);
        });
        is_up.recv().context("the internet ended")??;
        Ok(Self {
            dns,
            web,
            capture,
            tells_users_apart: is_root,
        })
    }
}

/// Runs the servers on this thread, which moves over for good: a namespace belongs to a thread.
fn serve(namespace: &File, dns: &Dns, web: &Web, up: &mpsc::Sender<Result<()>>) -> Result<()> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        dns.serve(SocketAddr::from((NAME_SERVER, 53))).await?;
        for port in [80, 443] {
            for host in ["0.0.0.0", "::"] {
                web.serve(SocketAddr::new(host.parse()?, port))?;
            }
        }
        up.send(Ok(()))?;
        std::future::pending().await
    })
}

/// Both ends of the cables. Every address that is not the product's is one of the internet's own.
fn wire(tell_users_apart: bool) -> Result<File> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("internet");
    File::create(&path)?;
    let internet = path.to_str().context("the path is no text")?;
    run("unshare", &format!("--net={internet} true"))?;
    let there = |line: &str| run("nsenter", &format!("--net={internet} ip {line}"));
    let here = |line: &str| run("ip", line);
    here("link set lo up")?;
    there("link set lo up")?;
    for (number, name) in ["product", "browser"].into_iter().enumerate() {
        let network = number + 1;
        here(&format!(
            "link add {name} type veth peer name {name} netns {internet}"
        ))?;
        here(&format!("addr add 45.76.{network}.2/24 dev {name}"))?;
        here(&format!(
            "addr add 2a05:f480:{network}::2/64 dev {name} nodad"
        ))?;
        // The kernel's own link-local address is tentative for a second or two. When it no longer is,
        // Chromium sees a changed network, and gives up what it is connecting to.
        here(&format!("link set {name} addrgenmode none"))?;
        here(&format!("addr add fe80::{network}:2/64 dev {name} nodad"))?;
        here(&format!("link set {name} up"))?;
        there(&format!("addr add 45.76.{network}.1/24 dev {name}"))?;
        there(&format!(
            "addr add 2a05:f480:{network}::1/64 dev {name} nodad"
        ))?;
        there(&format!("link set {name} up"))?;
        let table = if name == "product" { "" } else { " table 100" };
        here(&format!("route add default via 45.76.{network}.1{table}"))?;
        here(&format!(
            "-6 route add default via 2a05:f480:{network}::1{table}"
        ))?;
        // IPv6 looks at local addresses first whatever their prefix, and would take the cable's
        // other end for one: so only for what comes in.
        there(&format!("-6 rule add iif {name} lookup 100"))?;
    }
    there("route add local 0.0.0.0/0 dev lo")?;
    there("-6 route add local ::/0 dev lo table 100")?;
    if tell_users_apart {
        let rule = format!("rule add uidrange {BROWSER_USER}-{BROWSER_USER} lookup 100");
        here(&rule)?;
        here(&format!("-6 {rule}"))?;
    }
    let namespace = File::open(&path)?;
    // The open file keeps the namespace; the mount would keep the folder.
    run("umount", &format!("--lazy {internet}"))?;
    Ok(namespace)
}

/// The machine's configuration as the product finds it.
fn settle_in() -> Result<()> {
    let directory = tempfile::tempdir()?;
    for (name, content) in [
        (
            "resolv.conf",
            format!("nameserver {NAME_SERVER}\nsearch corp.example.com\n"),
        ),
        (
            "hosts",
            "127.0.0.1 localhost\n10.64.0.1 in-hosts.example.com\n".to_owned(),
        ),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, content)?;
        // Others read it too: the browser's user among them.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        let path = path.to_str().context("the path is no text")?;
        // What is mounted stays when its name is gone.
        run("mount", &format!("--bind {path} /etc/{name}"))?;
    }
    Ok(())
}

fn run(program: &str, arguments: &str) -> Result<()> {
    let output = Command::new(program)
        .args(arguments.split_whitespace())
        .output()
        .with_context(|| format!("{program} does not start: `make test` installs it"))?;
    if !output.status.success() {
        bail!(
            "{program} {arguments}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}
