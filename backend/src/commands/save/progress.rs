//! One line that changes, for people at a terminal.

use std::{
    fmt,
    io::{self, IsTerminal as _, Write as _},
};

/// Goes back to the beginning of the line and clears it (ECMA-48).
const CLEAR: &str = "\r\x1b[K";

/// What is going on. On anything but a terminal it says nothing.
pub(super) struct Progress {
    shown: bool,
    all: usize,
    done: usize,
    page: String,
}

impl Progress {
    pub(super) fn new(all: usize, quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
            all,
            done: 0,
            page: String::new(),
        }
    }

    /// Which page it is about from here on.
    pub(super) fn now(&mut self, page: &str) {
        // A page's address is the user's own, but not every character is for a terminal.
        self.page = page.chars().filter(|c| !c.is_control()).take(60).collect();
    }

    pub(super) fn one_done(&mut self) {
        self.done += 1;
        self.clear();
    }

    pub(super) fn say(&self, what: &str) {
        let Self {
            all, done, page, ..
        } = self;
        self.write(format_args!("{CLEAR}{done} of {all} done; {page} {what} …"));
    }

    /// Makes room for a line that stays.
    pub(super) fn clear(&self) {
        self.write(format_args!("{CLEAR}"));
    }

    fn write(&self, line: fmt::Arguments<'_>) {
        if self.shown {
            let mut out = io::stderr().lock();
            // On a closed standard error there is nothing better to do than to go on.
            write!(out, "{line}").and_then(|()| out.flush()).ok();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
