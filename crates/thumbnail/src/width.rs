//! Sizes that pictures come in.

/// Pixels from left to right. Few sizes, so that few pictures are drawn and remembered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Width {
    #[default]
    Px320,
    /// For screens that have two pixels where others have one.
    Px640,
}

impl Width {
    pub const ALL: [Self; 2] = [Self::Px320, Self::Px640];

    pub const fn pixels(self) -> u16 {
        match self {
            Self::Px320 => 320,
            Self::Px640 => 640,
        }
    }

    pub fn of_pixels(pixels: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|width| width.pixels() == pixels)
    }
}
