//! Names that lead to a forbidden place, one way or another.

use std::net::IpAddr;

use super::{Row, page};
use crate::net::{Answer, SITE, SITE_V6};

const BLOCKED: &str = "destination_blocked";

/// A private address that is no row's place.
const PRIVATE: &str = "10.64.0.1";

fn ip(text: &str) -> IpAddr {
    match text {
        "site" => SITE,
        "site v6" => SITE_V6,
        address => address.parse().unwrap_or(SITE),
    }
}

fn addresses(list: &[&str]) -> Answer {
    Answer::Addresses(list.iter().copied().map(ip).collect())
}

/// A page of a host whose name is answered so.
fn at(name: &str, body: &str, answers: Vec<Answer>) -> Row {
    let host = format!("{}.example.com", name.replace('_', "-"));
    let mut row = page(name, body).never_asks();
    row.names = vec![(host.clone(), answers)];
    row.host = Some(host);
    row
}

/// A name that a resolver is led on to.
fn with_name(mut row: Row, name: &str, answers: Vec<Answer>) -> Row {
    row.names.push((name.to_owned(), answers));
    row
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        ("name_of_a_private_address", PRIVATE),
        ("name_of_loopback", "127.0.0.1"),
        ("name_of_this_host", "0.0.0.0"),
        ("name_of_the_metadata_service", "169.254.169.254"),
        ("name_of_a_shared_address", "100.64.0.1"),
        ("name_of_a_reserved_address", "240.0.0.1"),
        ("name_of_broadcast", "255.255.255.255"),
        ("name_of_multicast", "224.0.0.251"),
        ("name_of_loopback_v6", "::1"),
        ("name_of_nothing_v6", "::"),
        ("name_of_the_metadata_service_v6", "fd00:ec2::254"),
        ("name_of_a_mapped_address", "::ffff:10.64.0.1"),
        ("name_of_a_translated_address", "64:ff9b::10.64.0.1"),
        ("name_of_a_6to4_address", "2002:a40:1::1"),
        ("name_of_a_link_local_address", "fe80::1"),
        ("name_of_a_site_local_address", "fec0::1"),
    ]
    .into_iter()
    .map(|(name, address)| at(name, "", vec![addresses(&[address])]).fails(BLOCKED))
    .collect();

    let many: Vec<IpAddr> = std::iter::repeat_n(SITE, 12).chain([ip(PRIVATE)]).collect();
    rows.extend(
        [
            at("mixed_answers", "", vec![addresses(&["site", PRIVATE])]),
            at(
                "mixed_answers_turned_round",
                "",
                vec![addresses(&[PRIVATE, "site"])],
            ),
            at(
                "mixed_answers_of_both_families",
                "",
                vec![addresses(&["site", "fd00:ec2::254"])],
            ),
            at(
                "mixed_answers_with_public_v6",
                "",
                vec![addresses(&["site v6", "127.0.0.1"])],
            ),
            at(
                "mixed_answers_beyond_those_dialled",
                "",
                vec![Answer::Addresses(many)],
            ),
            at(
                "answers_of_which_half_failed",
                "",
                vec![Answer::HalfFailed(vec![ip("fd00:ec2::254")])],
            ),
            with_name(
                at(
                    "alias_of_an_internal_name",
                    "",
                    vec![Answer::Alias(
                        "metadata.google.internal",
                        vec![ip("169.254.169.254")],
                    )],
                ),
                "metadata.google.internal",
                vec![addresses(&["169.254.169.254"])],
            ),
            with_name(
                at(
                    "alias_to_be_followed",
                    "",
                    vec![Answer::AliasAlone("inside.example.net")],
                ),
                "inside.example.net",
                vec![addresses(&[PRIVATE])],
            ),
            with_name(
                with_name(
                    at(
                        "alias_of_an_alias",
                        "",
                        vec![Answer::AliasAlone("one.example.net")],
                    ),
                    "one.example.net",
                    vec![Answer::AliasAlone("two.example.net")],
                ),
                "two.example.net",
                vec![addresses(&["site", "192.168.0.1"])],
            ),
            at(
                "name_that_becomes_public_later",
                "",
                vec![addresses(&[PRIVATE]), addresses(&["site"])],
            ),
            // The page comes from a public address; so does nothing that it asks for afterwards.
            at(
                "rebinding_before_a_navigation",
                "<script>location = '/again'</script>",
                vec![addresses(&["site"]), addresses(&[PRIVATE])],
            ),
            at(
                "rebinding_before_a_refresh",
                "<meta http-equiv=refresh content='0; url=/again'>",
                vec![addresses(&["site"]), addresses(&["127.0.0.1"])],
            ),
            at("name_in_the_hosts_file", "", Vec::new()),
        ]
        .map(|row| row.fails(BLOCKED)),
    );
    // The product's copy of the machine's `hosts` has it; no one is asked.
    if let Some(row) = rows.last_mut() {
        row.host = Some("in-hosts.example.com".to_owned());
        row.names = Vec::new();
    }
    rows.extend([
        at(
            "rebinding_before_a_picture",
            "<img src='/a.png'><script>fetch('/b')</script>",
            vec![addresses(&["site"]), addresses(&[PRIVATE])],
        ),
        // A second look-up for the first connection would lead inside.
        at(
            "one_look_up_for_a_connection",
            "",
            vec![addresses(&["site"]), addresses(&[PRIVATE])],
        ),
        at("site_by_ipv6_alone", "", vec![addresses(&["site v6"])]),
        at("no_such_name", "", vec![addresses(&[])]).fails("dns_failure"),
        page(
            "local_names",
            LOCAL_NAMES
                .map(|name| format!("<img src='http://{name}/'>"))
                .concat(),
        )
        .never_asks(),
    ]);
    rows.extend(LOCAL_NAMES.map(|name| {
        page(format!("redirect_to_{name}"), "")
            .status(302)
            .header("Location", &format!("http://{name}/"))
            .fails(BLOCKED)
            .never_asks()
    }));
    rows
}

/// Names that are for no name server to answer.
const LOCAL_NAMES: [&str; 9] = [
    "localhost",
    "LOCALHOST.",
    "x.localhost",
    "wiki",
    "printer.local",
    "db.internal",
    "kubernetes.default.svc",
    "a.svc.cluster.local",
    "metadata.google.internal",
];
