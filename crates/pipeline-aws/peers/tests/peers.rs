//! Peers come up, survive being killed, and go away.

use futures::future::join_all;
use platen_peers::{Kind, Peer};
use tokio::net::TcpStream;

#[tokio::test]
async fn every_peer_starts_and_ends() {
    let kinds = [
        Kind::Dynoxide,
        Kind::MiniStack,
        Kind::S3sFs,
        Kind::Moto,
        Kind::PostgreSql,
        Kind::MariaDb,
    ];
    for peer in join_all(kinds.map(Peer::start)).await {
        let mut peer = peer.unwrap();
        let address = peer.address();
        peer.restart().await.unwrap();
        assert!(TcpStream::connect(address).await.is_ok());
        peer.kill().await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
