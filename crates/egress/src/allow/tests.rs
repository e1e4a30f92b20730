use proptest::prelude::*;

use super::*;

fn allow(list: &str) -> AllowList {
    list.parse().unwrap()
}

fn place(host: &str, port: u16) -> Destination {
    Destination::parse(host, port).unwrap()
}

fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

#[test]
fn it_is_empty_by_default() {
    for list in ["", " ", ",", " , ,"] {
        assert!(allow(list).is_empty(), "{list:?}");
    }
    assert_eq!(allow(""), AllowList::default());
}

#[test]
fn a_name_is_allowed_on_its_port_only() {
    let list = allow("Wiki.Corp:8080");
    assert!(list.allows_name(&place("wiki.corp", 8080)));
    assert!(list.allows_name(&place("WIKI.CORP.", 8080)));
    assert!(!list.allows_name(&place("wiki.corp", 80)));
    assert!(!list.allows_name(&place("x.wiki.corp", 8080)));
    assert!(!list.allows_address(ip("10.0.0.1"), 8080));
}

#[test]
fn an_address_is_allowed_on_its_port_only() {
    let list = allow("10.0.0.1:8080,[fd00::1]:9000");
    assert!(list.allows_address(ip("10.0.0.1"), 8080));
    assert!(!list.allows_address(ip("10.0.0.1"), 80));
    assert!(!list.allows_address(ip("10.0.0.2"), 8080));
    assert!(list.allows_address(ip("fd00::1"), 9000));
    assert!(list.opens_port(8080) && list.opens_port(9000) && !list.opens_port(8081));
}

#[test]
fn a_network_is_allowed_on_the_ports_of_the_web_unless_it_names_one() {
    let list = allow("10.0.0.0/8, fd00::/8 ,192.168.0.0/16:8080,[fe80::/10]:81");
    for port in [80, 443] {
        assert!(list.allows_address(ip("10.255.255.255"), port));
        assert!(list.allows_address(ip("fdff::1"), port));
        assert!(!list.allows_address(ip("192.168.1.1"), port));
    }
    assert!(!list.allows_address(ip("10.0.0.1"), 8080));
    assert!(!list.allows_address(ip("11.0.0.0"), 80));
    assert!(list.allows_address(ip("192.168.1.1"), 8080));
    assert!(list.allows_address(ip("fe80::1"), 81));
}

#[test]
fn an_ipv4_entry_does_not_cover_its_ipv6_embeddings() {
    let list = allow("10.0.0.0/8");
    assert!(!list.allows_address(ip("::ffff:10.0.0.1"), 80));
}

#[test]
fn an_error_names_the_entry() {
    for bad in [
        "example.com",
        "example.com:",
        "example.com:0",
        "example.com:65536",
        "example.com:http",
        "10.0.0.1",
        "::1",
        "[::1]",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "0x7f.1:80",
        "a b:80",
        "a;b:80",
        "http://a.com:80",
        "a.com:80/path",
        "*.a.com:80",
        "user@a.com:80",
        ":80",
        "10.0.0.1:0",
    ] {
        let error = format!("ok.com:80, {bad} ,10.0.0.0/8")
            .parse::<AllowList>()
            .unwrap_err();
        assert_eq!(error.entry, bad);
        assert!(error.to_string().contains(bad));
    }
}

#[test]
fn it_displays_as_it_is_written() {
    let written =
        "wiki.corp:8080,10.0.0.1:81,[fd00::1]:9000,10.0.0.0/8,10.0.0.0/8:81,[fd00::/8]:81";
    assert_eq!(allow(written).to_string(), written);
}

proptest! {
    #[test]
    fn parsing_never_panics_and_what_parses_survives_a_round_trip(list in "[a-z0-9.:/,\\[\\] ]{0,40}") {
        if let Ok(parsed) = list.parse::<AllowList>() {
            prop_assert_eq!(parsed.to_string().parse::<AllowList>(), Ok(parsed));
        }
    }
}
