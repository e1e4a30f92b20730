//! Starts the process that draws, and outlives whatever becomes of it.

use std::{
    ffi::OsString,
    io,
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt as _;
use platen_pipeline::ByteStream;
use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{COMMAND, Undrawable, Width};

/// From the start to the last byte. Ends also what sleeps, and a store that stopped sending.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes of a picture. The largest that is drawn has two thirds of it before it is packed.
const PICTURE_BYTES: usize = 3 * 1024 * 1024;

/// Exit code of a Rust program that panicked.
const PANICKED: i32 = 101;

/// A PNG, or why there is none and never will be.
pub type Drawing = Result<Bytes, Undrawable>;

/// Why it is not known whether there is a picture.
#[derive(Debug, thiserror::Error)]
pub enum ArtistError {
    #[error("the pdf could not be read to its end")]
    Source(#[source] io::Error),
    #[error("the process that draws could not be run")]
    Process(#[source] io::Error),
    #[error("the process that draws ended by itself: {0}")]
    Ended(ExitStatus),
    #[error("nothing was drawn within {PATIENCE:?}")]
    Slow,
}

/// Draws first pages.
#[async_trait]
pub trait Artist: Send + Sync {
    async fn draw(&self, pdf: ByteStream, width: Width) -> Result<Drawing, ArtistError>;
}

/// Draws each page in a process of its own.
#[derive(Clone, Debug)]
pub struct Isolated {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Isolated {
    /// A program that calls [`draw_and_exit`](crate::draw_and_exit) when it is told
    /// [`COMMAND`] and a width.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: vec![COMMAND.into()],
        }
    }

    /// The program that this is, also when its file was replaced in the meantime.
    pub fn this_program() -> Self {
        Self::new("/proc/self/exe")
    }

    fn start(&self, width: Width) -> io::Result<(Child, ChildStdin, ChildStdout)> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .arg(width.pixels().to_string())
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A key pressed in a terminal is for the server alone, which lets answers finish.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok((child, stdin, stdout)),
            _ => Err(io::Error::other("it has no pipes")),
        }
    }
}

#[async_trait]
impl Artist for Isolated {
    async fn draw(&self, pdf: ByteStream, width: Width) -> Result<Drawing, ArtistError> {
        let (child, stdin, stdout) = self.start(width).map_err(ArtistError::Process)?;
        timeout(PATIENCE, converse(child, stdin, stdout, pdf))
            .await
            .unwrap_or(Err(ArtistError::Slow))
    }
}

/// Sends the PDF and takes the picture. A process that has ended takes no more, which is no error:
/// how it ended tells why.
async fn converse(
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    pdf: ByteStream,
) -> Result<Drawing, ArtistError> {
    let answer = answer(child, stdout);
    tokio::pin!(answer);
    tokio::select! {
        biased;
        drawing = &mut answer => drawing,
        fed = feed(stdin, pdf) => {
            fed?;
            answer.await
        }
    }
}

async fn feed(mut stdin: ChildStdin, mut pdf: ByteStream) -> Result<(), ArtistError> {
    while let Some(chunk) = pdf.try_next().await.map_err(ArtistError::Source)? {
        match stdin.write_all(&chunk).await {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => return Err(ArtistError::Process(error)),
        }
    }
    Ok(())
}

async fn answer(mut child: Child, stdout: ChildStdout) -> Result<Drawing, ArtistError> {
    let mut picture = Vec::new();
    let most = PICTURE_BYTES as u64 + 1;
    let read = stdout.take(most).read_to_end(&mut picture).await;
    read.map_err(ArtistError::Process)?;
    if picture.len() > PICTURE_BYTES {
        child.kill().await.map_err(ArtistError::Process)?;
        return Ok(Err(Undrawable::TooMuch));
    }
    let status = child.wait().await.map_err(ArtistError::Process)?;
    if status.success() && !picture.is_empty() {
        return Ok(Ok(picture.into()));
    }
    undrawable(status).map_or(Err(ArtistError::Ended(status)), |why| Ok(Err(why)))
}

/// What the end of the process says of the PDF. `None`: nothing, something else has ended it.
fn undrawable(status: ExitStatus) -> Option<Undrawable> {
    match status.code() {
        Some(PANICKED) => Some(Undrawable::Broken),
        Some(code) => Undrawable::of_exit_code(code),
        // Out of time, out of memory, out of stack.
        None => [Signal::XCPU, Signal::ABORT, Signal::SEGV]
            .into_iter()
            .any(|signal| status.signal() == Some(signal.as_raw()))
            .then_some(Undrawable::TooMuch),
    }
}

