//! A name server that answers by script, and remembers what it was asked.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use tokio::net::UdpSocket;

use super::SITE;

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;
const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NO_SUCH_NAME: u8 = 3;

/// What is said about a name. Always with a time to live of nothing.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These addresses, each to the question for its family.
    Addresses(Vec<IpAddr>),
    /// Another name, followed by the addresses of that one.
    Alias(&'static str, Vec<IpAddr>),
    /// Another name, which has to be asked for.
    AliasAlone(&'static str),
    /// These IPv6 addresses; the question for IPv4 fails.
    HalfFailed(Vec<IpAddr>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Dns(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    script: HashMap<String, Vec<Answer>>,
    /// How often each question has come.
    turns: HashMap<(String, u16), usize>,
    asked: Vec<(String, IpAddr)>,
}

impl Dns {
    /// Answers the nth question for `name` with the nth of `answers`, later ones with the last.
    pub(crate) fn script(&self, name: &str, answers: Vec<Answer>) {
        self.state().script.insert(name.to_owned(), answers);
    }

    /// Every name that was asked for, and by which address.
    pub(crate) fn asked(&self) -> Vec<(String, IpAddr)> {
        self.state().asked.clone()
    }

    pub(super) async fn serve(&self, at: SocketAddr) -> Result<()> {
        let socket = UdpSocket::bind(at).await?;
        let dns = self.clone();
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((bytes, client)) = socket.recv_from(&mut packet).await {
                if let Some(answer) = dns.answer(&packet[..bytes], client.ip()) {
                    // A client that has gone needs no answer.
                    let _ = socket.send_to(&answer, client).await;
                }
            }
        });
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, query: &[u8], client: IpAddr) -> Option<Vec<u8>> {
        let (name, question_type, question) = question(query)?;
        let answer = self.state().next(&name, question_type, client);
        let (code, records) = match answer {
            None => (NO_SUCH_NAME, Vec::new()),
            Some(Answer::Alias(to, addresses)) => {
                let mut records = vec![record(Owner::Asked, CNAME, &wire(to))];
                records.extend(of_family(Owner::Other(to), &addresses, question_type));
                (NO_ERROR, records)
            }
            Some(Answer::AliasAlone(to)) => {
                (NO_ERROR, vec![record(Owner::Asked, CNAME, &wire(to))])
            }
            Some(Answer::HalfFailed(_)) if question_type == A => (SERVER_FAILURE, Vec::new()),
            Some(Answer::Addresses(addresses) | Answer::HalfFailed(addresses)) => {
                (NO_ERROR, of_family(Owner::Asked, &addresses, question_type))
            }
        };
        // RFC 1035, 4.1.1: an answer, recursion desired and available.
        let mut packet = query.get(..2)?.to_vec();
        packet.extend([
            0x81,
            0x80 | code,
            0,
            1,
            0,
            u8::try_from(records.len()).ok()?,
            0,
            0,
            0,
            0,
        ]);
        packet.extend(question);
        packet.extend(records.concat());
        Some(packet)
    }
}

impl State {
    fn next(&mut self, name: &str, question_type: u16, client: IpAddr) -> Option<Answer> {
        self.asked.push((name.to_owned(), client));
        let turn = self
            .turns
            .entry((name.to_owned(), question_type))
            .or_default();
        let now = *turn;
        *turn += 1;
        match self.script.get(name) {
            Some(answers) => answers.get(now).or(answers.last()).cloned(),
            None => crate::rows::address_of(name)
                .or_else(|| crate::rows::is_site(name).then_some(SITE))
                .map(|address| Answer::Addresses(vec![address])),
        }
    }
}

/// Name, type and bytes of the question.
fn question(query: &[u8]) -> Option<(String, u16, &[u8])> {
    let mut labels = Vec::new();
    let mut at = 12;
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
        at += length;
    }
    let question_type = u16::from_be_bytes([*query.get(at)?, *query.get(at + 1)?]);
    Some((labels.join("."), question_type, query.get(12..at + 4)?))
}

/// The name that a record is about.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Asked,
    Other(&'a str),
}

fn of_family(name: Owner<'_>, addresses: &[IpAddr], question_type: u16) -> Vec<Vec<u8>> {
    let of = |address: &IpAddr| match address {
        IpAddr::V4(address) if question_type == A => Some(record(name, A, &address.octets())),
        IpAddr::V6(address) if question_type == AAAA => Some(record(name, AAAA, &address.octets())),
        _ => None,
    };
    addresses.iter().filter_map(of).collect()
}

fn record(name: Owner<'_>, record_type: u16, data: &[u8]) -> Vec<u8> {
    // RFC 1035, 4.1.4: written once, in the question, which always begins at byte 12.
    let mut bytes = match name {
        Owner::Asked => vec![0xc0, 12],
        Owner::Other(name) => wire(name),
    };
    bytes.extend(record_type.to_be_bytes());
    // Class IN, to live for no time.
    bytes.extend([0, 1, 0, 0, 0, 0]);
    bytes.extend(u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
    bytes.extend(data);
    bytes
}

fn wire(name: &str) -> Vec<u8> {
    let label = |label: &str| {
        let mut bytes = vec![u8::try_from(label.len()).unwrap_or(0)];
        bytes.extend(label.bytes());
        bytes
    };
    let mut bytes: Vec<u8> = name.split('.').flat_map(label).collect();
    bytes.push(0);
    bytes
}
