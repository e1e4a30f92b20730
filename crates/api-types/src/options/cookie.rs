use serde::{Deserialize, Serialize};

use crate::Secret;

/// A cookie for the origin of the URL (RFC 6265).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cookie {
    pub name: String,
    /// Empty in answers.
    pub value: Secret,
}
