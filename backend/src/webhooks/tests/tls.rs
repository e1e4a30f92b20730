//! Receivers behind TLS.

use std::sync::Arc;

use platen_api_types::{Delivery, DeliveryError, DeliveryStatus};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig, crypto,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use super::{create, logged, run};
use crate::http::testing::{Settings, TestApp};

/// A receiver with a certificate that it signed itself; it takes everything.
async fn receiver(host: &str) -> (String, CertificateDer<'static>) {
    let own = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let certificate = own.cert.der().clone();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever does not trust the certificate goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut start = [0; 5];
            stream.read_exact(&mut start).await.unwrap();
            assert_eq!(&start, b"POST ");
            let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    });
    (format!("{host}:{port}"), certificate)
}

async fn outcome(certified_for: &str, called_as: &str, is_trusted: bool) -> Delivery {
    let (authority, certificate) = receiver(certified_for).await;
    let authority = authority.replace(certified_for, called_as);
    let mut roots = RootCertStore::empty();
    if is_trusted {
        roots.add(certificate).unwrap();
    }
    let app = TestApp::with(Settings {
        egress_allow: authority.clone(),
        roots,
        ..Settings::default()
    })
    .await;
    let ada = app.user("ada").await;
    let created = create(&app, &ada, &format!("https://{authority}/hooks")).await;
    let _running = run(&app);
    app.failed(&ada).await;
    let tried = |delivery: &Delivery| delivery.last_attempt_at.is_some();
    logged(&app, &ada, &created, tried).await
}

#[tokio::test]
async fn a_receiver_with_a_trusted_certificate_is_told() {
    let delivery = outcome("hooks.example.com", "hooks.example.com", true).await;
    assert_eq!(delivery.status, DeliveryStatus::Delivered);
    assert_eq!(delivery.response_status, Some(202));
}

#[tokio::test]
async fn a_certificate_of_nobody_known_or_for_another_name_is_not_trusted() {
    for (called_as, is_trusted) in [("hooks.example.com", false), ("other.example.com", true)] {
        let delivery = outcome("hooks.example.com", called_as, is_trusted).await;
        assert_eq!(delivery.error, Some(DeliveryError::TlsError), "{called_as}");
        assert_eq!(delivery.response_status, None);
    }
}
