//! The emulators come up, survive being killed, and go away.

use platen_peers::{Kind, Peer};
use tokio::net::TcpStream;

#[tokio::test]
async fn every_peer_starts_and_ends() {
    let starts = [Kind::Dynoxide, Kind::MiniStack, Kind::S3sFs, Kind::Moto].map(Peer::start);
    let [dynoxide, ministack, s3s_fs, moto] = starts;
    let (dynoxide, ministack, s3s_fs, moto) = tokio::join!(dynoxide, ministack, s3s_fs, moto);
    for peer in [dynoxide, ministack, s3s_fs, moto] {
        let mut peer = peer.unwrap();
        let address = peer.address();
        peer.restart().await.unwrap();
        assert!(TcpStream::connect(address).await.is_ok());
        peer.kill().await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
