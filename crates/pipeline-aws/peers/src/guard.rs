//! A child process that cannot outlive the process that started it.

use std::{path::Path, process::Stdio};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// Becomes the program, and leaves behind a shell in a session of its own that waits for the end of
/// the standard input: whoever holds the other end of that pipe holds the life of the program's
/// process group and of its data. It works also when the holder is killed, and needs no unsafe code.
///
/// A killed PostgreSQL leaves a segment of shared memory behind, whose number is in its `.pid` file.
const GUARD: &str = r#"data=$1; shift
exec 3<&0
setsid sh -c 'read -r word <&3; kill -s KILL -- "-$1"; [ "$word" != keep ] || exit 0
segment=$(sed -n "7s/.* //p" "$2/data/postmaster.pid" 2>/dev/null) && [ -z "$segment" ] || ipcrm -m "$segment"
rm -rf -- "$2"' guard "$$" "$data" &
exec 3<&-
exec "$@" </dev/null"#;

/// A command that runs the program in a process group of its own, with next to no environment, for
/// as long as the child's standard input is held. Then `data` is removed.
pub fn command(program: &Path, data: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", GUARD, "peer"])
        .args([data, program])
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Ends the child's process group, and leaves its data.
pub(crate) async fn end(child: &mut Child) -> std::io::Result<()> {
    if let Some(mut pipe) = child.stdin.take() {
        // Fails when the guard is gone, and so is the group then.
        let _ = pipe.write_all(b"keep\n").await;
    }
    child.kill().await
}
