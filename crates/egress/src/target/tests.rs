use proptest::prelude::*;
use url::Host;

use super::*;
use crate::address::special_purpose;

fn parse(input: &str) -> Result<TargetUrl, UrlRefusal> {
    TargetUrl::parse(input, &EgressPolicy::default())
}

fn is_invalid(input: &str) -> bool {
    matches!(parse(input), Err(UrlRefusal::Invalid(_)))
}

fn is_blocked(input: &str) -> bool {
    matches!(parse(input), Err(UrlRefusal::Blocked(_)))
}

#[test]
fn web_pages_pass_and_are_canonicalised() {
    for (input, canonical) in [
        ("https://example.com", "https://example.com/"),
        (
            "HTTP://EXAMPLE.COM:80/a/../b?q=1#part",
            "http://example.com/b?q=1#part",
        ),
        ("https://example.com:443/", "https://example.com/"),
        ("https://example.com:80/", "https://example.com:80/"),
        (
            "https://bücher.example.com/ü",
            "https://xn--bcher-kva.example.com/%C3%BC",
        ),
        ("https://example.com./", "https://example.com./"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        (
            "https://example.com/?path=a\\b@c",
            "https://example.com/?path=a\\b@c",
        ),
        ("https://example.com/@user", "https://example.com/@user"),
        (
            "https://example.com?u=https://user:pw@host",
            "https://example.com/?u=https://user:pw@host",
        ),
    ] {
        assert_eq!(parse(input).unwrap().as_str(), canonical, "{input}");
    }
}

#[test]
fn what_is_no_web_page_is_invalid() {
    for input in [
        "",
        "example.com",
        "example.com/page",
        "example.com:8080/page",
        "localhost:8080",
        "//example.com",
        "/page",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "file:\\\\host\\path",
        "\\\\host\\path",
        "chrome://settings",
        "devtools://devtools",
        "view-source:https://example.com",
        "data:text/html,x",
        "javascript:alert(1)",
        "blob:https://example.com/x",
        "about:blank",
        "filesystem:https://example.com/x",
        "ftp://example.com",
        "gopher://example.com",
        "dict://example.com",
        "jar:https://example.com!/",
        "ws://example.com",
        "wss://example.com",
    ] {
        assert!(is_invalid(input), "{input}: {:?}", parse(input));
    }
}

#[test]
fn spellings_that_parsers_disagree_about_are_invalid() {
    for input in [
        "http:example.com",
        "http:/example.com",
        "http:///example.com",
        "http:\\\\example.com",
        "http:/\\example.com",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/a\\b",
        "http://",
        "http://?q",
        "http:///",
        "http://#",
        "https://:80/",
        "https://user@example.com",
        "https://user:pw@example.com",
        "https://@example.com",
        "https://:@example.com",
        "https://example.com@127.0.0.1/",
        "https://a%40b@example.com/",
        "http://1.1.1.1 &@2.2.2.2#@3.3.3.3/",
        "http://exa mple.com/",
        " https://example.com",
        "https://example.com ",
        "https://example.com\n",
        "https://exam\tple.com",
        "https://example.com/\r\nHost: x",
        "https://example.com/\0",
        "https://example.com/\u{85}",
        "\u{feff}https://example.com",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://a..example.com/",
        "https://.example.com/",
        "https://a;b.example.com/",
        "https://xn--/",
        "https://xn--a.example.com/",
        "https://exa%00mple.com/",
        "https://999.1.1.1/",
        "https://1.2.3.4.5/",
    ] {
        assert!(is_invalid(input), "{input:?}: {:?}", parse(input));
    }
}

#[test]
fn addresses_are_judged_in_every_spelling() {
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7F000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "0",
        "0x",
        "00",
        "127.0.0.1.",
        "%3127.0.0.1",
        "%31%32%37.0.0.1",
        "127。0。0。1",
        "１２７.０.０.１",
        "①②⑦.⓪.⓪.①",
        "127.0.0.1",
        "10.1",
        "192.168.257",
        "169.254.169.254",
        "0xa9fea9fe",
        "2852039166",
        "0251.0376.0251.0376",
        "169.254.43518",
        "100.64.0.1",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]",
        "[100::1]",
        "[2001::1]",
        "[2001:db8::1]",
        "[2002:7f00:1::]",
        "[3fff::1]",
        "[5f00::1]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
    ] {
        assert!(
            is_blocked(&format!("http://{host}/")),
            "{host}: {:?}",
            parse(&format!("http://{host}/"))
        );
    }
}

#[test]
fn names_of_local_networks_are_blocked() {
    for host in [
        "localhost",
        "LOCALHOST.",
        "x.localhost",
        "ⓛocalhost",
        "local%68ost",
        "wiki",
        "wiki.",
        "com",
        "printer.local",
        "metadata.google.internal",
        "api.svc",
        "kubernetes.default.svc.cluster.local",
        "router.home.arpa",
        "nas.lan",
        "x.intranet",
        "x.corp",
        "x.home",
        "x.onion",
        "x.test",
        "x.invalid",
        "x.example",
    ] {
        assert!(
            is_blocked(&format!("https://{host}/")),
            "{host}: {:?}",
            parse(&format!("https://{host}/"))
        );
    }
}

#[test]
fn ports_of_other_services_are_blocked() {
    for port in [0, 22, 81, 8080, 8443] {
        assert!(is_blocked(&format!("https://example.com:{port}/")));
        assert!(is_blocked(&format!("http://93.184.216.34:{port}/")));
    }
}

