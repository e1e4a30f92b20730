use super::*;

fn judge(policy: &str, host: &str, port: u16) -> Result<(), BlockReason> {
    let policy: EgressPolicy = policy.parse().unwrap();
    policy.check_destination(&Destination::parse(host, port).unwrap())
}

#[test]
fn the_public_web_is_open() {
    for host in ["example.com", "93.184.216.34", "[2606:4700::1111]"] {
        for port in WEB_PORTS {
            assert_eq!(judge("", host, port), Ok(()), "{host}:{port}");
        }
    }
}

#[test]
fn other_ports_are_closed() {
    for port in [0, 1, 22, 25, 79, 81, 442, 444, 8080, 8443, 65535] {
        assert_eq!(judge("", "example.com", port), Err(BlockReason::Port));
        assert_eq!(judge("", "93.184.216.34", port), Err(BlockReason::Port));
    }
}

#[test]
fn private_places_are_closed() {
    assert_eq!(
        judge("", "127.1", 80),
        Err(BlockReason::Address("loopback (RFC 1122)"))
    );
    assert!(matches!(
        judge("", "[::1]", 80),
        Err(BlockReason::Address(_))
    ));
    assert_eq!(
        judge("", "localhost", 80),
        Err(BlockReason::PrivateDomain("localhost"))
    );
    assert_eq!(judge("", "wiki", 80), Err(BlockReason::SingleLabel));
    assert_eq!(judge("", "a;b.com", 80), Err(BlockReason::MalformedName));
}

#[test]
fn an_allowed_name_may_resolve_anywhere() {
    let policy: EgressPolicy = "localhost:9000".parse().unwrap();
    let allowed = Destination::parse("localhost", 9000).unwrap();
    assert_eq!(policy.check_destination(&allowed), Ok(()));
    assert_eq!(
        policy.check_address(&allowed, [127, 0, 0, 1].into()),
        Ok(())
    );
    let other = Destination::parse("rebind.example.com", 9000).unwrap();
    assert!(policy.check_address(&other, [127, 0, 0, 1].into()).is_err());
    assert!(judge("localhost:9000", "127.0.0.1", 9000).is_err());
}

#[test]
fn an_allowed_address_opens_its_port_for_names_that_resolve_to_it() {
    let policy: EgressPolicy = "10.0.0.1:8080".parse().unwrap();
    let name = Destination::parse("intra.example.com", 8080).unwrap();
    assert_eq!(policy.check_destination(&name), Ok(()));
    assert_eq!(policy.check_address(&name, [10, 0, 0, 1].into()), Ok(()));
    assert!(policy.check_address(&name, [10, 0, 0, 2].into()).is_err());
    // The open port is not opened for the public internet.
    assert_eq!(
        policy.check_address(&name, [93, 184, 216, 34].into()),
        Err(BlockReason::Port)
    );
}

#[test]
fn an_allowed_network_does_not_bring_private_names_with_it() {
    assert!(judge("127.0.0.0/8", "localhost", 80).is_err());
    assert_eq!(judge("127.0.0.0/8", "127.0.0.1", 80), Ok(()));
}

#[test]
fn it_tells_whether_there_are_exceptions() {
    assert!(EgressPolicy::default().is_public_only());
    let policy: EgressPolicy = "10.0.0.0/8".parse().unwrap();
    assert!(!policy.is_public_only());
    assert_eq!(policy.to_string(), "10.0.0.0/8");
}
