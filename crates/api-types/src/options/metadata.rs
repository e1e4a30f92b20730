use serde::{Deserialize, Serialize};

/// Entries of the PDF's information dictionary (ISO 32000-1, 14.3.3). What is left out is the
/// page's: its title, and its address as the subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = r"^[^\x00-\x1f\x7f-\x9f]*$"
        )
    )]
    pub keywords: Option<String>,
}

impl Metadata {
    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.entries().all(|(_, text)| text.is_none())
    }

    /// Names of the fields with what they hold.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, Option<&str>)> {
        [
            ("title", &self.title),
            ("author", &self.author),
            ("subject", &self.subject),
            ("keywords", &self.keywords),
        ]
        .into_iter()
        .map(|(name, text)| (name, text.as_deref()))
    }
}