#[cfg(test)]
mod tests {
    use futures::{StreamExt as _, stream};

    use super::*;

    /// A shell in place of the artist, which does this.
    fn shell(script: &str) -> Isolated {
        Isolated {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
        }
    }

    /// These bytes, in pieces.
    fn pdf(bytes: usize) -> ByteStream {
        let pieces = (0..bytes.div_ceil(4096)).map(|_| Ok(Bytes::from_static(&[7; 4096])));
        stream::iter(pieces).boxed()
    }

    async fn drawing(script: &str) -> Result<Drawing, ArtistError> {
        shell(script).draw(pdf(1 << 20), Width::Px320).await
    }

    #[tokio::test]
    async fn the_pdf_goes_in_and_the_picture_comes_out() {
        let drawing = drawing("cat").await.unwrap().unwrap();
        assert_eq!(drawing.len(), 1 << 20);
        assert!(drawing.iter().all(|byte| *byte == 7));
    }

    #[tokio::test]
    async fn nothing_of_the_environment_is_passed_on() {
        let drawing = drawing("cat > /dev/null; env").await.unwrap().unwrap();
        let environment = String::from_utf8(drawing.to_vec()).unwrap();
        for (name, _) in std::env::vars() {
            let told = environment
                .lines()
                .any(|line| line.starts_with(&format!("{name}=")));
            // These a shell makes up.
            assert!(
                !told || ["PWD", "SHLVL", "_", "OLDPWD"].contains(&&*name),
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn how_it_ends_tells_why_there_is_no_picture() {
        for (script, why) in [
            ("exit 10", Undrawable::Broken),
            ("cat > /dev/null; exit 11", Undrawable::Locked),
            ("exit 12", Undrawable::Empty),
            ("exit 13", Undrawable::TooMuch),
            ("exit 101", Undrawable::Broken),
            ("kill -XCPU $$", Undrawable::TooMuch),
            ("kill -SEGV $$", Undrawable::TooMuch),
            ("echo half a picture; kill -ABRT $$", Undrawable::TooMuch),
            ("cat /dev/zero", Undrawable::TooMuch),
        ] {
            assert_eq!(drawing(script).await.unwrap(), Err(why), "{script}");
        }
    }

    #[tokio::test]
    async fn what_says_nothing_of_the_pdf_is_no_verdict_on_it() {
        for script in ["exit 1", "kill -KILL $$", "cat > /dev/null"] {
            let error = drawing(script).await.unwrap_err();
            assert!(matches!(error, ArtistError::Ended(_)), "{script}: {error}");
        }
        let broken = stream::iter([Err(io::Error::other("the store went away"))]).boxed();
        let error = shell("cat").draw(broken, Width::Px320).await.unwrap_err();
        assert!(matches!(error, ArtistError::Source(_)), "{error}");
        let missing = Isolated::new("/no/such/program");
        let error = missing.draw(pdf(1), Width::Px320).await.unwrap_err();
        assert!(matches!(error, ArtistError::Process(_)), "{error}");
    }

    /// Time is not waited for: it passes by itself when nothing else can happen.
    #[tokio::test(start_paused = true)]
    async fn a_process_that_sleeps_and_a_store_that_stalls_are_given_up() {
        let sleeps = shell("exec sleep 1000");
        let error = sleeps.draw(pdf(1), Width::Px320).await.unwrap_err();
        assert!(matches!(error, ArtistError::Slow), "{error}");
        let stalls = stream::pending().boxed();
        let error = shell("cat").draw(stalls, Width::Px320).await.unwrap_err();
        assert!(matches!(error, ArtistError::Slow), "{error}");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        // Holds the pipe open as long as it lives.
        let artist = shell(&format!(
            "exec 3> {}; echo here >&3; exec sleep 1000",
            pipe.display()
        ));
        let drawing = tokio::spawn(async move { artist.draw(pdf(1), Width::Px320).await });
        let mut alive = tokio::net::unix::pipe::OpenOptions::new()
            .open_receiver(&pipe)
            .unwrap();
        let mut word = [0; 5];
        alive.read_exact(&mut word).await.unwrap();
        drawing.abort();
        assert!(drawing.await.unwrap_err().is_cancelled());
        // The end of the pipe is the end of the process.
        let end = timeout(PATIENCE, alive.read_to_end(&mut Vec::new())).await;
        end.unwrap().unwrap();
    }
}
