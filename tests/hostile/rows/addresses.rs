//! Every block of addresses that is not public, at both ends, and what lies beside them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::{OWN_LISTENER_MARK, Row, page};
use crate::net::Answer;

const BLOCKED: &str = "destination_blocked";

/// First and last addresses of IANA's special-purpose blocks and of multicast.
const SPECIAL_V4: [&str; 32] = [
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.0",
    "127.255.255.255",
    "169.254.0.0",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.0",
    "192.88.99.255",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.254",
    "255.255.255.255",
    "127.0.0.1",
];

const SPECIAL_V6: [&str; 24] = [
    "::",
    "::1",
    "::ffff:10.64.0.1",
    "::ffff:93.184.215.14",
    "::10.64.0.1",
    "64:ff9b::10.64.0.1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::1",
    "2002:a40:1::1",
    "3fff::1",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "5f00::1",
    "fc00::1",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::1",
    "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::1",
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ff00::1",
    "ff02::fb",
    "4000::1",
];

/// What clouds and clusters keep at known addresses.
const SERVICES: [&str; 9] = [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "[fd00:ec2::254]",
    "[fd00:ec2::23]",
    "127.0.0.1:9001",
    "10.96.0.1",
    "172.20.0.1",
    "100.100.100.200",
];

/// Beside the blocks: public, and reached.
const NEIGHBOURS: [&str; 25] = [
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
    "203.0.114.0",
    "223.255.255.255",
    "2001:200::1",
    "2003::1",
];

pub(crate) fn is_neighbour(address: IpAddr) -> bool {
    NEIGHBOURS
        .iter()
        .any(|neighbour| neighbour.parse() == Ok(address))
}

/// As it stands in a URL.
fn literal(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => format!("[{address}]"),
        Err(_) => address.to_owned(),
    }
}

fn pictures<'a>(hosts: impl IntoIterator<Item = &'a String>) -> String {
    let picture = |host| format!("<img src='http://{host}/'><img src='https://{host}/'>");
    hosts.into_iter().map(picture).collect()
}

/// A page with a picture from each of these addresses, by a name of each.
fn by_name(name: &str, addresses: &[&str]) -> Row {
    let named: Vec<(String, Vec<Answer>)> = addresses
        .iter()
        .enumerate()
        .filter_map(|(index, address)| {
            let host = format!("{}-{index}.example.com", name.replace('_', "-"));
            Some((host, vec![Answer::Addresses(vec![address.parse().ok()?])]))
        })
        .collect();
    let mut row = page(name, pictures(named.iter().map(|(host, _)| host))).never_asks();
    row.names = named;
    row
}

pub(super) fn rows() -> Vec<Row> {
    let by_address = |name: &str, addresses: &[&str]| {
        let hosts: Vec<String> = addresses.iter().copied().map(literal).collect();
        page(name, pictures(&hosts)).never_asks()
    };
    let services: Vec<String> = SERVICES.map(str::to_owned).into();
    let mut rows = vec![
        by_address("special_v4_addresses", &SPECIAL_V4),
        by_address("special_v6_addresses", &SPECIAL_V6),
        by_name("names_of_special_v4_addresses", &SPECIAL_V4),
        by_name("names_of_special_v6_addresses", &SPECIAL_V6),
        by_address("neighbours_of_special_addresses", &NEIGHBOURS),
        page("services_of_clouds_and_clusters", pictures(&services)).never_asks(),
        page(
            "other_ports",
            [22, 25, 8080, 8443, 3306, 6379]
                .map(|port| format!("<img src='http://93.184.215.14:{port}/'>"))
                .concat(),
        )
        .never_asks(),
        page(
            "our_own_listeners",
            ["@API@", "@OPS@"]
                .map(|at| {
                    format!(
                        "<img src='http://{at}/{OWN_LISTENER_MARK}'><img src='https://{at}/'>
                         <iframe src='http://{at}/{OWN_LISTENER_MARK}'></iframe>"
                    )
                })
                .concat(),
        )
        .never_asks(),
    ];
    for at in ["@API@", "@OPS@"] {
        let to = format!("http://{at}/{OWN_LISTENER_MARK}");
        rows.push(
            page(
                format!("redirect_to_{}", at.trim_matches('@').to_lowercase()),
                "",
            )
            .status(302)
            .header("Location", &to)
            .fails(BLOCKED)
            .never_asks(),
        );
    }
    rows.extend(SERVICES.map(|service| {
        page(format!("redirect_to_{service}"), "")
            .status(307)
            .header("Location", &format!("http://{service}/latest/meta-data/"))
            .fails(BLOCKED)
            .never_asks()
    }));
    rows
}

/// Where a picture from a neighbour comes from.
pub(crate) fn neighbours() -> impl Iterator<Item = SocketAddr> {
    let address = |text: &&str| Some(SocketAddr::new(text.parse().ok()?, 80));
    NEIGHBOURS.iter().filter_map(address)
}
