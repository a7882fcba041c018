//! Connections, on real sockets of this machine.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::{serve, serve_health};
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

/// What strangers do with a connection that they do not give back.
fn hostile_kinds(id: &CollectionId) -> [(&'static str, String); 6] {
    let post = "POST /search/ HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000\r\n\r\n{";
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    [
        ("silence", String::new()),
        ("half a header", "GET / HTTP/1.1\r\nhost: localhost\r\nx: ".into()),
        ("a body that does not come", post.into()),
        ("kept alive", get("/healthz")),
        ("pipelined", get("/healthz").repeat(50)),
        ("an unread answer", get(&format!("/api/v1/collections/{id}/files"))),
    ]
}

#[tokio::test]
async fn a_newcomer_is_served_whatever_others_do_with_their_connections() {
    let limits = Limits { connections: 4, ..Limits::default() };
    for service in [Service::of(config(), limits), with_key(limits)] {
        let id = start(&service).await;
        let server = server(&service).await;
        for (kind, text) in hostile_kinds(&id) {
            let mut held = Vec::new();
            for _ in 0..10 {
                held.push(server.connect(&text).await);
            }
            let healthy = tokio::time::timeout(Duration::from_secs(5), server.ask(HEALTH)).await;
            assert!(healthy.unwrap_or_else(|_| panic!("{kind}: it waits")).contains("200 OK"));
        }
        server.stop().await;
    }
}

#[tokio::test]
async fn who_shows_a_key_keeps_the_connection_whatever_strangers_do() {
    let limits = Limits { connections: 8, ..Limits::default() };
    let service = with_key(limits);
    let id = start(&service).await;
    let server = server(&service).await;
    let key = format!("host: localhost\r\nx-api-key: {KEY}\r\n\r\n");
    let events = format!("GET /api/v1/collections/{id}/events HTTP/1.1\r\n{key}");
    let mut stream = server.connect(&events).await;
    let mut idle = server.connect(&format!("GET /healthz HTTP/1.1\r\n{key}")).await;
    read_to(&mut stream, "queued").await;
    read_to(&mut idle, "\"ok\"").await;
    for (_, text) in hostile_kinds(&id) {
        for _ in 0..20 {
            drop(server.connect(&text).await);
            let _held = server.connect(&text).await;
        }
    }
    service.face.app.intervene(&id, crate::model::record::ControlAction::Pause).await.unwrap();
    read_to(&mut stream, "paused").await;
    idle.write_all(format!("GET /healthz HTTP/1.1\r\n{key}").as_bytes()).await.unwrap();
    read_to(&mut idle, "\"ok\"").await;
    drop((stream, idle));
    server.stop().await;
}

#[tokio::test]
async fn health_checks_alone_need_no_key_on_any_address() {
    let service = Service::with_key();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let address =
        std::net::SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
    let stop = CancellationToken::new();
    let health = serve_health(service.face.clone(), listener, stop.clone());
    let server = Server { address, stop, served: tokio::spawn(health) };
    for (path, status) in [
        ("/healthz", "200"),
        ("/readyz", "200"),
        ("/", "404"),
        ("/metrics", "404"),
        ("/docs/", "404"),
        ("/openapi.json", "404"),
        ("/api/v1/collections", "404"),
    ] {
        let text = HEALTH.replace("/healthz", path).replace("localhost", "10.0.0.7:9000");
        let answer = server.ask(&text).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        assert!(!answer.contains("canary"), "{path}: {answer}");
    }
    server.stop().await;
}

fn with_key(limits: Limits) -> Service {
    Service::of(Service::with_key().face.app.config().clone(), limits)
}

/// Starts a collection, with the key if the service has one.
async fn start(service: &Service) -> CollectionId {
    let request = to("POST", "/api/v1/collections").header("x-api-key", KEY);
    let body = Body::from(r##"{"hashtag": "#rustlang"}"##);
    let answer = service.send(request.body(body).unwrap()).await.json();
    answer["collection"].as_str().unwrap().parse().unwrap()
}

/// Reads until `done` has come.
async fn read_to(stream: &mut TcpStream, done: &str) {
    let (mut text, mut piece) = (String::new(), [0; 4096]);
    while !text.contains(done) {
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut piece)).await;
        let read = read.expect("nothing comes").expect("the connection is reset");
        assert!(read > 0, "the connection ended after {text}");
        text.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
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
