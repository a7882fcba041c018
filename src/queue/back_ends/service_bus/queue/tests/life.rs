//! What the contract does not ask: refusals, sizes, foreign messages, memory.

use fe2o3_amqp::types::messaging::{Batch, Body, Data, Message, Properties};
use fe2o3_amqp::types::primitives::{Binary, Value};

use super::*;
use crate::queue::back_ends::service_bus::entity::Part;
use crate::queue::contract::{SOON, message, message_after, message_saying};

/// The body of a message as another program reads it.
type Foreign = Body<Value>;

const LEASE: Duration = contract::SETTINGS.lease_time;

async fn take(queue: &ServiceBusQueue) -> Delivery {
    queue.receive(SOON).await.unwrap().expect("a message should be ready")
}

async fn refusal(queue: &ServiceBusQueue) -> (String, String) {
    let sent = queue.send(&[message("a")]).await.unwrap_err();
    let received = queue.receive(SOON).await.unwrap_err();
    for error in [&sent, &received] {
        assert!(matches!(error, QueueError::Rejected { .. }), "{error}");
    }
    (sent.to_string(), received.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_missing_queue_is_named_with_the_command_that_makes_it() {
    let world = World::new();
    let queue = world.queue_with("elsewhere", World::access(), 0);
    let command = "az servicebus queue create --resource-group GROUP --namespace-name contoso \
                   --name elsewhere --lock-duration PT30S --max-delivery-count 2000";
    let (sent, received) = refusal(&queue).await;
    for error in [sent, received] {
        assert!(error.contains(command), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_named_with_the_right_and_the_setting() {
    let world = World::new();
    let access = SharedAccess::Key { name: POLICY.into(), key: "WRONG-SECRET".into() };
    let (sent, received) = refusal(&world.queue_with("q", access, 0)).await;
    assert!(sent.contains("right to send") && sent.contains("Data Sender"), "{sent}");
    assert!(
        received.contains("right to listen") && received.contains("Data Receiver"),
        "{received}"
    );
    for error in [sent, received] {
        assert!(error.contains("AZURE_SERVICEBUS_CONNECTION_STRING"), "{error}");
        assert!(!error.contains("SECRET"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_output_shows_a_secret() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&[message("a")]).await.unwrap();
    take(&queue).await;
    let shown = format!("{queue:?}");
    assert!(!shown.contains(KEY) && !shown.contains("SharedAccessSignature"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn batches_larger_than_a_transfer_are_cut() {
    let world = World::new();
    let queue = world.queue();
    let body = "x".repeat(60 * 1024);
    let messages: Vec<_> =
        (0..40).map(|number| message_saying(&format!("{number:02}"), &body)).collect();
    queue.send(&messages).await.unwrap();
    for number in 0..40 {
        let delivery = take(&queue).await;
        assert_eq!((delivery.key, delivery.body.len()), (format!("{number:02}"), body.len()));
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_others_are_set_aside() {
    let world = World::new();
    let queue = world.queue();
    let bus = queue.connector.bus().await.unwrap();
    let data = |bytes: &[u8]| Batch::new(vec![Data(Binary::from(bytes))]);
    let subject = Properties::builder().subject("a").build();
    let nameless = Message::builder().data_batch(data(b"{}")).build();
    let no_text = Message::builder().properties(subject).data_batch(data(b"\xff\xfe")).build();
    for foreign in [nameless, no_text] {
        bus.outbox().await.unwrap().send(foreign.into()).await.unwrap();
    }
    queue.send(&[message("ours")]).await.unwrap();
    assert_eq!(take(&queue).await.key, "ours");
    let letters = queue.dead_letters(9).await.unwrap();
    let letters: Vec<_> = letters.iter().map(|l| (&*l.reason, &*l.description)).collect();
    let expected =
        [("not understood", "it has no subject"), ("not understood", "its body is no text")];
    assert_eq!(letters, expected);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_of_others_is_not_replayed_as_something_else() {
    let world = World::new();
    let queue = world.queue();
    let bus = queue.connector.bus().await.unwrap();
    let bytes = Batch::new(vec![Data(Binary::from(&b"\xff\xfe"[..]))]);
    let subject = Properties::builder().subject("a").build();
    let foreign = Message::builder().properties(subject).data_batch(bytes).build();
    bus.outbox().await.unwrap().send(foreign.into()).await.unwrap();
    assert!(queue.receive(SOON).await.unwrap().is_none());
    let [letter] = queue.dead_letters(9).await.unwrap().try_into().unwrap();
    let refused = queue.replay(letter.id).await.unwrap_err().to_string();
    assert!(refused.contains("none of mistnet's: its body is no text"), "{refused}");
    assert_eq!(queue.dead_letters(9).await.unwrap(), [letter]);
}

#[tokio::test(start_paused = true)]
async fn messages_say_what_they_are_and_so_do_their_copies() {
    let world = World::new();
    let queue = world.queue_of("application/cloudevents+json");
    queue.send(&["postponed", "dead"].map(message)).await.unwrap();
    queue.release(take(&queue).await.lease, SOON).await.unwrap();
    queue.dead_letter(take(&queue).await.lease, "refused", "by hand").await.unwrap();
    let letters = queue.dead_letters(9).await.unwrap();
    assert!(queue.replay(letters[0].id).await.unwrap());
    queue.send(&["a", "b"].map(message)).await.unwrap();
    queue.send(&[message_after("later", SOON)]).await.unwrap();
    let bus = queue.connector.bus().await.unwrap();
    let mut link = bus.receiver(Part::Messages).await.unwrap();
    link.set_credit(5).await.unwrap();
    let mut keys = Vec::new();
    for _ in 0..5 {
        let properties = link.recv::<Foreign>().await.unwrap().into_parts().1.properties.unwrap();
        assert_eq!(properties.content_type.unwrap().as_str(), "application/cloudevents+json");
        keys.push(properties.subject.unwrap());
    }
    keys.sort();
    assert_eq!(keys, ["a", "b", "dead", "later", "postponed"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_asks_for_goes_back_within_a_third_of_its_lease() {
    let world = World::new();
    let (impatient, other) = (world.queue(), world.queue());
    assert!(impatient.receive(SOON).await.unwrap().is_none());
    other.send(&[message("a")]).await.unwrap();
    // It went to the one that had asked first.
    assert!(other.receive(SOON).await.unwrap().is_none());
    let delivery = other.receive(LEASE / 3).await.unwrap().expect("it should be back");
    assert_eq!(delivery.key, "a");
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_ahead_is_handed_out_with_most_of_its_lease() {
    let world = World::new();
    let queue = world.queue_with("q", World::access(), 10);
    queue.send(&["a", "b", "c"].map(message)).await.unwrap();
    let first = take(&queue).await;
    assert_eq!(world.simulator.counts("q").unwrap().locked, 3);
    sleep(LEASE / 4).await;
    let second = take(&queue).await;
    sleep(LEASE / 3).await;
    for delivery in [first, second] {
        queue.renew(&delivery.lease).await.unwrap();
    }
    assert_eq!(take(&queue).await.key, "c");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_gives_up_by_itself_says_so_in_its_dead_letters() {
    let world = World::with(|queue| queue.max_delivery = 1);
    let queue = world.queue();
    queue.send(&[message("a")]).await.unwrap();
    queue.nack(take(&queue).await.lease, Duration::ZERO, "no space").await.unwrap();
    let [letter] = queue.dead_letters(9).await.unwrap().try_into().unwrap();
    assert_eq!((letter.reason.as_str(), letter.attempts), ("MaxDeliveryCountExceeded", 1));
}

#[tokio::test(start_paused = true)]
async fn replaying_one_dead_letter_leaves_the_others() {
    let world = World::new();
    let queue = world.queue();
    for key in ["a", "b", "c"] {
        queue.send(&[message(key)]).await.unwrap();
        queue.dead_letter(take(&queue).await.lease, "refused", "by hand").await.unwrap();
    }
    let letters = queue.dead_letters(9).await.unwrap();
    assert!(queue.replay(letters[2].id).await.unwrap());
    let delivery = take(&queue).await;
    assert_eq!((delivery.key.as_str(), delivery.attempt), ("c", 1));
    let left = queue.dead_letters(9).await.unwrap();
    assert_eq!(left.iter().map(|letter| letter.key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(queue.replay(left[0].id).await.unwrap());
}

/// How many deliveries a link still remembers: its `Debug` shows the map of the unsettled.
fn remembered(link: &fe2o3_amqp::Receiver) -> usize {
    let shown = format!("{link:?}");
    ["Accepted(", "Modified(", "Received("].iter().map(|state| shown.matches(state).count()).sum()
}

#[tokio::test(start_paused = true)]
async fn a_link_forgets_what_was_settled_and_what_was_given_up() {
    let world = World::new();
    let queue = world.queue();
    let messages: Vec<_> = (0..100).map(|number| message(&number.to_string())).collect();
    queue.send(&messages).await.unwrap();
    let bus = queue.connector.bus().await.unwrap();
    let mut link = bus.receiver(Part::Messages).await.unwrap();
    link.set_credit(100).await.unwrap();
    let mut infos = Vec::new();
    for _ in 0..100 {
        infos.push(link.recv::<Foreign>().await.unwrap().into_parts().0);
    }
    assert_eq!(remembered(&link), 100);
    let late = infos.split_off(50);
    for info in infos {
        link.dispose(info, Settlement::Complete.disposition()).await.unwrap();
    }
    sleep(LEASE * 2).await;
    assert_eq!(remembered(&link), 50);
    for info in late {
        link.dispose(info, Settlement::Abandon.disposition()).await.unwrap();
    }
    sleep(SOON).await;
    assert_eq!(remembered(&link), 0);
}

#[tokio::test(start_paused = true)]
async fn leases_that_ran_out_are_forgotten() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&["a", "b"].map(message)).await.unwrap();
    take(&queue).await;
    take(&queue).await;
    assert_eq!(queue.leases.count(), 2);
    sleep(LEASE).await;
    assert_eq!(queue.leases.count(), 0);
}
