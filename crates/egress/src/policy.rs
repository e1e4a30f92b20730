//! What may be connected to: the public web, plus what the operator has allowed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::Host;

use crate::address::special_purpose;
use crate::allow::{AllowList, AllowListError};
use crate::destination::Destination;
use crate::name::{self, NameProblem};

/// Ports a page may use without an entry in the allow-list.
pub(crate) const WEB_PORTS: [u16; 2] = [80, 443];

/// Decides where pages may connect to. The default is the public web on ports 80 and 443.
///
/// Parsed from the syntax of `PLATEN_EGRESS_ALLOW`: comma-separated `host:port`, `ip:port`,
/// `[v6]:port`, `cidr` (ports 80 and 443 of these addresses), `cidr:port`, `[v6-cidr]:port`.
/// An allowed `host:port` may resolve to any address, and may rely on the resolver's search list.
/// Displays as the same syntax, for the log line at start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressPolicy {
    allow: AllowList,
}

/// Why a destination is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockReason {
    #[error("the address is not on the public internet: {0}")]
    Address(&'static str),
    #[error("names in `{0}` belong to local networks")]
    PrivateDomain(&'static str),
    #[error("a name without a dot belongs to a local network")]
    SingleLabel,
    #[error("the host name cannot exist in DNS")]
    MalformedName,
    #[error("only ports 80 and 443 are open")]
    Port,
}

impl EgressPolicy {
    /// Whether nothing beyond the public web is allowed.
    pub fn is_public_only(&self) -> bool {
        self.allow.is_empty()
    }

    /// What can be said before a look-up. An `Ok` for a name is provisional: its addresses are
    /// judged by [`Self::check_address`] once they are known.
    pub fn check_destination(&self, destination: &Destination) -> Result<(), BlockReason> {
        let port = destination.port();
        match destination.host() {
            Host::Ipv4(address) => self.check_address(destination, (*address).into()),
            Host::Ipv6(address) => self.check_address(destination, (*address).into()),
            Host::Domain(_) if self.allow.allows_name(destination) => Ok(()),
            Host::Domain(name) => {
                name::check(name).map_err(|problem| match problem {
                    NameProblem::Malformed => BlockReason::MalformedName,
                    NameProblem::SingleLabel => BlockReason::SingleLabel,
                    NameProblem::PrivateDomain(domain) => BlockReason::PrivateDomain(domain),
                })?;
                if WEB_PORTS.contains(&port) || self.allow.opens_port(port) {
                    Ok(())
                } else {
                    Err(BlockReason::Port)
                }
            }
        }
    }

    /// Whether a connection for `destination` may be made to `address`.
    pub fn check_address(
        &self,
        destination: &Destination,
        address: IpAddr,
    ) -> Result<(), BlockReason> {
        let port = destination.port();
        if self.is_allowed_by_name(destination) || self.allow.allows_address(address, port) {
            return Ok(());
        }
        if let Some(purpose) = special_purpose(address) {
            return Err(BlockReason::Address(purpose));
        }
        if WEB_PORTS.contains(&port) {
            Ok(())
        } else {
            Err(BlockReason::Port)
        }
    }

    /// Whether the operator named this very host and port.
    pub(crate) fn is_allowed_by_name(&self, destination: &Destination) -> bool {
        self.allow.allows_name(destination)
    }
}

impl FromStr for EgressPolicy {
    type Err = AllowListError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        list.parse().map(|allow| Self { allow })
    }
}

impl fmt::Display for EgressPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.allow.fmt(f)
    }
}

#[cfg(test)]
mod tests;
