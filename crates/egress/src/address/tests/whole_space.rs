//! All 2³² IPv4 addresses against IANA's registry. One by one they take minutes; as runs of
//! addresses that are treated alike they take no time, and leave none out.

use std::{net::Ipv4Addr, ops::Range};

use ipnet::{IpNet, Ipv4Net};

use super::registry::registry;
use crate::address::{V4, purpose_v4};

/// Where we refuse what the registry does not call unreachable, and why.
const DEVIATIONS: [(&str, &str); 3] = [
    (
        "224.0.0.0/4",
        "multicast has a registry of its own; a group of hosts is no site",
    ),
    (
        "192.0.0.9/32",
        "anycast for port control: answered by the next router, which is inside",
    ),
    (
        "192.0.0.10/32",
        "anycast for TURN: answered by the next relay, which may be inside",
    ),
];

/// Addresses at either end of a run that are all looked at.
const NEAR: u64 = 1 << 12;

/// A prime below 256, so that every /24 is met at ever different places.
const STRIDE: usize = 251;

/// Addresses as numbers, one above the last of them being none.
fn numbers(net: Ipv4Net) -> Range<u64> {
    let first = u64::from(u32::from(net.network()));
    first..u64::from(u32::from(net.broadcast())) + 1
}

/// Whether the registry calls this address unreachable: its narrowest block decides.
fn is_unreachable(blocks: &[(Ipv4Net, bool)], address: u64) -> bool {
    blocks
        .iter()
        .filter(|(net, _)| numbers(*net).contains(&address))
        .max_by_key(|(net, _)| net.prefix_len())
        .is_some_and(|(_, reachable)| !reachable)
}

fn blocks() -> Vec<(Ipv4Net, bool)> {
    let v4 = |(net, reachable)| match net {
        IpNet::V4(net) => Some((net, reachable)),
        IpNet::V6(_) => None,
    };
    registry().into_iter().filter_map(v4).collect()
}

fn deviations() -> impl Iterator<Item = Ipv4Net> {
    DEVIATIONS.iter().map(|(net, _)| net.parse().unwrap())
}

/// The longest runs of addresses that are all to be refused or all to be allowed.
fn runs() -> Vec<(Range<u64>, bool)> {
    let blocks = blocks();
    let mut ends: Vec<u64> = blocks
        .iter()
        .map(|(net, _)| *net)
        .chain(deviations())
        .flat_map(|net| [numbers(net).start, numbers(net).end])
        .chain([0, 1 << 32])
        .collect();
    ends.sort_unstable();
    ends.dedup();
    let between = ends.windows(2).map(|ends| {
        let first = ends[0];
        let refused =
            is_unreachable(&blocks, first) || deviations().any(|net| numbers(net).contains(&first));
        (first..ends[1], refused)
    });
    let mut runs: Vec<(Range<u64>, bool)> = Vec::new();
    for (range, refused) in between {
        match runs.last_mut() {
            Some((last, same)) if *same == refused => last.end = range.end,
            _ => runs.push((range, refused)),
        }
    }
    runs
}

/// Exactly: the blocks that are refused, laid side by side, are the runs to be refused.
#[test]
fn the_table_covers_what_iana_says_and_nothing_else() {
    let mut covered: Vec<Range<u64>> = Vec::new();
    let mut blocks: Vec<Range<u64>> = V4.iter().map(|block| numbers(block.net)).collect();
    blocks.sort_unstable_by_key(|block| block.start);
    for block in blocks {
        match covered.last_mut() {
            Some(last) if block.start <= last.end => last.end = last.end.max(block.end),
            _ => covered.push(block),
        }
    }
    let refused: Vec<Range<u64>> = runs()
        .into_iter()
        .filter_map(|(run, refused)| refused.then_some(run))
        .collect();
    assert_eq!(covered, refused);
}

/// The function itself, which might not do what its table says: all addresses near the ends of
/// runs, and between them some of every /24.
#[test]
fn ipv4_addresses_are_classified_as_iana_says() {
    let runs = runs();
    assert_eq!(runs.last().unwrap().0.end, 1 << 32);
    for (run, refused) in runs {
        let length = run.end - run.start;
        let near_ends = (0..NEAR.min(length)).flat_map(|at| [run.start + at, run.end - 1 - at]);
        for number in near_ends.chain(run.clone().step_by(STRIDE)) {
            let address = Ipv4Addr::from(u32::try_from(number).unwrap());
            assert_eq!(purpose_v4(address).is_some(), refused, "{address}");
        }
    }
}

#[test]
fn every_deviation_is_one() {
    let blocks = blocks();
    for net in deviations() {
        assert!(!is_unreachable(&blocks, numbers(net).start), "{net}");
    }
}
