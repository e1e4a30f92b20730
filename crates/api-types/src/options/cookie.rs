use serde::{Deserialize, Serialize};

use crate::Secret;

/// A cookie for the origin of the URL (RFC 6265).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cookie {
    /// A token (RFC 6265, 4.1.1).
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 256,
            pattern = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
        )
    )]
    pub name: String,
    /// Empty in answers.
    pub value: Secret,
}
