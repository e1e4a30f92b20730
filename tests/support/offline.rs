//! Running something where there is nothing but this machine.

use std::{path::Path, process::Command};

use rustix::process::{getegid, geteuid};

/// A command that runs a program in a network of its own, which has loopback and no way out: what it is
/// made to look up or call does not leave this machine.
pub fn offline(program: &Path) -> Command {
    // Such a network takes root, or a name space in which one is; from that, a second one leads back to
    // the user, since the program would be somebody else as root.
    const ROOT: &str = r#"ip link set lo up && exec "$@""#;
    const USER: &str = r#"ip link set lo up &&
        exec unshare --user --map-user="$OFFLINE_USER" --map-group="$OFFLINE_GROUP" "$@""#;
    let (user, group) = (geteuid(), getegid());
    let mut command = Command::new("unshare");
    if user.is_root() {
        command.args(["--net", "sh", "-c", ROOT]);
    } else {
        command
            .args(["--user", "--map-root-user", "--net", "sh", "-c", USER])
            .env("OFFLINE_USER", user.as_raw().to_string())
            .env("OFFLINE_GROUP", group.as_raw().to_string());
    }
    command.arg("sh").arg(program);
    command
}
