//! Faults that clients must get over: a busy service, links and connections that go.

use super::client::{message, piece, session, simulator};
use crate::amqp::{Detach, Outcome, Performative, ReadError, Role};
use crate::faults::Fault;

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
