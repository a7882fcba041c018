//! How messages are settled, in time, late or never.

use std::time::Duration;

use tokio::time::Instant;

use super::client::{simulator, with_delivery};
use crate::amqp::{Error, Outcome};
use crate::faults::Fault;

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
