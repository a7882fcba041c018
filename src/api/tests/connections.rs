//! Connections, on real sockets of this machine.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::serve;
use super::*;

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

struct Server {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<io::Result<()>>,
}

async fn server(service: &Service) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(service.face.clone(), listener, stop.clone()));
    Server { address, stop, served }
}

impl Server {
    async fn connect(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(&self, text: &str) -> String {
        rest(self.connect(text).await).await
    }

    async fn stop(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
    }
}

/// What comes until the server closes. A server that never does fails the test.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let ended = tokio::time::timeout(Duration::from_secs(20), read).await;
    // A reset is an end too.
    drop(ended.expect("the connection stays open"));
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn callers_who_never_end_their_header_have_to_go() {
    let limits = Limits { header_time: Duration::from_millis(100), ..Limits::default() };
    let service = Service::of(config(), limits);
    let server = server(&service).await;
    for beginning in ["", "GET", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: localhost\r\nx: "] {
        let stream = server.connect(beginning).await;
        let answer = rest(stream).await;
        assert!(!answer.contains("200 OK"), "{beginning}: {answer}");
    }
    let idle = HEALTH.replace("connection: close\r\n", "");
    assert!(server.ask(&idle).await.contains("200 OK"), "an idle connection ends too");
    server.stop().await;
}

#[tokio::test]
async fn silent_callers_do_not_keep_others_out() {
    let limits = Limits { connections: 4, ..Limits::default() };
    let service = Service::of(config(), limits);
    let server = server(&service).await;
    let mut silent = Vec::new();
    for _ in 0..12 {
        silent.push(server.connect("GET / HTT").await);
    }
    let healthy = tokio::time::timeout(Duration::from_secs(5), server.ask(HEALTH)).await;
    assert!(healthy.expect("a healthy caller waits").contains("200 OK"));
    let stopped = tokio::time::timeout(Duration::from_secs(5), server.stop()).await;
    stopped.expect("silent callers hold up the stop");
}

#[tokio::test]
async fn large_headers_are_refused() {
    let service = Service::new();
    let server = server(&service).await;
    let large = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "a".repeat(20_000));
    let answer = server.ask(&large).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let fine = HEALTH.replace("connection", &format!("x: {}\r\nconnection", "a".repeat(10_000)));
    assert!(server.ask(&fine).await.contains("200 OK"));
    server.stop().await;
}

#[tokio::test]
async fn a_stop_ends_streams_and_finishes_what_is_under_way() {
    let service = Service::new();
    let id = service.start().await;
    let server = server(&service).await;
    let watch = format!("GET /api/v1/collections/{id}/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let mut stream = server.connect(&watch).await;
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let address = server.address;
    server.stop().await;
    assert!(rest(stream).await.contains("event: overview"));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn other_machines_are_not_served_without_a_key() {
    let open = || TcpListener::bind("0.0.0.0:0");
    let refused = serve(Service::new().face, open().await.unwrap(), CancellationToken::new());
    assert!(refused.await.unwrap_err().to_string().contains("key"));
    let stop = CancellationToken::new();
    stop.cancel();
    serve(Service::with_key().face, open().await.unwrap(), stop).await.unwrap();
}
