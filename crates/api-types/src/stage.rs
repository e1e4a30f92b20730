use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a file that is being rendered has come. A page that leads on to another one loads again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stage {
    /// The page is on its way, with all that belongs to it.
    #[default]
    Loading,
    /// The browser makes the PDF.
    Printing,
    /// The PDF is being stored.
    Saving,
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::Loading, Self::Printing, Self::Saving];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Printing => "printing",
            Self::Saving => "saving",
        }
    }

    /// The stage of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for stage in Stage::ALL {
            assert_eq!(
                serde_json::to_string(&stage).unwrap(),
                format!("\"{stage}\"")
            );
            assert_eq!(Stage::named(stage.as_str()), Some(stage));
        }
        assert_eq!(Stage::named("folding"), None);
    }
}
