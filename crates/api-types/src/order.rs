use std::fmt;

use serde::{Deserialize, Serialize};

/// Which files come first in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Order {
    #[default]
    Newest,
    Oldest,
}

impl Order {
    pub const ALL: [Self; 2] = [Self::Newest, Self::Oldest];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }

    /// The order of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == name)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for order in Order::ALL {
            assert_eq!(
                serde_json::to_string(&order).unwrap(),
                format!("\"{order}\"")
            );
            assert_eq!(Order::named(order.as_str()), Some(order));
        }
        assert_eq!(Order::named("longest"), None);
    }
}
