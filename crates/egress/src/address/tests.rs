use ipnet::IpNet;
use proptest::prelude::*;

use super::*;
use registry::registry;

mod registry;
mod whole_space;

/// First and last address of everything that must be refused, written out by hand so that a slip
/// in a prefix length above does not repeat itself here.
const REFUSED: [(&str, &str); 38] = [
    ("0.0.0.0", "0.255.255.255"),
    ("10.0.0.0", "10.255.255.255"),
    ("100.64.0.0", "100.127.255.255"),
    ("127.0.0.0", "127.255.255.255"),
    ("169.254.0.0", "169.254.255.255"),
    ("172.16.0.0", "172.31.255.255"),
    ("192.0.0.0", "192.0.0.255"),
    ("192.0.2.0", "192.0.2.255"),
    ("192.88.99.0", "192.88.99.255"),
    ("192.168.0.0", "192.168.255.255"),
    ("198.18.0.0", "198.19.255.255"),
    ("198.51.100.0", "198.51.100.255"),
    ("203.0.113.0", "203.0.113.255"),
    ("224.0.0.0", "239.255.255.255"),
    ("240.0.0.0", "255.255.255.255"),
    ("::", "::"),
    ("::1", "::1"),
    ("::ffff:0.0.0.0", "::ffff:255.255.255.255"),
    ("::0.0.0.0", "::255.255.255.255"),
    ("64:ff9b::", "64:ff9b::255.255.255.255"),
    ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
    ("100::", "100::ffff:ffff:ffff:ffff"),
    ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    // The metadata and credential services of clouds, which live inside blocks above.
    ("169.254.169.254", "169.254.169.254"),
    ("169.254.170.2", "169.254.170.2"),
    ("169.254.170.23", "169.254.170.23"),
    ("fd00:ec2::23", "fd00:ec2::23"),
    ("fd00:ec2::254", "fd00:ec2::254"),
    // Everything that has not been given out as global unicast.
    ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
];

/// An address as a number, within its family.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

fn address(number: u128, like: IpAddr) -> Option<IpAddr> {
    match like {
        IpAddr::V4(_) => u32::try_from(number)
            .ok()
            .map(|number| Ipv4Addr::from(number).into()),
        IpAddr::V6(_) => Some(Ipv6Addr::from(number).into()),
    }
}

fn is_refused_by_hand(address: IpAddr) -> bool {
    REFUSED.iter().any(|(first, last)| {
        let (first, last): (IpAddr, IpAddr) = (first.parse().unwrap(), last.parse().unwrap());
        first.is_ipv4() == address.is_ipv4()
            && (number(first)..=number(last)).contains(&number(address))
    })
}

/// Ends of all blocks, of both lists, with the addresses beside them. Classification is constant
/// between two neighbouring ends, so agreeing on these is agreeing on the whole space.
fn every_edge() -> Vec<IpAddr> {
    let by_hand = REFUSED
        .iter()
        .map(|(first, last)| (first.parse().unwrap(), last.parse().unwrap()));
    let v4 = V4.iter().map(|block| IpNet::from(block.net));
    let v6 = V6_IN_GLOBAL_UNICAST
        .iter()
        .chain(&V6_ELSEWHERE)
        .map(|block| block.net.into());
    let tables = v4
        .chain(v6)
        .chain([GLOBAL_UNICAST_V6.into()])
        .chain(registry().into_iter().map(|(net, _)| net))
        .map(|net| (net.network(), net.broadcast()));
    by_hand
        .chain(tables)
        .flat_map(|(first, last): (IpAddr, IpAddr)| {
            [
                number(first).checked_sub(1),
                Some(number(first)),
                Some(number(last)),
                number(last).checked_add(1),
            ]
            .map(|edge| edge.and_then(|edge| address(edge, first)))
        })
        .flatten()
        .collect()
}

#[test]
fn the_whole_space_is_classified_as_written_by_hand() {
    for address in every_edge() {
        let refused = special_purpose(address).is_some();
        assert_eq!(refused, is_refused_by_hand(address), "{address}");
    }
}

#[test]
fn whatever_the_registry_calls_unreachable_is_refused() {
    for (net, reachable) in registry() {
        if !reachable {
            assert!(special_purpose(net.network()).is_some(), "{net}");
            assert!(special_purpose(net.broadcast()).is_some(), "{net}");
        }
    }
}

#[test]
fn what_the_registry_calls_reachable_is_refused_only_inside_a_larger_block() {
    let refused_all_the_same: Vec<_> = registry()
        .into_iter()
        .filter(|(net, reachable)| *reachable && special_purpose(net.network()).is_some())
        .map(|(net, _)| net.to_string())
        .collect();
    assert_eq!(
        refused_all_the_same,
        [
            "192.0.0.9/32",
            "192.0.0.10/32",
            "64:ff9b::/96",
            "2001:1::1/128",
            "2001:1::2/128",
            "2001:1::3/128",
            "2001:3::/32",
            "2001:4:112::/48",
            "2001:20::/28",
            "2001:30::/28",
        ]
    );
}

#[test]
fn neighbours_of_blocks_are_public() {
    for public in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "2001:ffff:ffff::",
        "2003::",
        "3ffe:ffff::",
        "3fff:1000::",
        "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "2606:4700:4700::1111",
    ] {
        assert_eq!(special_purpose(public.parse().unwrap()), None, "{public}");
    }
}

#[test]
fn a_refusal_names_the_purpose() {
    let purpose = |address: &str| special_purpose(address.parse().unwrap()).unwrap();
    assert!(purpose("169.254.169.254").starts_with("link local"));
    assert!(purpose("255.255.255.255").contains("broadcast"));
    assert!(purpose("::1").starts_with("loopback"));
    assert!(purpose("::ffff:1.1.1.1").starts_with("IPv4-mapped"));
    assert!(purpose("::1.1.1.1").starts_with("IPv4-compatible"));
    assert!(purpose("4000::").starts_with("not allocated"));
}

proptest! {
    #[test]
    fn any_v4_address_is_classified_as_written_by_hand(bits: u32) {
        let address = Ipv4Addr::from(bits).into();
        prop_assert_eq!(special_purpose(address).is_some(), is_refused_by_hand(address));
    }

    #[test]
    fn any_v6_address_is_classified_as_written_by_hand(bits: u128, inside in any::<bool>()) {
        // Half of the cases inside 2000::/3, where the decisions are.
        let bits = if inside { bits & (u128::MAX >> 3) | (1 << 125) } else { bits };
        let address = Ipv6Addr::from(bits).into();
        prop_assert_eq!(special_purpose(address).is_some(), is_refused_by_hand(address));
    }

    /// No private IPv4 address becomes reachable in IPv6 clothes.
    #[test]
    fn no_embedding_of_an_ipv4_address_is_public(bits: u32) {
        let low = u128::from(bits);
        for embedded in [
            low,
            0xffff_0000_0000 | low,
            (0x0064_ff9b << 96) | low,
            (0x0064_ff9b_0001 << 80) | low,
            (0x2002 << 112) | (low << 80) | 1,
            (0x2001_0000 << 96) | (!low & 0xffff_ffff),
        ] {
            prop_assert!(special_purpose(Ipv6Addr::from(embedded).into()).is_some());
        }
    }
}
