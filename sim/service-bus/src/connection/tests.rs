//! Connections over a pipe, under paused time, by a client that says exactly what a test wants.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::time::{Instant, timeout};

use super::super::amqp::{
    Attach, Begin, Decoder, Detach, Disposition, Error, Flow, Frame, FrameReader, Kind, Open,
    Outcome, Performative, ReadError, Role, Transfer, Value, encode, string, write_frame,
};
use super::super::{Fault, Options, QueueSettings, Simulator};

const AMQP: &[u8] = b"AMQP\x00\x01\x00\x00";

struct Client {
    reader: FrameReader<ReadHalf<DuplexStream>>,
    writer: WriteHalf<DuplexStream>,
}

fn simulator() -> Simulator {
    Simulator::new(Options { queues: vec![QueueSettings::named("q")], ..Options::default() })
}

/// A connection on which nothing was said.
fn connect(simulator: &Simulator) -> Client {
    let (near, far) = duplex(4_096);
    let simulator = simulator.clone();
    tokio::spawn(async move { simulator.connection(far).await });
    let (reader, writer) = split(near);
    Client { reader: FrameReader::new(reader), writer }
}

/// A connection with a session.
async fn session(simulator: &Simulator, max_frame_bytes: u32) -> Client {
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
    async fn say(&mut self, performative: &Performative) {
        self.say_with(performative, &[]).await;
    }

    async fn say_with(&mut self, performative: &Performative, payload: &[u8]) {
        let mut out = BytesMut::new();
        write_frame(&mut out, Kind::Amqp, 0, Some(&performative.value()), payload);
        self.writer.write_all(&out).await.unwrap();
    }

    /// The next frame that is no heartbeat.
    async fn frame(&mut self) -> Result<Frame, ReadError> {
        loop {
            let frame = self.reader.frame().await?;
            if !frame.body.is_empty() {
                return Ok(frame);
            }
        }
    }

    async fn hear_with(&mut self) -> (Performative, Bytes) {
        let mut decoder = Decoder::new(self.frame().await.unwrap().body);
        let performative = Performative::decode(decoder.value().unwrap()).unwrap();
        (performative, decoder.rest().clone())
    }

    async fn hear(&mut self) -> Performative {
        self.hear_with().await.0
    }

    async fn begin(&mut self, incoming_window: u32) {
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
    async fn attach(&mut self, handle: u32, role: Role, address: &str) -> Attach {
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

    async fn sender(&mut self, handle: u32) {
        self.attach(handle, Role::Sender, "q").await;
        assert!(matches!(self.hear().await, Performative::Flow(_)));
    }

    async fn credit(&mut self, handle: u32, next_incoming_id: u32, window: u32, credit: u32) {
        self.flow(handle, next_incoming_id, window, credit, false).await;
    }

    async fn flow(&mut self, handle: u32, next: u32, window: u32, credit: u32, drain: bool) {
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

    async fn transfer(&mut self, transfer: Transfer, payload: &[u8]) {
        self.say_with(&Performative::Transfer(transfer), payload).await;
    }

    /// Sends a message, and gives its outcome.
    async fn send(&mut self, handle: u32, id: u32, body: &[u8]) -> Outcome {
        self.transfer(piece(handle, id, false), &message(body)).await;
        self.outcome().await
    }

    async fn outcome(&mut self) -> Outcome {
        let Performative::Disposition(told) = self.hear().await else { panic!("no outcome") };
        assert!(told.settled);
        told.outcome.unwrap()
    }

    /// The next message: its delivery id and its bytes, from all its frames.
    async fn receive(&mut self) -> (u32, Vec<u8>) {
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

    async fn settle(&mut self, id: u32, outcome: Outcome) -> Outcome {
        self.dispose(id, outcome).await;
        self.outcome().await
    }

    async fn dispose(&mut self, id: u32, outcome: Outcome) {
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
    async fn closed(&mut self) -> Error {
        loop {
            if let Performative::Close(error) = self.hear().await {
                assert!(matches!(self.frame().await, Err(ReadError::Gone)));
                return error.unwrap();
            }
        }
    }

    /// Why a link is detached.
    async fn detached(&mut self) -> Error {
        let Performative::Detach(detach) = self.hear().await else { panic!("no detach") };
        detach.error.unwrap()
    }
}

fn piece(handle: u32, id: u32, more: bool) -> Transfer {
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

fn message(body: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    encode(&Value::described(0x75, Value::Binary(Bytes::copy_from_slice(body))), &mut out);
    out
}

/// A client with a sender (0) and a receiver (1) at `q`, and one message, received.
async fn with_delivery(simulator: &Simulator) -> (Client, u32) {
    let mut client = session(simulator, 65_536).await;
    client.sender(0).await;
    client.attach(1, Role::Receiver, "q").await;
    assert_eq!(client.send(0, 0, b"a").await, Outcome::Accepted);
    client.credit(1, 1, 5_000, 10).await;
    let (id, _) = client.receive().await;
    (client, id)
}

#[tokio::test(start_paused = true)]
async fn a_message_goes_in_and_out_and_is_completed() {
    let simulator = simulator();
    let (mut client, id) = with_delivery(&simulator).await;
    assert_eq!(simulator.counts("q").unwrap().locked, 1);
    assert_eq!(client.settle(id, Outcome::Accepted).await, Outcome::Accepted);
    assert_eq!(simulator.counts("q").unwrap().locked, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lock_runs_out_on_time_for_another_connection() {
    let simulator = simulator();
    let mut other = session(&simulator, 65_536).await;
    other.attach(0, Role::Receiver, "q").await;
    let begin = Instant::now();
    let (client, _) = with_delivery(&simulator).await;
    other.credit(0, 1, 5_000, 1).await;
    drop(client);
    other.receive().await;
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_mins(1), "{waited:?}");
    assert!(waited < Duration::from_millis(60_010), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn large_messages_obey_the_peers_frame_size_and_window() {
    let simulator = simulator();
    let mut client = session(&simulator, 512).await;
    client.sender(0).await;
    let body = vec![7; 20_000];
    let whole = message(&body);
    for (n, chunk) in whole.chunks(5_000).enumerate() {
        client.transfer(piece(0, 0, n < whole.len().div_ceil(5_000) - 1), chunk).await;
    }
    assert_eq!(client.outcome().await, Outcome::Accepted);
    client.attach(1, Role::Receiver, "q").await;
    // A window of ten frames, five times: less than the message needs, then enough.
    client.credit(1, 1, 10, 1).await;
    let mut received = Vec::new();
    let mut frames = 0;
    loop {
        let frame = client.frame().await.unwrap();
        assert!(frame.body.len() + 8 <= 512);
        frames += 1;
        let mut decoder = Decoder::new(frame.body);
        let Performative::Transfer(transfer) =
            Performative::decode(decoder.value().unwrap()).unwrap()
        else {
            panic!("no transfer")
        };
        received.extend_from_slice(decoder.rest());
        if !transfer.more {
            break;
        }
        if frames % 10 == 0 {
            let nothing = timeout(Duration::from_secs(1), client.frame()).await;
            assert!(nothing.is_err(), "the window is closed");
            client.credit(1, 1 + frames, 10, 1).await;
        }
    }
    assert!(received.ends_with(&whole));
}

#[tokio::test(start_paused = true)]
async fn drained_credit_is_given_back() {
    let simulator = simulator();
    let (mut client, _) = with_delivery(&simulator).await;
    client.flow(1, 2, 5_000, 10, true).await;
    let Performative::Flow(flow) = client.hear().await else { panic!("no flow") };
    assert_eq!((flow.handle, flow.delivery_count, flow.link_credit), (Some(1), Some(10), Some(0)));
    // Without credit nothing comes.
    client.send(0, 1, b"b").await;
    assert!(timeout(Duration::from_secs(1), client.frame()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_message_above_the_limit_is_refused_and_the_link_goes_on() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.sender(0).await;
    for n in 0..6 {
        client.transfer(piece(0, 0, n < 5), &vec![0; 50_000]).await;
    }
    let Outcome::Rejected(Some(error)) = client.outcome().await else { panic!("not rejected") };
    assert_eq!(error.condition, "amqp:link:message-size-exceeded");
    assert!(error.description.contains("size:300000 bytes"), "{}", error.description);
    assert_eq!(client.send(0, 1, b"a").await, Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_queue_is_answered_by_attach_and_detach() {
    let mut client = session(&simulator(), 65_536).await;
    let answer = client.attach(0, Role::Sender, "nowhere").await;
    assert_eq!(answer.target, Value::Null);
    assert_eq!(client.detached().await.condition, "amqp:not-found");
    client.say(&Performative::Detach(Detach { handle: 0, closed: true, error: None })).await;
    client.sender(0).await;
}

#[tokio::test(start_paused = true)]
async fn every_settlement_is_confirmed_by_its_kind() {
    let abandoned = Outcome::Modified { undeliverable_here: false, annotations: Vec::new() };
    let letter = Outcome::Rejected(Some(Error::new("com.microsoft:dead-letter", "")));
    for outcome in [Outcome::Accepted, Outcome::Released, abandoned, letter] {
        let (mut client, id) = with_delivery(&simulator()).await;
        client.credit(1, 2, 5_000, 0).await;
        assert_eq!(client.settle(id, outcome.clone()).await, outcome.bare());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_lock_is_told_from_a_settled_one() {
    let simulator = simulator();
    let (mut client, id) = with_delivery(&simulator).await;
    client.credit(1, 2, 5_000, 0).await;
    // The service has read that before the locks go.
    tokio::time::sleep(Duration::from_millis(1)).await;
    simulator.inject(Fault::LoseLocks);
    let told = client.settle(id, Outcome::Accepted).await;
    let Outcome::Rejected(Some(error)) = told else { panic!("{told:?}") };
    assert_eq!(error.condition, "com.microsoft:message-lock-lost");
    assert_eq!(simulator.counts("q").unwrap().active, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_disposition_is_settled_when_it_is_confirmed() {
    let simulator = simulator();
    let (mut client, id) = with_delivery(&simulator).await;
    simulator.inject(Fault::SlowDispositions { delay_ms: 5_000 });
    let begin = Instant::now();
    client.dispose(id, Outcome::Accepted).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(simulator.counts("q").unwrap().locked, 1);
    assert_eq!(client.outcome().await, Outcome::Accepted);
    assert_eq!(begin.elapsed().as_secs(), 5);
    assert_eq!(simulator.counts("q").unwrap().locked, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_disposition_brings_the_message_back() {
    let simulator = simulator();
    let (mut client, id) = with_delivery(&simulator).await;
    simulator.inject(Fault::LoseDispositions { count: 1 });
    client.dispose(id, Outcome::Accepted).await;
    let (again, _) = client.receive().await;
    assert_ne!(again, id);
    assert_eq!(client.settle(again, Outcome::Accepted).await, Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_refuses_so_many_sends() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.sender(0).await;
    simulator.inject(Fault::ServerBusy { sends: 1 });
    let told = client.send(0, 0, b"a").await;
    let Outcome::Rejected(Some(error)) = told else { panic!("{told:?}") };
    assert_eq!(error.condition, "com.microsoft:server-busy");
    assert!(error.description.contains("50009"));
    assert_eq!(client.send(0, 1, b"a").await, Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn links_detached_by_force_can_be_attached_again() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.sender(0).await;
    simulator.inject(Fault::ForceDetach);
    assert_eq!(client.detached().await.condition, "amqp:link:detach-forced");
    // What was under way is ignored.
    client.transfer(piece(0, 0, false), &message(b"lost")).await;
    client.say(&Performative::Detach(Detach { handle: 0, closed: true, error: None })).await;
    client.sender(0).await;
    assert_eq!(client.send(0, 1, b"a").await, Outcome::Accepted);
    assert_eq!(simulator.counts("q").unwrap().active, 1);
}

#[tokio::test(start_paused = true)]
async fn dropped_connections_end_without_a_word() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    simulator.inject(Fault::DropConnections);
    assert!(matches!(client.frame().await, Err(ReadError::Gone)));
}

#[tokio::test(start_paused = true)]
async fn expired_tokens_cost_the_links_until_there_are_new_ones() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.sender(0).await;
    simulator.inject(Fault::ExpireTokens);
    assert_eq!(client.detached().await.condition, "amqp:unauthorized-access");
    client.say(&Performative::Detach(Detach { handle: 0, closed: true, error: None })).await;
    client.attach(0, Role::Sender, "q").await;
    assert_eq!(client.detached().await.condition, "amqp:unauthorized-access");
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_given_up_after_heartbeats() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    let begin = Instant::now();
    assert!(client.reader.frame().await.unwrap().body.is_empty());
    assert_eq!(begin.elapsed().as_secs(), 15);
    assert_eq!(client.closed().await.condition, "amqp:connection:forced");
    assert_eq!(begin.elapsed().as_secs(), 240);
}

#[tokio::test(start_paused = true)]
async fn bad_input_closes_its_connection_and_no_other() {
    let simulator = simulator();
    let mut bystander = session(&simulator, 65_536).await;
    bystander.sender(0).await;
    let mut nested = BytesMut::new();
    encode(&(0..200).fold(Value::Null, |inner, _| Value::List(vec![inner])), &mut nested);
    let mut deep = BytesMut::new();
    write_frame(&mut deep, Kind::Amqp, 0, None, &nested);
    for (input, condition) in [
        (&b"\x7f\xff\xff\xff\x02\x00\x00\x00"[..], "amqp:decode-error"),
        (b"GET / HTTP/1.1\r\n\r\n", "amqp:decode-error"),
        (b"\x00\x00\x00\x0b\x02\x00\x00\x00\x00\x53\x99", "amqp:decode-error"),
        (&deep, "amqp:decode-error"),
    ] {
        let mut client = session(&simulator, 65_536).await;
        client.writer.write_all(input).await.unwrap();
        assert_eq!(client.closed().await.condition, condition);
    }
    assert_eq!(bystander.send(0, 0, b"a").await, Outcome::Accepted);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_allowed_closes_the_connection_with_the_reason() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    client.transfer(piece(9, 0, false), b"").await;
    assert_eq!(client.closed().await.condition, "amqp:session:unattached-handle");

    let mut client = session(&simulator, 65_536).await;
    client.attach(0, Role::Receiver, "q").await;
    client.transfer(piece(0, 0, false), b"").await;
    assert_eq!(client.closed().await.condition, "amqp:not-allowed");
}

#[tokio::test(start_paused = true)]
async fn credit_comes_again_before_it_is_used_up() {
    let mut client = session(&simulator(), 65_536).await;
    client.sender(0).await;
    for id in 0..501 {
        client.transfer(Transfer { settled: true, ..piece(0, id, false) }, &message(b"a")).await;
    }
    let Performative::Flow(flow) = client.hear().await else { panic!("no flow") };
    assert_eq!((flow.delivery_count, flow.link_credit), (Some(501), Some(1_000)));
}

#[tokio::test(start_paused = true)]
async fn unfinished_messages_on_many_links_do_not_fill_the_memory() {
    let simulator = simulator();
    let mut client = session(&simulator, 65_536).await;
    for handle in 0..100 {
        client.sender(handle).await;
        for _ in 0..4 {
            client.transfer(piece(handle, handle, true), &vec![0; 60_000]).await;
        }
        if handle == 69 {
            break;
        }
    }
    assert_eq!(client.closed().await.condition, "amqp:resource-limit-exceeded");
}

#[tokio::test(start_paused = true)]
async fn another_protocol_is_told_which_one_there_is() {
    let mut client = connect(&simulator());
    client.writer.write_all(b"AMQP\x00\x00\x09\x01").await.unwrap();
    assert_eq!(client.reader.protocol().await.unwrap(), AMQP);
    assert!(matches!(client.frame().await, Err(ReadError::Gone)));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_speaks_is_given_up_after_a_minute() {
    let mut client = connect(&simulator());
    let begin = Instant::now();
    assert!(matches!(client.frame().await, Err(ReadError::Gone)));
    assert_eq!(begin.elapsed().as_secs(), 60);
}
