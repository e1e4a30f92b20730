use std::{
    collections::VecDeque,
    io,
    os::{fd::OwnedFd, unix::process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use command_fds::{CommandFdExt as _, FdMapping};
use headless_chrome::protocol::cdp::{
    Browser::{GetVersion, GetVersionReturnObject},
    Target::{FilterEntry, SetDiscoverTargets},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::unix::pipe,
    task::JoinHandle,
};

use super::{
    BinaryNotFound, BrowserProcess, UserError, binary, flags, profile::Profile, user::User,
};
use crate::cdp::{CallError, Connection};

/// Bytes that a pipe to or from the browser holds; what Linux grants without privileges.
const PIPE_BYTES: usize = 1024 * 1024;

/// Below this much `/dev/shm` Chromium is told to use ordinary files. Docker grants 64 MiB.
const SHARED_MEMORY_BYTES: u64 = 256 * 1024 * 1024;

/// How long the end of the complaints of a browser that has been ended is waited for. Something that
/// left its process group could still hold them open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Lines of the browser's complaints that are kept for the error message.
const KEPT_LINES: usize = 5;

/// How a browser is started.
#[derive(Clone, Debug)]
pub(crate) struct LaunchOptions {
    /// The browser; found on `PATH` when left out.
    pub binary: Option<PathBuf>,
    /// Directory for the directories of browsers.
    pub work_dir: PathBuf,
    /// Unprivileged user that the browser runs as when we are root.
    pub run_as: String,
    /// Run without the sandbox when there can be none.
    pub allow_no_sandbox: bool,
    /// MiB of JavaScript heap per page.
    pub heap_mib: u32,
    /// How long the browser may take to answer for the first time.
    pub patience: Duration,
}

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Binary(#[from] BinaryNotFound),
    #[error("browser has no user to run as, and without one it has no sandbox")]
    User(#[from] UserError),
    #[error(
        "the browser's user may not pass {}: choose another work directory, or open that one \
         with chmod o+x", .0.display()
    )]
    Barrier(PathBuf),
    #[error("work directory {} cannot be used", .path.display())]
    WorkDir {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("browser {} could not be started", .binary.display())]
    Spawn {
        binary: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "the browser found no usable sandbox: allow user namespaces to its user, or set \
         allow_no_sandbox if something else contains it"
    )]
    NoSandbox,
    #[error("browser {} did not come up; it said: {said}", .binary.display())]
    Silent {
        binary: PathBuf,
        said: String,
        #[source]
        source: CallError,
    },
}

/// A browser that has answered.
#[derive(Debug)]
pub(crate) struct Launched {
    pub process: BrowserProcess,
    pub connection: Connection,
    /// Product and version, such as `HeadlessChrome/130.0.6723.58`.
    pub product: String,
    /// The `User-Agent` it sends unless told otherwise.
    pub user_agent: String,
}

/// Starts a browser and waits until it answers.
pub(crate) async fn launch(options: &LaunchOptions) -> Result<Launched, LaunchError> {
    let binary = binary::find(
        options.binary.as_deref(),
        std::env::var_os("PATH").as_deref(),
    )?;
    let confinement = Confinement::choose(options)?;
    let profile = Profile::create(&options.work_dir, confinement.user).map_err(|source| {
        LaunchError::WorkDir {
            path: options.work_dir.clone(),
            source,
        }
    })?;
    if let Some(barrier) = confinement
        .user
        .and_then(|user| user.first_barrier(profile.path()))
    {
        return Err(LaunchError::Barrier(barrier.to_owned()));
    }

    let spawn_failed = |source| LaunchError::Spawn {
        binary: binary.clone(),
        source,
    };
    let (theirs_in, ours_out) = io::pipe().map_err(spawn_failed)?;
    let (ours_in, theirs_out) = io::pipe().map_err(spawn_failed)?;
    for end in [
        OwnedFd::from(ours_out.try_clone().map_err(spawn_failed)?),
        OwnedFd::from(ours_in.try_clone().map_err(spawn_failed)?),
    ] {
        // A smaller pipe only costs more switches between the processes.
        if let Err(error) = rustix::pipe::fcntl_setpipe_size(&end, PIPE_BYTES) {
            tracing::debug!(%error, "pipe keeps its usual size");
        }
    }

    let mut command = Command::new(&binary);
    command
        .args(flags::arguments(&flags::Variable {
            profile: profile.path(),
            sandbox: confinement.sandbox,
            little_shared_memory: has_little_shared_memory(),
            heap_mib: options.heap_mib,
        }))
        .env_clear()
        .envs(environment(&profile))
        .current_dir(profile.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0);
    if let Some(user) = confinement.user {
        command.uid(user.uid).gid(user.gid);
    }
    let mappings = vec![
        FdMapping {
            parent_fd: theirs_in.into(),
            child_fd: 3,
        },
        FdMapping {
            parent_fd: theirs_out.into(),
            child_fd: 4,
        },
    ];
    command
        .fd_mappings(mappings)
        .map_err(|collision| spawn_failed(io::Error::other(collision)))?;
    let mut child = command.spawn().map_err(spawn_failed)?;
    // The command owns the browser's ends of the pipes: without them, ours end with the browser.
    drop(command);

    let stderr = child.stderr.take().map(OwnedFd::from);
    let process = BrowserProcess::new(&child, profile).map_err(spawn_failed)?;
    let complaints = stderr
        .map(pipe::Receiver::from_owned_fd)
        .transpose()
        .map_err(spawn_failed)?
        .map(|stderr| tokio::spawn(read_complaints(stderr)));
    let connection = Connection::start(
        pipe::Receiver::from_owned_fd(ours_in.into()).map_err(spawn_failed)?,
        pipe::Sender::from_owned_fd(ours_out.into()).map_err(spawn_failed)?,
    );

    match greet(&connection, options.patience).await {
        Ok(GetVersionReturnObject {
            product,
            user_agent,
            ..
        }) => Ok(Launched {
            process,
            connection,
            product,
            user_agent,
        }),
        Err(source) => {
            process.end();
            Err(explain(&binary, source, complaints).await)
        }
    }
}

