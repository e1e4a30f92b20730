//! Which addresses are the public internet, and which are somebody's inside.
//!
//! The rule for IPv4: everything is public except the blocks below. For IPv6 it is the other way
//! round: only `2000::/3` has been given out as global unicast (IANA IPv6 Address Space registry),
//! so everything else is refused by that rule alone; the blocks outside it are listed to name them.
//!
//! Source of the tables: IANA's IPv4 and IPv6 Special-Purpose Address registries (RFC 6890), plus
//! the multicast registries, which are kept apart. Where a registry marks a small part of a block
//! as reachable (192.0.0.9, `2001:4:112::/48`, …) the whole block stays refused: no web page lives
//! there. Blocks that a registry marks as globally reachable as a whole (AS112, AMT) are not listed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// A block of addresses that no page may reach, and what it is for.
struct Block<N> {
    net: N,
    purpose: &'static str,
}

const fn v4(a: u8, b: u8, c: u8, prefix: u8, purpose: &'static str) -> Block<Ipv4Net> {
    Block {
        net: Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), prefix),
        purpose,
    }
}

const fn v6(head: [u16; 3], prefix: u8, purpose: &'static str) -> Block<Ipv6Net> {
    let [a, b, c] = head;
    Block {
        net: Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix),
        purpose,
    }
}

const V4: [Block<Ipv4Net>; 16] = [
    v4(0, 0, 0, 8, "this network (RFC 791)"),
    v4(10, 0, 0, 8, "private use (RFC 1918)"),
    v4(100, 64, 0, 10, "shared address space (RFC 6598)"),
    v4(127, 0, 0, 8, "loopback (RFC 1122)"),
    v4(169, 254, 0, 16, "link local (RFC 3927)"),
    v4(172, 16, 0, 12, "private use (RFC 1918)"),
    v4(192, 0, 0, 24, "IETF protocol assignments (RFC 6890)"),
    v4(192, 0, 2, 24, "documentation (RFC 5737)"),
    v4(192, 88, 99, 24, "6to4 relay anycast (RFC 7526)"),
    v4(192, 168, 0, 16, "private use (RFC 1918)"),
    v4(198, 18, 0, 15, "benchmarking (RFC 2544)"),
    v4(198, 51, 100, 24, "documentation (RFC 5737)"),
    v4(203, 0, 113, 24, "documentation (RFC 5737)"),
    v4(224, 0, 0, 4, "multicast (RFC 5771)"),
    v4(240, 0, 0, 4, "reserved and broadcast (RFC 1112, RFC 919)"),
    // Also held by 240/4; named on its own so that a change there cannot open it.
    Block {
        net: Ipv4Net::new_assert(Ipv4Addr::BROADCAST, 32),
        purpose: "limited broadcast (RFC 919)",
    },
];

const GLOBAL_UNICAST_V6: Ipv6Net =
    Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Inside `2000::/3`: these alone decide.
const V6_IN_GLOBAL_UNICAST: [Block<Ipv6Net>; 4] = [
    v6(
        [0x2001, 0, 0],
        23,
        "IETF protocol assignments, Teredo among them (RFC 2928)",
    ),
    v6([0x2001, 0x0db8, 0], 32, "documentation (RFC 3849)"),
    v6(
        [0x2002, 0, 0],
        16,
        "6to4, which embeds an IPv4 address (RFC 3056)",
    ),
    v6([0x3fff, 0, 0], 20, "documentation (RFC 9637)"),
];

/// Outside `2000::/3`: refused anyway, listed so that a refusal can say why. Narrow ones first.
const V6_ELSEWHERE: [Block<Ipv6Net>; 12] = [
    Block {
        net: Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128),
        purpose: "loopback (RFC 4291)",
    },
    Block {
        net: Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128),
        purpose: "unspecified address (RFC 4291)",
    },
    Block {
        net: Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
        purpose: "IPv4-mapped (RFC 4291)",
    },
    Block {
        net: Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 96),
        purpose: "IPv4-compatible (RFC 4291)",
    },
    v6([0x0064, 0xff9b, 0], 96, "IPv4/IPv6 translation (RFC 6052)"),
    v6(
        [0x0064, 0xff9b, 1],
        48,
        "local IPv4/IPv6 translation (RFC 8215)",
    ),
    v6([0x0100, 0, 0], 64, "discard-only (RFC 6666)"),
    v6([0x5f00, 0, 0], 16, "segment routing identifiers (RFC 9602)"),
    v6([0xfc00, 0, 0], 7, "unique local (RFC 4193)"),
    v6([0xfe80, 0, 0], 10, "link local (RFC 4291)"),
    v6([0xfec0, 0, 0], 10, "site local (RFC 3879)"),
    v6([0xff00, 0, 0], 8, "multicast (RFC 4291)"),
];

/// Why an address is not the public internet; `None` when it is.
///
/// ```
/// use platen_egress::special_purpose;
/// assert_eq!(special_purpose([127, 0, 0, 1].into()), Some("loopback (RFC 1122)"));
/// assert_eq!(special_purpose([1, 1, 1, 1].into()), None);
/// ```
pub fn special_purpose(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => purpose_v4(address),
        IpAddr::V6(address) => purpose_v6(address),
    }
}

fn purpose_v4(address: Ipv4Addr) -> Option<&'static str> {
    V4.iter()
        .find(|block| block.net.contains(&address))
        .map(|block| block.purpose)
}

fn purpose_v6(address: Ipv6Addr) -> Option<&'static str> {
    let named = |blocks: &[Block<Ipv6Net>]| {
        blocks
            .iter()
            .find(|block| block.net.contains(&address))
            .map(|block| block.purpose)
    };
    if GLOBAL_UNICAST_V6.contains(&address) {
        named(&V6_IN_GLOBAL_UNICAST)
    } else {
        named(&V6_ELSEWHERE).or(Some("not allocated as global unicast (RFC 4291)"))
    }
}

#[cfg(test)]
mod tests;
