//! What is asked, and where: at the same path of everyone who answers.

use clap::ValueEnum;

/// Path of signing in.
pub(super) const SIGN_IN: &str = "/api/v1/sign-in";

/// Something that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Route {
    /// A page of the list of a user's files.
    List,
    /// One file's record.
    Status,
    /// A PDF.
    Download,
}

impl Route {
    pub(super) const ALL: [Self; 3] = [Self::List, Self::Status, Self::Download];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Status => "status",
            Self::Download => "download",
        }
    }
}

/// The paths of what one user reads, with their queries.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    pub(super) list: String,
    pub(super) status: String,
    pub(super) download: String,
}

impl Paths {
    pub(super) fn of(&self, route: Route) -> &str {
        match route {
            Route::List => &self.list,
            Route::Status => &self.status,
            Route::Download => &self.download,
        }
    }
}
