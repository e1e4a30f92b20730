//! Where the PDF goes.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use platen_egress::TargetUrl;
use platen_pipeline::FileName;

use crate::request::readable;

/// Names tried for a page that was saved before.
const NAMES: u32 = 1000;

/// Why the PDF cannot be put there.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    #[error("a PDF is not for a terminal: name a file with --output, or send it somewhere")]
    Terminal,
    #[error("standard output cannot be written")]
    Stdout(#[source] io::Error),
    #[error("{} cannot be written: name another file with --output", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the page was saved here {NAMES} times already: name a file with --output")]
    NoName,
}

/// Standard output, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Stdout,
    /// Replaced if it is there.
    File(PathBuf),
    /// A file that is not there yet, named like this.
    New(PathBuf),
}

impl Output {
    /// What was asked for; a name after the page where nothing was.
    pub(super) fn wanted(asked: Option<PathBuf>, url: &TargetUrl) -> Result<Self, OutputError> {
        match asked {
            None => Ok(Self::New(PathBuf::from(format!(
                "{}.pdf",
                FileName::readable(&readable(url))
            )))),
            Some(path) => Self::named(path),
        }
    }

    /// A file of this name, or standard output for `-`.
    pub(super) fn named(path: PathBuf) -> Result<Self, OutputError> {
        if path.as_os_str() != "-" {
            return Ok(Self::File(path));
        }
        if io::stdout().is_terminal() {
            return Err(OutputError::Terminal);
        }
        Ok(Self::Stdout)
    }

    /// Begins to write. A file has its name only once it is whole.
    pub(super) fn begin(self) -> Result<Draft, OutputError> {
        let near = match &self {
            Self::Stdout => {
                return Ok(Draft {
                    output: self,
                    file: None,
                });
            }
            Self::File(path) | Self::New(path) => path,
        };
        let path = part_of(near);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|source| OutputError::File {
                path: near.clone(),
                source,
            })?;
        Ok(Draft {
            output: self,
            file: Some(Part { path, file }),
        })
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) | Self::New(path) => path.display().fmt(f),
        }
    }
}

/// A PDF that is not whole yet. Dropping it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Draft {
    output: Output,
    file: Option<Part>,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
}

impl Drop for Part {
    fn drop(&mut self) {
        // Once it has its name, this finds nothing.
        fs::remove_file(&self.path).ok();
    }
}

impl Draft {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        match &mut self.file {
            None => io::stdout().write_all(bytes).map_err(OutputError::Stdout),
            Some(part) => part
                .file
                .write_all(bytes)
                .map_err(|source| file_error(&self.output, source)),
        }
    }

    /// Gives it its name. Says where it is.
    pub(super) fn finish(self) -> Result<Output, OutputError> {
        let Self { output, file } = self;
        let Some(part) = file else {
            io::stdout().flush().map_err(OutputError::Stdout)?;
            return Ok(output);
        };
        let failed = |source| file_error(&output, source);
        part.file.sync_all().map_err(failed)?;
        match &output {
            Output::Stdout => {}
            Output::File(path) => fs::rename(&part.path, path).map_err(failed)?,
            Output::New(path) => return link_anew(&part.path, path),
        }
        Ok(output)
    }
}

fn file_error(output: &Output, source: io::Error) -> OutputError {
    match output {
        Output::Stdout => OutputError::Stdout(source),
        Output::File(path) | Output::New(path) => OutputError::File {
            path: path.clone(),
            source,
        },
    }
}

/// Takes the first of `name.pdf`, `name-2.pdf`, … that nobody has.
fn link_anew(part: &Path, path: &Path) -> Result<Output, OutputError> {
    let stem = path.with_extension("");
    for number in 1..=NAMES {
        let name = if number == 1 {
            path.to_owned()
        } else {
            PathBuf::from(format!("{}-{number}.pdf", stem.display()))
        };
        // Unlike a rename, a link never takes the place of another file.
        match fs::hard_link(part, &name) {
            Ok(()) => return Ok(Output::New(name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(OutputError::File { path: name, source }),
        }
    }
    Err(OutputError::NoName)
}

/// Beside the file, so that it can get its name.
fn part_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn save(output: Output, bytes: &[u8]) -> Result<Output, OutputError> {
        let mut draft = output.begin()?;
        draft.write(bytes)?;
        draft.finish()
    }

    #[test]
    fn a_named_file_is_replaced_and_others_never() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        for bytes in [b"1", b"2"] {
            save(Output::File(path.clone()), bytes).unwrap();
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
        for name in ["a-2.pdf", "a-3.pdf"] {
            let saved = save(Output::New(path.clone()), b"3").unwrap();
            assert_eq!(saved, Output::New(folder.path().join(name)));
        }
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pdf");
        fs::write(&path, b"old").unwrap();
        let mut draft = Output::File(path.clone()).begin().unwrap();
        draft.write(b"half").unwrap();
        drop(draft);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("no/such/folder/a.pdf");
        let error = save(Output::File(path.clone()), b"1").unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()));
    }
}
