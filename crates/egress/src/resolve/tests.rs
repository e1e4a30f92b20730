use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;

use super::*;
use crate::testing::soon;

/// A name server on loopback that knows a few names and counts the questions.
struct NameServer {
    addr: SocketAddr,
    questions: Arc<AtomicUsize>,
}

/// Owner, data. The TTL is a day: only a cache would keep it.
fn zone() -> HashMap<Name, Vec<RData>> {
    let name = |name: &str| Name::from_ascii(name).unwrap();
    HashMap::from([
        (name("v4.com."), vec![RData::A(A::new(192, 0, 2, 1))]),
        (
            name("both.com."),
            vec![
                RData::A(A::new(192, 0, 2, 1)),
                RData::A(A::new(10, 0, 0, 1)),
                RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            ],
        ),
        (
            name("alias.com."),
            vec![RData::CNAME(CNAME(name("inside.corp.")))],
        ),
        (name("inside.corp."), vec![RData::A(A::new(10, 0, 0, 1))]),
    ])
}

fn answer(question: &[u8], zone: &HashMap<Name, Vec<RData>>) -> Vec<u8> {
    let question = Message::from_vec(question).unwrap();
    let query = question.queries[0].clone();
    let mut reply = Message::response(question.metadata.id, OpCode::Query);
    reply.metadata.recursion_available = true;
    let mut owner = query.name().clone();
    if owner.to_ascii() == "broken.com." {
        reply.metadata.response_code = ResponseCode::ServFail;
    } else if !zone.contains_key(&owner) {
        reply.metadata.response_code = ResponseCode::NXDomain;
    }
    while let Some(data) = zone.get(&owner) {
        let alias = data.iter().find_map(|data| match data {
            RData::CNAME(alias) => Some(alias.0.clone()),
            _ => None,
        });
        let wanted =
            |data: &&RData| [query.query_type(), RecordType::CNAME].contains(&data.record_type());
        for data in data.iter().filter(wanted) {
            reply.add_answer(Record::from_rdata(owner.clone(), 86_400, data.clone()));
        }
        let Some(next) = alias else { break };
        owner = next;
    }
    reply.add_query(query);
    reply.to_vec().unwrap()
}

async fn name_server() -> NameServer {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let questions = Arc::new(AtomicUsize::new(0));
    let server = NameServer {
        addr: socket.local_addr().unwrap(),
        questions: questions.clone(),
    };
    tokio::spawn(async move {
        let zone = zone();
        let mut buffer = [0; 1500];
        loop {
            let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
            questions.fetch_add(1, Ordering::SeqCst);
            socket
                .send_to(&answer(&buffer[..length], &zone), peer)
                .await
                .unwrap();
        }
    });
    server
}

fn resolver(server: &NameServer) -> SystemResolver {
    let mut connection = ConnectionConfig::udp();
    connection.port = server.addr.port();
    let server = NameServerConfig::new(server.addr.ip(), true, vec![connection]);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    SystemResolver::build(builder).unwrap()
}

async fn resolve(resolver: &SystemResolver, name: &str) -> Vec<String> {
    let mut found: Vec<_> = soon(resolver.resolve(name))
        .await
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn both_families_and_every_address_are_returned() {
    let server = name_server().await;
    let resolver = resolver(&server);
    assert_eq!(resolve(&resolver, "v4.com.").await, ["192.0.2.1"]);
    assert_eq!(
        resolve(&resolver, "both.com.").await,
        ["10.0.0.1", "192.0.2.1", "2001:db8::1"]
    );
}

#[tokio::test]
async fn aliases_are_followed_to_their_addresses() {
    let server = name_server().await;
    assert_eq!(
        resolve(&resolver(&server), "alias.com.").await,
        ["10.0.0.1"]
    );
}

#[tokio::test]
async fn nothing_is_remembered() {
    let server = name_server().await;
    let resolver = resolver(&server);
    resolve(&resolver, "both.com.").await;
    let first = server.questions.load(Ordering::SeqCst);
    resolve(&resolver, "both.com.").await;
    assert_eq!(server.questions.load(Ordering::SeqCst), 2 * first);
}

#[tokio::test]
async fn a_name_that_does_not_exist_has_no_address() {
    let server = name_server().await;
    let error = soon(resolver(&server).resolve("gone.com."))
        .await
        .unwrap_err();
    assert!(matches!(error, ResolveError::NoAddress), "{error:?}");
}

#[tokio::test]
async fn a_server_that_cannot_tell_is_a_failure() {
    let server = name_server().await;
    let error = soon(resolver(&server).resolve("broken.com."))
        .await
        .unwrap_err();
    assert!(matches!(error, ResolveError::Failed(_)), "{error:?}");
}
