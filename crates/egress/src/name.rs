//! Host names that never mean a site on the public internet.
//!
//! A name outside this list may still resolve to a private address; the proxy looks at every
//! answer. This list refuses early, with a better message and no DNS query that would tell the
//! local network's resolver what a page asked for.

/// Domains refused together with everything under them.
///
/// Sources: IANA's Special-Use Domain Names registry (RFC 6761) with its entries `alt` (RFC 9476),
/// `arpa` subdomains, `example`, `invalid`, `local` (RFC 6762), `localhost`, `onion` (RFC 7686) and
/// `test`; ICANN's reservation of `internal` and its refusal to delegate `corp`, `home` and `mail`;
/// RFC 6762, appendix G, for other names in private use; `svc` and `localdomain` from what
/// Kubernetes and Linux hand out.
/// `example.com` and its siblings are real sites and stay reachable.
const PRIVATE_DOMAINS: [&str; 17] = [
    "alt",
    "arpa",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "svc",
    "test",
];

/// Why a host name cannot be looked up on the public internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameProblem {
    /// Not a name that DNS can hold: an empty or overlong label, or foreign characters.
    Malformed,
    /// One label only: completed by the local network's search list, never by the public DNS.
    SingleLabel,
    /// In a domain kept for local networks; holds that domain.
    PrivateDomain(&'static str),
}

/// Looks at a name as the URL standard serialises it: lower case, punycode. One trailing dot is
/// part of DNS' syntax and changes nothing.
pub(crate) fn check(name: &str) -> Result<(), NameProblem> {
    let name = relative(name);
    if !is_dns_name(name) {
        return Err(NameProblem::Malformed);
    }
    let private = PRIVATE_DOMAINS.iter().find(|domain| {
        name.strip_suffix(**domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    match private {
        Some(domain) => Err(NameProblem::PrivateDomain(domain)),
        None if name.contains('.') => Ok(()),
        None => Err(NameProblem::SingleLabel),
    }
}

/// The name without the dot that marks it as fully qualified.
pub(crate) fn relative(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// RFC 1035, 2.3.4, with the underscore that real host names carry.
pub(crate) fn is_dns_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_public_internet_pass() {
        for name in [
            "example.com",
            "www.example.com.",
            "a_b.example.org",
            "xn--bcher-kva.example.net",
            "local.example.com",
            "mylocalhost.com",
            "notlocal.dev",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn private_domains_are_refused_with_all_below_them() {
        for domain in PRIVATE_DOMAINS {
            for name in [
                domain.to_owned(),
                format!("a.b.{domain}"),
                format!("a.{domain}."),
            ] {
                assert_eq!(
                    check(&name),
                    Err(NameProblem::PrivateDomain(domain)),
                    "{name}"
                );
            }
        }
        for name in [
            "metadata.google.internal",
            "a.svc.cluster.local",
            "printer.home.arpa",
        ] {
            assert!(
                matches!(check(name), Err(NameProblem::PrivateDomain(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn single_labels_are_refused() {
        for name in ["wiki", "wiki.", "com", "kubernetes"] {
            assert_eq!(check(name), Err(NameProblem::SingleLabel), "{name}");
        }
    }

    #[test]
    fn what_dns_cannot_hold_is_refused() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "a.".repeat(126));
        for name in [
            "",
            ".",
            "a..com",
            "a.com..",
            ".a.com",
            "a;b.com",
            "a b.com",
            "a*.com",
            &long_label,
            &long_name,
        ] {
            assert_eq!(check(name), Err(NameProblem::Malformed), "{name}");
        }
        assert_eq!(check(&format!("{}.com", "a".repeat(63))), Ok(()));
    }
}