/// Waits until the browser answers, and has it tell from then on how pages' processes end.
async fn greet(
    connection: &Connection,
    patience: Duration,
) -> Result<GetVersionReturnObject, CallError> {
    let root = connection.root();
    let version = root.send(&GetVersion(None));
    let crashes = root.send(&SetDiscoverTargets {
        discover: true,
        filter: Some(vec![FilterEntry {
            exclude: None,
            Type: Some("page".to_owned()),
        }]),
    });
    let version = version.within(patience).result().await?;
    crashes.result().await?;
    Ok(version)
}

/// What keeps a page from the machine.
#[derive(Clone, Copy, Debug)]
struct Confinement {
    user: Option<User>,
    sandbox: bool,
}

impl Confinement {
    fn choose(options: &LaunchOptions) -> Result<Self, LaunchError> {
        let user = if rustix::process::geteuid().is_root() {
            match User::find(&options.run_as) {
                Ok(user) => Some(user),
                Err(error) if options.allow_no_sandbox => {
                    tracing::warn!(%error, "browser runs as root");
                    None
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            None
        };
        if options.allow_no_sandbox {
            tracing::warn!("browser runs without its sandbox, as the settings allow");
        }
        Ok(Self {
            user,
            sandbox: !options.allow_no_sandbox,
        })
    }
}

/// All the browser learns of our environment: no credential of ours can reach it.
fn environment(profile: &Profile) -> [(&'static str, std::ffi::OsString); 6] {
    [
        ("HOME", profile.path().into()),
        ("TMPDIR", profile.temporary().into()),
        ("XDG_CACHE_HOME", profile.path().join("cache").into()),
        ("LANG", "en_US.UTF-8".into()),
        ("TZ", "UTC".into()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
    ]
}

fn has_little_shared_memory() -> bool {
    rustix::fs::statvfs("/dev/shm")
        .is_ok_and(|fs| fs.f_blocks.saturating_mul(fs.f_frsize) >= SHARED_MEMORY_BYTES)
        .eq(&false)
}

/// Logs what the browser writes to its standard error, and returns the last of it at the end.
async fn read_complaints(stderr: pipe::Receiver) -> VecDeque<String> {
    let mut lines = BufReader::new(stderr).lines();
    let mut last = VecDeque::with_capacity(KEPT_LINES);
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(target: "platen_renderer::chromium", "{line}");
        if last.len() == KEPT_LINES {
            last.pop_front();
        }
        last.push_back(line);
    }
    last
}

async fn explain(
    binary: &Path,
    source: CallError,
    complaints: Option<JoinHandle<VecDeque<String>>>,
) -> LaunchError {
    let said = match complaints {
        Some(complaints) => tokio::time::timeout(LAST_WORDS, complaints)
            .await
            .unwrap_or_else(|_| Ok(VecDeque::new()))
            .unwrap_or_default(),
        None => VecDeque::new(),
    };
    let said = if said.is_empty() {
        "nothing".to_owned()
    } else {
        Vec::from(said).join("; ")
    };
    if said.contains("No usable sandbox") || said.contains("Failed to move to new namespace") {
        LaunchError::NoSandbox
    } else {
        LaunchError::Silent {
            binary: binary.to_owned(),
            said,
            source,
        }
    }
}
