//! The way over the network by itself: ports, certificates, web sockets over TLS.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use mistnet_sim_service_bus::Tls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;
use crate::queue::back_ends::service_bus::dial::Network;
use crate::queue::back_ends::service_bus::endpoint::{Security, Transport};
use crate::queue::contract::{SOON, message};

/// A certificate authority that no operating system knows.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, "an authority of this test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let text = BASE64_STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n").into_bytes()
}

/// A certificate for `name`.
fn certificate(name: &str, authority: &CertifiedIssuer<'static, KeyPair>) -> Tls {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let leaf = params.signed_by(&key, authority).unwrap();
    let (leaf, key) = (pem("CERTIFICATE", leaf.der()), pem("PRIVATE KEY", &key.serialize_der()));
    Tls::from_pem(&leaf, &key).unwrap()
}

/// A namespace that serves TLS, and where it is.
async fn namespace(tls: Tls, transport: Transport) -> (Simulator, Endpoint) {
    let mut queue = QueueSettings::named("q");
    queue.max_delivery = MAX_DELIVERY_COUNT;
    let options = Options {
        queues: vec![queue],
        keys: Some((POLICY.to_owned(), KEY.to_owned())),
        tls: Some(tls),
        ..Options::default()
    };
    let simulator = Simulator::new(options);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = Some(listener.local_addr().unwrap().port());
    let serving = simulator.clone();
    tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
    let endpoint = Endpoint { port, ..Endpoint::service("localhost").over(transport) };
    (simulator, endpoint)
}

fn queue(endpoint: Endpoint, extra_roots: Vec<CertificateDer<'static>>) -> ServiceBusQueue {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let namespace = Namespace {
        dial: Arc::new(Network::to(endpoint.clone()).trusting(extra_roots)),
        endpoint,
        tokens: Arc::new(SharedAccessTokens::new(World::access(), clock.clone())),
    };
    ServiceBusQueue::new("q", namespace, "q", contract::SETTINGS, 0, clock)
}

async fn works_over(transport: Transport) {
    let authority = authority();
    let (simulator, endpoint) = namespace(certificate("localhost", &authority), transport).await;
    let queue = queue(endpoint, vec![authority.der().clone()]);
    queue.send(&[message("a")]).await.unwrap();
    let delivery = queue.receive(SOON).await.unwrap().expect("a message should be ready");
    assert_eq!(delivery.key, "a");
    queue.ack(delivery.lease).await.unwrap();
    assert_eq!(simulator.counts("q").unwrap().active, 0);
}

#[tokio::test]
async fn tls_works_with_an_authority_that_is_trusted() {
    works_over(Transport::Tcp).await;
}

#[tokio::test]
async fn a_web_socket_works_inside_tls() {
    works_over(Transport::WebSocket).await;
}

/// What sending to it ends with; whatever it is, nothing was sent.
async fn refusal(endpoint: Endpoint, roots: Vec<CertificateDer<'static>>) -> QueueError {
    queue(endpoint, roots).send(&[message("a")]).await.unwrap_err()
}

#[tokio::test]
async fn an_authority_that_nobody_knows_is_refused_with_the_next_step() {
    for transport in [Transport::Tcp, Transport::WebSocket] {
        let authority = authority();
        let (simulator, endpoint) =
            namespace(certificate("localhost", &authority), transport).await;
        let error = refusal(endpoint, Vec::new()).await;
        assert!(matches!(error, QueueError::Rejected { .. }), "{error}");
        let error = error.to_string();
        assert!(error.contains("certificate") && error.contains("SSL_CERT_FILE"), "{error}");
        assert_eq!(simulator.counts("q").unwrap().active, 0);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = authority();
    let (_, endpoint) = namespace(certificate("elsewhere", &authority), Transport::Tcp).await;
    let error = refusal(endpoint, vec![authority.der().clone()]).await;
    assert!(matches!(error, QueueError::Rejected { .. }), "{error}");
    assert!(error.to_string().contains("elsewhere"), "{error}");
}

#[tokio::test]
async fn a_port_that_refuses_names_the_way_around() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = Some(listener.local_addr().unwrap().port());
    drop(listener);
    let endpoint = Endpoint { port, ..Endpoint::service("localhost") };
    let error = refusal(endpoint.clone(), Vec::new()).await;
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error}");
    let way = "MISTNET_SERVICEBUS_TRANSPORT=websocket";
    assert!(error.to_string().contains(way), "{error}");
    for endpoint in [
        endpoint.clone().over(Transport::WebSocket),
        Endpoint { security: Security::Clear, ..endpoint },
    ] {
        let error = refusal(endpoint, Vec::new()).await;
        assert!(!error.to_string().contains(way), "{error}");
    }
}

#[tokio::test]
async fn a_firewall_that_cuts_tls_off_names_the_way_around() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = Some(listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream);
        }
    });
    let error = refusal(Endpoint { port, ..Endpoint::service("localhost") }, Vec::new()).await;
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("MISTNET_SERVICEBUS_TRANSPORT=websocket"), "{error}");
}