#[test]
fn the_allow_list_opens_what_it_names() {
    let policy = "127.0.0.1:9000,wiki:8080".parse().unwrap();
    assert!(TargetUrl::parse("http://127.0.0.1:9000/", &policy).is_ok());
    assert!(TargetUrl::parse("http://0x7f.1:9000/", &policy).is_ok());
    assert!(TargetUrl::parse("http://wiki:8080/", &policy).is_ok());
    assert!(TargetUrl::parse("http://127.0.0.1:9001/", &policy).is_err());
    assert!(TargetUrl::parse("http://user@127.0.0.1:9000/", &policy).is_err());
}

#[test]
fn the_limit_is_2048_bytes_given_and_serialised() {
    let of = |bytes: usize| format!("https://example.com/{}", "a".repeat(bytes - 20));
    assert_eq!(parse(&of(2048)).unwrap().as_str().len(), 2048);
    assert_eq!(parse(&of(2049)), Err(InvalidUrl::TooLong.into()));
    // Shorter than the limit as given, longer once its umlauts are percent-encoded.
    let grows = format!("https://example.com/{}", "ü".repeat(1000));
    assert!(grows.len() < 2048);
    assert_eq!(parse(&grows), Err(InvalidUrl::TooLong.into()));
}

#[test]
fn every_refusal_says_what_to_do() {
    for input in [
        "",
        "x",
        "ftp://x",
        "https://u@x.com",
        "http://127.1",
        "https://x",
        "https://x.com:1",
    ] {
        let advice = parse(input).unwrap_err().advice();
        assert!(
            advice.ends_with('.') && advice.starts_with(char::is_uppercase),
            "{advice}"
        );
    }
}

#[test]
fn debug_hides_what_may_be_secret() {
    let shown = format!(
        "{:?}",
        parse("https://example.com/p?token=hush#hush").unwrap()
    );
    assert_eq!(shown, "TargetUrl(https://example.com/p?…)");
}

/// Whatever is accepted can be parsed again and still means a public place.
fn assert_public(accepted: &TargetUrl) -> Result<(), TestCaseError> {
    let again = Url::parse(accepted.as_str()).unwrap();
    prop_assert_eq!(again.as_str(), accepted.as_str());
    prop_assert!(matches!(again.scheme(), "http" | "https"));
    prop_assert!(again.username().is_empty() && again.password().is_none());
    match again.host() {
        Some(Host::Ipv4(address)) => prop_assert_eq!(special_purpose(address.into()), None),
        Some(Host::Ipv6(address)) => prop_assert_eq!(special_purpose(address.into()), None),
        Some(Host::Domain(name)) => {
            prop_assert!(name.contains('.') && name.parse::<std::net::IpAddr>().is_err());
            prop_assert!(!name.trim_end_matches('.').ends_with("localhost"));
        }
        None => prop_assert!(false, "no host"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_judged_without_panic(input in ".{0,80}") {
        if let Ok(accepted) = parse(&input) {
            assert_public(&accepted)?;
        }
    }

    #[test]
    fn any_authority_is_judged_without_panic(
        scheme in "(http|https|HTTP)",
        authority in "[a-z0-9.:@%\\[\\]\\\\xX①。-]{0,24}",
        rest in "[/?#@\\\\ a-z]{0,10}",
    ) {
        if let Ok(accepted) = parse(&format!("{scheme}://{authority}{rest}")) {
            assert_public(&accepted)?;
        }
    }

    /// What was accepted once is accepted again, and is the same then: what is kept can be sent.
    #[test]
    fn a_canonical_url_stays_as_it_is(
        host in "([a-zß-ü]{1,8}\\.){1,3}[a-zA-Z]{2,6}\\.?",
        path in "(/[a-zA-Z0-9ű%. ~'\"|^-]{0,8}){0,4}",
        query in "(\\?[ -~]{0,12})?(#[ -~ű]{0,8})?",
    ) {
        let input = format!("https://{host}{path}{query}");
        if let Ok(accepted) = parse(input.trim_end()) {
            assert_public(&accepted)?;
            prop_assert!(accepted.as_str().is_ascii());
            prop_assert_eq!(&parse(accepted.as_str()).unwrap(), &accepted);
        }
    }

    /// Case of scheme and host, and the port that is meant anyway, make no other page.
    #[test]
    fn spellings_of_one_url_are_one_url(
        host in "([a-z0-9]{1,8}\\.){1,3}(com|org|net)",
        path in "(/[a-zA-Z0-9._~-]{0,8}){0,4}",
        upper: bool,
        port: bool,
        tls: bool,
    ) {
        let (scheme, number) = if tls { ("https", 443) } else { ("http", 80) };
        let plain = format!("{scheme}://{host}{path}");
        let port = if port { format!(":{number}") } else { String::new() };
        let authority = format!("{scheme}://{host}");
        let authority = if upper { authority.to_uppercase() } else { authority };
        let other = format!("{authority}{port}{path}");
        prop_assert_eq!(parse(&other), parse(&plain), "{}", other);
    }

    #[test]
    fn any_spelling_of_an_ipv4_address_is_judged_as_the_address(bits: u32, spelling in 0..5) {
        let [a, b, c, d] = bits.to_be_bytes();
        let host = match spelling {
            0 => bits.to_string(),
            1 => format!("{bits:#x}"),
            2 => format!("{a:#x}.{}", bits & 0x00ff_ffff),
            3 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
            _ => format!("{a}.{b}.{c}.{d}."),
        };
        let public = special_purpose(std::net::Ipv4Addr::from(bits).into()).is_none();
        prop_assert_eq!(parse(&format!("http://{host}/")).is_ok(), public, "{}", host);
    }
}
