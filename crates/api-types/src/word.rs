//! Enumerations whose values are words on the wire and in the database.

/// Nothing here is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

// A word is a token, not a literal: derives do not look into the group that a literal comes in.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $word:tt,)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            $($(#[$note])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::UnknownWord> {
                match word { $($word => Ok(Self::$variant),)* _ => Err($crate::UnknownWord) }
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::{Order, Stage};

    #[test]
    fn names_are_those_of_the_wire() {
        for order in Order::ALL {
            let wire = serde_json::to_string(order).unwrap();
            assert_eq!(wire, format!("\"{order}\""));
            assert_eq!(order.as_str().parse(), Ok(*order));
        }
        for stage in Stage::ALL {
            let wire = serde_json::to_string(stage).unwrap();
            assert_eq!(wire, format!("\"{stage}\""));
            assert_eq!(stage.as_str().parse(), Ok(*stage));
        }
        assert!("longest".parse::<Order>().is_err());
        assert!("folding".parse::<Stage>().is_err());
    }
}
