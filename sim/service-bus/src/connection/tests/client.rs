//! A client over a pipe, which says exactly what a test wants.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, duplex, split};

use crate::amqp::{
    Attach, Begin, Decoder, Disposition, Error, Flow, Frame, FrameReader, Kind, Open, Outcome,
    Performative, ReadError, Role, Transfer, Value, encode, string, write_frame,
};
use crate::options::{Options, QueueSettings};
use crate::simulator::Simulator;

/// The name of the protocol.
pub const AMQP: &[u8] = b"AMQP\x00\x01\x00\x00";

pub struct Client {
    pub reader: FrameReader<ReadHalf<DuplexStream>>,
    pub writer: WriteHalf<DuplexStream>,
}

pub fn simulator() -> Simulator {
    Simulator::new(Options { queues: vec![QueueSettings::named("q")], ..Options::default() })
}

/// A connection on which nothing was said.
pub fn connect(simulator: &Simulator) -> Client {
    let (near, far) = duplex(4_096);
    let simulator = simulator.clone();
    tokio::spawn(async move { simulator.connection(far).await });
    let (reader, writer) = split(near);
    Client { reader: FrameReader::new(reader), writer }
}

/// A connection with a session.
pub async fn session(simulator: &Simulator, max_frame_bytes: u32) -> Client {
    let mut client = connect(simulator);
    client.writer.write_all(AMQP).await.unwrap();
    assert_eq!(client.reader.protocol().await.unwrap(), AMQP);
    let container_id = "test".to_owned();
    let open = Open { container_id, max_frame_bytes, channel_max: 0, idle_timeout_ms: None };
    client.say(&Performative::Open(open)).await;
    assert!(matches!(client.hear().await, Performative::Open(_)));
    client.begin(5_000).await;
    client
}

impl Client {
    pub async fn say(&mut self, performative: &Performative) {
        self.say_with(performative, &[]).await;
    }

    pub async fn say_with(&mut self, performative: &Performative, payload: &[u8]) {
        let mut out = BytesMut::new();
        write_frame(&mut out, Kind::Amqp, 0, Some(&performative.value()), payload);
        self.writer.write_all(&out).await.unwrap();
    }

    /// The next frame that is no heartbeat.
    pub async fn frame(&mut self) -> Result<Frame, ReadError> {
        loop {
            let frame = self.reader.frame().await?;
            if !frame.body.is_empty() {
                return Ok(frame);
            }
        }
    }

    pub async fn hear_with(&mut self) -> (Performative, Bytes) {
        let mut decoder = Decoder::new(self.frame().await.unwrap().body);
        let performative = Performative::decode(decoder.value().unwrap()).unwrap();
        (performative, decoder.rest().clone())
    }

    pub async fn hear(&mut self) -> Performative {
        self.hear_with().await.0
    }

    pub async fn begin(&mut self, incoming_window: u32) {
        let begin = Begin {
            remote_channel: None,
            next_outgoing_id: 0,
            incoming_window,
            outgoing_window: 5_000,
            handle_max: 10,
        };
        self.say(&Performative::Begin(begin)).await;
        assert!(matches!(self.hear().await, Performative::Begin(_)));
    }

    /// Attaches a link, and gives what is answered.
    pub async fn attach(&mut self, handle: u32, role: Role, address: &str) -> Attach {
        let node = |code| Value::described(code, Value::List(vec![string(address)]));
        let attach = Attach {
            name: format!("link-{handle}"),
            handle,
            role,
            sender_settles: None,
            receiver_settles: Some(1),
            source: node(0x28),
            target: node(0x29),
            initial_delivery_count: Some(0),
            max_message_bytes: None,
        };
        self.say(&Performative::Attach(attach)).await;
        let Performative::Attach(answer) = self.hear().await else { panic!("no attach") };
        answer
    }

    pub async fn sender(&mut self, handle: u32) {
        self.attach(handle, Role::Sender, "q").await;
        assert!(matches!(self.hear().await, Performative::Flow(_)));
    }

    pub async fn credit(&mut self, handle: u32, next_incoming_id: u32, window: u32, credit: u32) {
        self.flow(handle, next_incoming_id, window, credit, false).await;
    }

    pub async fn flow(&mut self, handle: u32, next: u32, window: u32, credit: u32, drain: bool) {
        let flow = Flow {
            next_incoming_id: Some(next),
            incoming_window: window,
            next_outgoing_id: 0,
            outgoing_window: 5_000,
            handle: Some(handle),
            delivery_count: Some(0),
            link_credit: Some(credit),
            drain,
            echo: false,
        };
        self.say(&Performative::Flow(flow)).await;
    }

    pub async fn transfer(&mut self, transfer: Transfer, payload: &[u8]) {
        self.say_with(&Performative::Transfer(transfer), payload).await;
    }

    /// Sends a message, and gives its outcome.
    pub async fn send(&mut self, handle: u32, id: u32, body: &[u8]) -> Outcome {
        self.transfer(piece(handle, id, false), &message(body)).await;
        self.outcome().await
    }

    pub async fn outcome(&mut self) -> Outcome {
        let Performative::Disposition(told) = self.hear().await else { panic!("no outcome") };
        assert!(told.settled);
        told.outcome.unwrap()
    }

    /// The next message: its delivery id and its bytes, from all its frames.
    pub async fn receive(&mut self) -> (u32, Vec<u8>) {
        let mut message = Vec::new();
        loop {
            let (performative, payload) = self.hear_with().await;
            let Performative::Transfer(transfer) = performative else {
                panic!("no transfer but {performative:?}")
            };
            message.extend_from_slice(&payload);
            if !transfer.more {
                return (transfer.delivery_id.unwrap(), message);
            }
        }
    }

    pub async fn settle(&mut self, id: u32, outcome: Outcome) -> Outcome {
        self.dispose(id, outcome).await;
        self.outcome().await
    }

    pub async fn dispose(&mut self, id: u32, outcome: Outcome) {
        let disposition = Disposition {
            role: Role::Receiver,
            first: id,
            last: id,
            settled: false,
            outcome: Some(outcome),
        };
        self.say(&Performative::Disposition(disposition)).await;
    }

    /// Why the connection is closed; nothing may come after that.
    pub async fn closed(&mut self) -> Error {
        loop {
            if let Performative::Close(error) = self.hear().await {
                assert!(matches!(self.frame().await, Err(ReadError::Gone)));
                return error.unwrap();
            }
        }
    }

    /// Why a link is detached.
    pub async fn detached(&mut self) -> Error {
        let Performative::Detach(detach) = self.hear().await else { panic!("no detach") };
        detach.error.unwrap()
    }
}

pub fn piece(handle: u32, id: u32, more: bool) -> Transfer {
    Transfer {
        handle,
        delivery_id: Some(id),
        delivery_tag: Value::Binary(Bytes::copy_from_slice(&id.to_be_bytes())),
        message_format: None,
        settled: false,
        more,
        aborted: false,
    }
}

pub fn message(body: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    encode(&Value::described(0x75, Value::Binary(Bytes::copy_from_slice(body))), &mut out);
    out
}

/// A client with a sender (0) and a receiver (1) at `q`, and one message, received.
pub async fn with_delivery(simulator: &Simulator) -> (Client, u32) {
    let mut client = session(simulator, 65_536).await;
    client.sender(0).await;
    client.attach(1, Role::Receiver, "q").await;
    assert_eq!(client.send(0, 0, b"a").await, Outcome::Accepted);
    client.credit(1, 1, 5_000, 10).await;
    let (id, _) = client.receive().await;
    (client, id)
}
