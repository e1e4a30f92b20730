//! How a key is declared.

use super::source::Sources;

/// Declaration of one setting.
#[derive(Debug)]
pub(super) struct Key {
    /// Environment variable.
    pub env: &'static str,
    /// Table of the TOML file.
    pub section: &'static str,
    /// Key in that table.
    pub name: &'static str,
    pub default: DefaultValue,
    pub exposure: Exposure,
    /// What it does, in Markdown.
    pub doc: &'static [&'static str],
    /// What is accepted, such as `a whole number`.
    pub accepts: fn() -> String,
}

/// What a setting is when nobody sets it.
#[derive(Clone, Copy, Debug)]
pub(super) enum DefaultValue {
    /// Nothing: the feature is off, or the product finds out by itself.
    Unset,
    Text(&'static str),
    /// Depends on the machine; `shown` says how.
    Computed {
        shown: &'static str,
        compute: fn(&Sources) -> Result<String, String>,
    },
}

/// How a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposure {
    Open,
    /// A URL that may hold a password.
    Url,
    Secret,
}

/// One table of the TOML file.
#[derive(Debug)]
pub(super) struct Section {
    pub name: &'static str,
    pub doc: &'static [&'static str],
    pub keys: &'static [Key],
}

/// Declares a section: the struct, its keys and how it is read, from one text.
macro_rules! section {
    (
        $(#[doc = $section_doc:literal])*
        pub struct $name:ident in $section:literal {
            $(
                $(#[doc = $doc:literal])*
                $field:ident: $type:ty = $env:literal, $default:expr $(, $exposure:ident)?;
            )*
        }
    ) => {
        $(#[doc = $section_doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $(
                $(#[doc = $doc])*
                pub $field: $type,
            )*
        }

        impl $name {
            pub(super) const SECTION: Section = Section {
                name: $section,
                doc: &[$($section_doc),*],
                keys: &[$(
                    Key {
                        env: $env,
                        section: $section,
                        name: stringify!($field),
                        default: $default,
                        exposure: section!(@exposure $($exposure)?),
                        doc: &[$($doc),*],
                        accepts: <$type as Setting>::accepts,
                    },
                )*],
            };

            /// `None` when a key is wrong; the reader has noted which.
            pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
                let mut keys = Self::SECTION.keys.iter();
                // Every key is read before any of them is missed: all mistakes are to be told.
                $(let $field = keys.next().and_then(|key| reader.read::<$type>(key));)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
    (@exposure) => { Exposure::Open };
    (@exposure $exposure:ident) => { Exposure::$exposure };
}

pub(super) use section;
