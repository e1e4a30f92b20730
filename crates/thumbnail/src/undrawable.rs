//! PDFs of which there is no picture.

/// Why the first page of a PDF cannot be drawn. Trying again would not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Undrawable {
    #[error("the pdf is broken")]
    Broken,
    #[error("the pdf is locked with a password")]
    Locked,
    #[error("the pdf has no pages")]
    Empty,
    #[error("the first page takes more than is granted to a picture")]
    TooMuch,
}

impl Undrawable {
    /// What the process that draws tells with its exit code. Those of `sysexits.h` from 64 on are
    /// left to others.
    const EXIT_CODES: [(Self, u8); 4] = [
        (Self::Broken, 10),
        (Self::Locked, 11),
        (Self::Empty, 12),
        (Self::TooMuch, 13),
    ];

    pub(crate) fn exit_code(self) -> u8 {
        let known = Self::EXIT_CODES.iter().find(|(one, _)| *one == self);
        known.map_or(1, |(_, code)| *code)
    }

    pub(crate) fn of_exit_code(code: i32) -> Option<Self> {
        let known = Self::EXIT_CODES
            .iter()
            .find(|(_, one)| i32::from(*one) == code);
        known.map(|(undrawable, _)| *undrawable)
    }

    /// Label of metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Locked => "locked",
            Self::Empty => "empty",
            Self::TooMuch => "too_much",
        }
    }
}
