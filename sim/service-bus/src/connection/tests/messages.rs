//! Messages in and out: pieces, windows, credit, sizes.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::client::{message, piece, session, simulator, with_delivery};
use crate::amqp::{Decoder, Detach, Outcome, Performative, Role, Transfer, Value};

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
