//! The operator's explicit exceptions: `PLATEN_EGRESS_ALLOW`.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

use crate::destination::Destination;
use crate::name;
use crate::policy::WEB_PORTS;

/// One entry of the allow-list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Entry {
    /// `host:port`: this name on this port, wherever it resolves to.
    Name { name: String, port: u16 },
    /// `ip:port` and `cidr:port`: these addresses on this port.
    /// `cidr` alone: these addresses on the web's ports, 80 and 443.
    Network { net: IpNet, port: Option<u16> },
}

/// Exceptions to the address policy, empty by default.
///
/// Comma-separated entries: `host:port`, `ip:port`, `[v6]:port`, `cidr` (ports 80 and 443),
/// `cidr:port`, `[v6-cidr]:port`. A name is allowed as a name: it may resolve to any address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AllowList(Vec<Entry>);

impl AllowList {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the name itself is excepted, so that its answers need no vetting.
    pub(crate) fn allows_name(&self, destination: &Destination) -> bool {
        let Host::Domain(wanted) = destination.host() else {
            return false;
        };
        self.0.iter().any(|entry| match entry {
            Entry::Name { name, port } => {
                name::relative(wanted) == name && *port == destination.port()
            }
            Entry::Network { .. } => false,
        })
    }

    /// Whether this address on this port is excepted.
    pub(crate) fn allows_address(&self, address: IpAddr, port: u16) -> bool {
        self.0.iter().any(|entry| match entry {
            Entry::Network { net, port: only } => {
                net.contains(&address)
                    && only.map_or_else(|| WEB_PORTS.contains(&port), |only| only == port)
            }
            Entry::Name { .. } => false,
        })
    }

    /// Whether some network is excepted on this port, so that a name must be looked up before it
    /// can be judged.
    pub(crate) fn opens_port(&self, port: u16) -> bool {
        self.0
            .iter()
            .any(|entry| matches!(entry, Entry::Network { port: Some(only), .. } if *only == port))
    }
}

/// An entry of the allow-list that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{entry}` in the egress allow-list is not `host:port`, `ip:port`, `[v6]:port` or a CIDR: {problem}"
)]
pub struct AllowListError {
    /// The entry as it was written.
    pub entry: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl FromStr for AllowList {
    type Err = AllowListError;

    fn from_str(list: &str) -> Result<Self, Self::Err> {
        list.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Entry {
    type Err = AllowListError;

    fn from_str(entry: &str) -> Result<Self, Self::Err> {
        parse_entry(entry).map_err(|problem| AllowListError {
            entry: entry.to_owned(),
            problem,
        })
    }
}

fn parse_entry(entry: &str) -> Result<Entry, &'static str> {
    if let Ok(net) = entry.parse::<IpNet>() {
        return network(net, None);
    }
    if let Ok(address) = entry.parse::<SocketAddr>() {
        return Ok(Entry::Network {
            net: address.ip().into(),
            port: Some(nonzero(address.port())?),
        });
    }
    if entry.parse::<IpAddr>().is_ok() {
        return Err("an address needs a port or a prefix length");
    }
    let (place, port) = entry.rsplit_once(':').ok_or("the port is missing")?;
    let port = port
        .parse()
        .ok()
        .ok_or("the port is not a number up to 65535")
        .and_then(nonzero)?;
    let bare = place
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(place);
    if let Ok(net) = bare.parse::<IpNet>() {
        return network(net, Some(port));
    }
    match Host::parse(place) {
        Ok(Host::Domain(name)) if name::is_dns_name(name::relative(&name)) => Ok(Entry::Name {
            name: name::relative(&name).to_owned(),
            port,
        }),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => Err("write the address in its usual form"),
        Ok(Host::Domain(_)) | Err(_) => Err("the host name is not valid"),
    }
}

/// A network with host bits set (`10.1.2.3/8`) is more likely a slip than a wish for all of it.
fn network(net: IpNet, port: Option<u16>) -> Result<Entry, &'static str> {
    if net == net.trunc() {
        Ok(Entry::Network { net, port })
    } else {
        Err("the network has bits set beyond its prefix length")
    }
}

fn nonzero(port: u16) -> Result<u16, &'static str> {
    if port == 0 {
        Err("the port is 0")
    } else {
        Ok(port)
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, entry) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name, port } => write!(f, "{name}:{port}"),
            Self::Network { net, port: None } => write!(f, "{net}"),
            Self::Network {
                net,
                port: Some(port),
            } if net.prefix_len() == net.max_prefix_len() => {
                write!(f, "{}", SocketAddr::new(net.addr(), *port))
            }
            Self::Network {
                net: IpNet::V4(net),
                port: Some(port),
            } => write!(f, "{net}:{port}"),
            Self::Network {
                net: IpNet::V6(net),
                port: Some(port),
            } => write!(f, "[{net}]:{port}"),
        }
    }
}

#[cfg(test)]
mod tests;
