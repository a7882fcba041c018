//! The same queue inside a web socket: the contract, faults, and peers that are no namespace.

use futures::future::join_all;
use mistnet_sim_service_bus::Fault;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;
use crate::queue::back_ends::service_bus::endpoint::Transport;
use crate::queue::back_ends::service_bus::stream::DialError;
use crate::queue::back_ends::service_bus::websocket;
use crate::queue::contract::{SOON, message, message_saying};

fn endpoint() -> Endpoint {
    Endpoint::service("contoso.servicebus.windows.net").over(Transport::WebSocket)
}

/// A way to the simulator by a web socket, without a network.
#[derive(Debug)]
struct WebPipe(Pipe);

#[async_trait]
impl Dial for WebPipe {
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError> {
        Ok(Box::new(websocket::open(self.0.dial().await?, &endpoint()).await?))
    }
}

struct Web(World);

impl Web {
    fn queue(&self) -> Arc<ServiceBusQueue> {
        self.0.queue_by(|simulator| WebPipe(Pipe::to(&simulator)))
    }
}

#[async_trait]
impl Subject for Web {
    async fn open(&self) -> Arc<dyn Queue> {
        self.queue()
    }

    async fn pass(&self, time: Duration) {
        sleep(time).await;
    }
}

contract!(Web(World::new()));

async fn survives(fault: Fault) {
    let web = Web(World::new());
    let queue = web.queue();
    join_all((0..100).map(|number| {
        let (queue, simulator) = (&queue, &web.0.simulator);
        async move {
            queue.send(&[message(&number.to_string())]).await.unwrap();
            if number % 30 == 7 {
                simulator.inject(fault);
            }
        }
    }))
    .await;
    let mut keys = std::collections::BTreeSet::new();
    while let Some(delivery) = queue.receive(contract::SETTINGS.lease_time * 2).await.unwrap() {
        if keys.len() == 50 {
            web.0.simulator.inject(fault);
        }
        keys.insert(delivery.key);
        // One that the fault took with it comes again.
        drop(queue.ack(delivery.lease).await);
    }
    assert_eq!(keys.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_web_socket_that_breaks_loses_nothing() {
    survives(Fault::DropConnections).await;
}

#[tokio::test(start_paused = true)]
async fn links_that_are_detached_inside_a_web_socket_lose_nothing() {
    survives(Fault::ForceDetach).await;
}

#[tokio::test(start_paused = true)]
async fn a_large_batch_passes_in_many_messages_of_the_web_socket() {
    let web = Web(World::new());
    let queue = web.queue();
    let body = "b".repeat(2_000);
    let messages: Vec<_> =
        (0..100).map(|number| message_saying(&number.to_string(), &body)).collect();
    queue.send(&messages).await.unwrap();
    for _ in 0..100 {
        let delivery = queue.receive(SOON).await.unwrap().expect("a message should be ready");
        assert_eq!(delivery.body.len(), body.len());
        queue.ack(delivery.lease).await.unwrap();
    }
}

/// Answers the request for an upgrade with these bytes.
async fn answered(answer: &'static str) -> DialError {
    let (ours, mut theirs) = tokio::io::duplex(4_096);
    let peer = tokio::spawn(async move {
        let mut request = vec![0; 4_096];
        let count = theirs.read(&mut request).await.unwrap();
        theirs.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    let error = websocket::open(ours, &endpoint()).await.unwrap_err();
    let request = peer.await.unwrap();
    assert!(request.starts_with("GET /$servicebus/websocket HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("Host: contoso.servicebus.windows.net:443\r\n"), "{request}");
    assert!(request.contains("Sec-WebSocket-Protocol: amqp\r\n"), "{request}");
    error
}

#[tokio::test]
async fn a_refused_web_socket_says_that_something_on_the_way_refuses_it() {
    for answer in
        ["HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nWelcome", "SSH-2.0\r\n"]
    {
        let error = answered(answer).await;
        assert!(matches!(error, DialError::WebSocket(_)), "{answer}: {error:?}");
        assert!(error.to_string().contains("proxy or firewall"), "{error}");
    }
}

#[tokio::test]
async fn a_gateway_that_is_overloaded_is_asked_again() {
    for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "HTTP/1.1 429 Slow\r\n\r\n", ""] {
        let error = answered(answer).await;
        assert!(matches!(error, DialError::Network(_)), "{answer}: {error:?}");
    }
}

/// A web socket whose other end says exactly these frames, and what the other end then hears.
async fn opened() -> (impl Stream, DuplexStream) {
    let (ours, mut theirs) = tokio::io::duplex(4_096);
    let open = tokio::spawn(async move { websocket::open(ours, &endpoint()).await.unwrap() });
    let mut request = vec![0; 4_096];
    let count = theirs.read(&mut request).await.unwrap();
    let request = String::from_utf8_lossy(&request[..count]).into_owned();
    let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: amqp\r\n\r\n"
    );
    theirs.write_all(answer.as_bytes()).await.unwrap();
    (open.await.unwrap(), theirs)
}

#[tokio::test]
async fn messages_are_one_stream_of_bytes_whatever_lies_between_them() {
    let (mut socket, mut peer) = opened().await;
    // "AM", a ping, nothing, "QP" in two pieces, a close.
    let frames = b"\x82\x02AM\x89\x02hi\x82\x00\x02\x01Q\x80\x01P\x88\x00";
    peer.write_all(frames).await.unwrap();
    let mut heard = Vec::new();
    socket.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"AMQP");
    let mut pong = [0; 8];
    peer.read_exact(&mut pong).await.unwrap();
    let unmasked = [pong[6] ^ pong[2], pong[7] ^ pong[3]];
    assert_eq!((pong[0], pong[1], &unmasked), (0x8a, 0x82, b"hi"));
}

#[tokio::test]
async fn a_text_is_no_amqp() {
    let (mut socket, mut peer) = opened().await;
    peer.write_all(b"\x81\x02hi").await.unwrap();
    let error = socket.read_to_end(&mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
}

#[tokio::test]
async fn an_end_without_a_close_is_an_end() {
    let (mut socket, mut peer) = opened().await;
    peer.write_all(b"\x82\x02AM").await.unwrap();
    drop(peer);
    let mut heard = Vec::new();
    socket.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"AM");
}

#[tokio::test]
async fn nothing_that_is_under_way_is_shown() {
    let (socket, _peer) = opened().await;
    assert_eq!(format!("{socket:?}"), "WebSocket");
}
