//! Every packet of the product's namespace, as the kernel hands it to a packet socket.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::Result;
use platen_tests::eventually;
use rustix::{
    net::{AddressFamily, RecvFlags, SocketType, eth, recv, socket, sockopt},
    thread::set_thread_res_uid,
};

use super::{exit, namespace::BROWSER_USER};

/// Packets wait in the kernel until they are read; what does not fit is lost.
const BUFFER_BYTES: usize = 64 << 20;

/// What is kept of a packet: enough for headers and the beginning of a request.
const SNAP_BYTES: usize = 512;

/// Where the suite's own packets go that show that the capture is awake.
const PROBE: IpAddr = IpAddr::V4(Ipv4Addr::new(45, 76, 1, 1));

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first packet of a TCP connection.
    Syn,
    /// TCP to a listener of the product's that does not come from its API's clients.
    Request,
    Udp,
    /// Anything else, by the number of its protocol.
    Other(u8),
}

/// A packet that left the product's machine, or went from one of its processes to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) kind: Kind,
    pub(crate) from: IpAddr,
    pub(crate) to: SocketAddr,
}

#[derive(Clone, Debug)]
pub(crate) struct Capture(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    seen: Mutex<Vec<Packet>>,
    /// The product's listeners, which only the suite itself may talk to.
    listeners: Mutex<Vec<SocketAddr>>,
}

impl Capture {
    pub(super) fn start() -> Result<Self> {
        let packets = socket(AddressFamily::PACKET, SocketType::DGRAM, Some(eth::ALL))?;
        // Beyond the usual limit, which takes a privilege of the machine's root.
        sockopt::set_socket_recv_buffer_size_force(&packets, BUFFER_BYTES)
            .or_else(|_| sockopt::set_socket_recv_buffer_size(&packets, BUFFER_BYTES))?;
        let capture = Self(Arc::default());
        let shared = Arc::clone(&capture.0);
        thread::spawn(move || shared.read(&packets));
        Ok(capture)
    }

    /// A marked or encrypted request to one of these is a packet of [`Kind::Request`].
    pub(crate) fn guard(&self, listener: SocketAddr) {
        lock(&self.0.listeners).push(listener);
    }

    /// All packets up to now: what was sent before this call has been seen when it returns.
    pub(crate) async fn packets(&self) -> Result<Vec<Packet>> {
        let probe = UdpSocket::bind((exit::PRODUCT[0], 0))?;
        let port = probe.local_addr()?.port();
        // To a port of its own, so that no earlier probe is taken for this one.
        probe.send_to(b"probe", (PROBE, port))?;
        let is_probe = |packet: &Packet| packet.to == SocketAddr::new(PROBE, port);
        eventually(
            "a packet is captured",
            Duration::from_secs(10),
            async || {
                let seen = lock(&self.0.seen).clone();
                Ok(seen.iter().any(is_probe).then_some(seen))
            },
        )
        .await
        .map(|seen| {
            seen.into_iter()
                .filter(|packet| packet.to.ip() != PROBE)
                .collect()
        })
    }
}

/// Sends a packet as the browser's user would, to show that it would be noticed.
pub(crate) fn send_as_the_browser(to: SocketAddr) -> Result<()> {
    let sent = thread::spawn(move || -> Result<()> {
        let user = rustix::process::Uid::from_raw(BROWSER_USER);
        // Of this thread alone, which ends with it.
        set_thread_res_uid(user, user, user)?;
        UdpSocket::bind("0.0.0.0:0")?.send_to(b"noticed?", to)?;
        Ok(())
    });
    sent.join()
        .unwrap_or_else(|_| anyhow::bail!("the sender panicked"))
}

impl Shared {
    fn read(&self, packets: &OwnedFd) {
        let mut buffer = vec![0; SNAP_BYTES];
        loop {
            match recv(packets, &mut buffer[..], RecvFlags::empty()) {
                Ok((bytes, _)) => {
                    let listeners = lock(&self.listeners);
                    if let Some(packet) = parse(&buffer[..bytes], &listeners) {
                        drop(listeners);
                        lock(&self.seen).push(packet);
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `None` for what the suite does not look at: packets to the product from outside, the middle of
/// connections, and what the kernel says to its neighbours unasked.
fn parse(bytes: &[u8], listeners: &[SocketAddr]) -> Option<Packet> {
    let (from, to, protocol, rest) = match bytes.first()? >> 4 {
        4 => v4(bytes)?,
        6 => v6(bytes)?,
        _ => return None,
    };
    if exit::PRODUCT.contains(&to) || exit::BROWSER.contains(&to) {
        return None;
    }
    let port = || Some(u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]));
    let packet = |kind, port| {
        Some(Packet {
            kind,
            from,
            to: SocketAddr::new(to, port),
        })
    };
    match protocol {
        6 => {
            let to_port = port()?;
            let (syn, ack) = (rest.get(13)? & 2 != 0, rest.get(13)? & 16 != 0);
            if syn && !ack {
                return packet(Kind::Syn, to_port);
            }
            let data = rest.get(usize::from(rest.get(12)? >> 4) * 4..)?;
            let guarded = listeners.contains(&SocketAddr::new(to, to_port));
            (guarded && is_foreign(data)).then(|| packet(Kind::Request, to_port))?
        }
        17 => packet(Kind::Udp, port()?),
        // Neighbour and router discovery, multicast listener reports: the kernel's own.
        58 if (130..=143).contains(rest.first()?) => None,
        0 if from.is_ipv6() => None,
        // What the kernel answers to packets that came too late.
        1 | 58 if matches!(to, IpAddr::V4(to) if to == super::NAME_SERVER) => None,
        other => packet(Kind::Other(other), 0),
    }
}

/// Bytes that the suite's own client does not send: the mark of a row, or the start of TLS.
fn is_foreign(data: &[u8]) -> bool {
    let mark = crate::rows::OWN_LISTENER_MARK.as_bytes();
    data.starts_with(&[0x16, 3]) || data.windows(mark.len()).any(|part| part == mark)
}

type Parsed<'a> = (IpAddr, IpAddr, u8, &'a [u8]);

fn v4(bytes: &[u8]) -> Option<Parsed<'_>> {
    let address = |at: usize| {
        let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(IpAddr::from(four))
    };
    let rest = bytes.get(usize::from(bytes.first()? & 15) * 4..)?;
    Some((address(12)?, address(16)?, *bytes.get(9)?, rest))
}

fn v6(bytes: &[u8]) -> Option<Parsed<'_>> {
    let address = |at: usize| {
        let sixteen: [u8; 16] = bytes.get(at..at + 16)?.try_into().ok()?;
        Some(IpAddr::from(Ipv6Addr::from(sixteen)))
    };
    Some((address(8)?, address(24)?, *bytes.get(6)?, bytes.get(40..)?))
}
