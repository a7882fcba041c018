//! What goes wrong on the way to the service: nothing is lost, and nobody waits for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use mistnet_sim_service_bus::Fault;

use super::*;
use crate::queue::back_ends::service_bus::connector::PATIENCE;
use crate::queue::contract::{SOON, message};

const LEASE: Duration = contract::SETTINGS.lease_time;
const NOW: Duration = Duration::ZERO;

async fn take(queue: &ServiceBusQueue) -> Delivery {
    queue.receive(SOON).await.unwrap().expect("a message should be ready")
}

/// Receives and acknowledges, whatever goes wrong in between, until nothing comes for two leases.
async fn drain(queue: &ServiceBusQueue, each: impl Fn()) -> Vec<String> {
    let mut keys = Vec::new();
    loop {
        match queue.receive(LEASE * 2).await {
            Ok(None) => return keys,
            Ok(Some(delivery)) => {
                each();
                if queue.ack(delivery.lease).await.is_ok() {
                    keys.push(delivery.key);
                }
            }
            Err(QueueError::Unavailable { .. }) => sleep(Duration::from_secs(1)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

fn numbered(count: usize) -> Vec<NewMessage> {
    (0..count).map(|number| message(&format!("part-{number:03}"))).collect()
}

fn assert_all_there(keys: &[String], count: usize) {
    let keys: BTreeSet<_> = keys.iter().collect();
    assert_eq!(keys.len(), count, "every message should have come");
}

async fn sends_survive(fault: Fault) {
    let world = World::new();
    let queue = world.queue();
    let done = AtomicUsize::new(0);
    let messages = numbered(200);
    join_all(messages.iter().map(|message| async {
        queue.send(std::slice::from_ref(message)).await.unwrap();
        if done.fetch_add(1, Ordering::Relaxed) % 30 == 7 {
            world.simulator.inject(fault);
        }
    }))
    .await;
    assert_all_there(&drain(&queue, || ()).await, 200);
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_while_sending_lose_nothing() {
    sends_survive(Fault::DropConnections).await;
}

#[tokio::test(start_paused = true)]
async fn links_that_are_detached_while_sending_lose_nothing() {
    sends_survive(Fault::ForceDetach).await;
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_sending_lose_nothing() {
    sends_survive(Fault::ExpireTokens).await;
}

async fn receives_survive(fault: Fault) {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(200)).await.unwrap();
    let done = AtomicUsize::new(0);
    let disturb = || {
        if done.fetch_add(1, Ordering::Relaxed) % 30 == 7 {
            world.simulator.inject(fault);
        }
    };
    let keys = join_all((0..8).map(|_| drain(&queue, disturb))).await.concat();
    assert_all_there(&keys, 200);
    let counts = world.simulator.counts("q").unwrap();
    assert_eq!((counts.active, counts.locked, counts.dead_letters), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_while_receiving_lose_nothing() {
    receives_survive(Fault::DropConnections).await;
}

#[tokio::test(start_paused = true)]
async fn links_that_are_detached_while_receiving_lose_nothing() {
    receives_survive(Fault::ForceDetach).await;
}

#[tokio::test(start_paused = true)]
async fn tokens_that_end_while_receiving_lose_nothing() {
    receives_survive(Fault::ExpireTokens).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_acknowledgement_is_another_delivery() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(1)).await.unwrap();
    world.simulator.inject(Fault::LoseDispositions { count: 1 });
    queue.ack(take(&queue).await.lease).await.unwrap();
    sleep(LEASE).await;
    let again = take(&queue).await;
    assert_eq!(again.attempt, 2);
    queue.ack(again.lease).await.unwrap();
    sleep(LEASE * 2).await;
    assert!(queue.receive(SOON).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn slow_dispositions_that_a_broken_connection_undoes_are_other_deliveries() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(20)).await.unwrap();
    world.simulator.inject(Fault::SlowDispositions { delay_ms: 5_000 });
    for _ in 0..20 {
        queue.ack(take(&queue).await.lease).await.unwrap();
    }
    world.simulator.inject(Fault::DropConnections);
    world.simulator.inject(Fault::SlowDispositions { delay_ms: 0 });
    assert_all_there(&drain(&queue, || ()).await, 20);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_comes_twice_is_settled_twice() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(5)).await.unwrap();
    world.simulator.inject(Fault::DuplicateDeliveries { count: 3 });
    let mut seen = BTreeMap::new();
    for key in drain(&queue, || ()).await {
        *seen.entry(key).or_insert(0) += 1;
    }
    assert_eq!((seen.len(), seen.values().sum::<i32>()), (5, 8));
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_is_left_alone_for_two_seconds() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(1)).await.unwrap();
    world.simulator.inject(Fault::ServerBusy { sends: 1 });
    let started = Instant::now();
    queue.send(&numbered(2)).await.unwrap();
    let waited = started.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(3)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_stays_busy_is_unavailable_in_the_end() {
    let world = World::new();
    let queue = world.queue();
    world.simulator.inject(Fault::ServerBusy { sends: 1_000_000 });
    let started = Instant::now();
    let error = queue.send(&numbered(1)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("busy"), "{error}");
    assert!(started.elapsed() <= PATIENCE);
}

#[tokio::test(start_paused = true)]
async fn a_lease_outlives_its_connection() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(3)).await.unwrap();
    let [done, failed, refused] = [take(&queue).await, take(&queue).await, take(&queue).await];
    world.simulator.inject(Fault::DropConnections);
    sleep(LEASE / 2).await;
    for held in [&done, &failed, &refused] {
        queue.renew(&held.lease).await.unwrap();
    }
    sleep(LEASE / 2).await;
    queue.ack(done.lease).await.unwrap();
    queue.nack(failed.lease, NOW, "no space").await.unwrap();
    queue.dead_letter(refused.lease, "unknown version", "version 9").await.unwrap();
    assert_eq!(take(&queue).await.attempt, 2);
    let [letter] = queue.dead_letters(9).await.unwrap().try_into().unwrap();
    assert_eq!((letter.reason.as_str(), letter.attempts), ("unknown version", 1));
    assert_eq!(world.simulator.counts("q").unwrap().active, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_the_service_lost_is_noticed_by_everything_that_asks() {
    let world = World::new();
    let queue = world.queue();
    queue.send(&numbered(3)).await.unwrap();
    let [renewed, failed, waiting] = [take(&queue).await, take(&queue).await, take(&queue).await];
    world.simulator.inject(Fault::LoseLocks);
    let lost = Some(QueueError::LeaseLost);
    assert_eq!(queue.renew(&renewed.lease).await.err(), lost);
    assert_eq!(queue.ack(renewed.lease).await.err(), lost);
    assert_eq!(queue.nack(failed.lease, SOON, "no space").await.err(), lost);
    assert_eq!(queue.release(waiting.lease, SOON).await.err(), lost);
    // No copy was left by those that were too late.
    assert_eq!(queue.depth().await.unwrap(), Depth { ready: 3, ..Depth::default() });
}

#[tokio::test(start_paused = true)]
async fn tokens_are_replaced_before_they_end() {
    let world = World::new();
    let (queue, dials) = world.counted_queue();
    for _ in 0..20 {
        queue.send(&numbered(1)).await.unwrap();
        queue.ack(take(&queue).await.lease).await.unwrap();
        sleep(Duration::from_mins(30)).await;
    }
    assert_eq!(dials.load(Ordering::Relaxed), 1);
}

/// The simulator's clock, two hours late.
#[derive(Debug)]
struct Late(Arc<dyn Clock>);

#[async_trait]
impl Clock for Late {
    fn now(&self) -> Timestamp {
        self.0.now() - Duration::from_hours(2)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_has_expired_for_the_service_blames_the_clock_and_no_right() {
    let world = World::new();
    let queue = world.queue_at(Arc::new(Late(world.clock())));
    let error = queue.send(&numbered(1)).await.unwrap_err();
    assert!(matches!(error, QueueError::Rejected { .. }), "{error:?}");
    let text = error.to_string();
    for part in
        ["ExpiredToken", "clock is probably wrong", "by this machine's clock it is", "good until"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("is missing"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_away_for_a_while_is_found_again() {
    let world = World::new();
    let queue = world.queue_by(|simulator| Gate { simulator, shut_until: Instant::now() + SOON });
    let error = queue.send(&numbered(1)).await.unwrap_err();
    assert!(
        error.to_string().contains("contoso.servicebus.windows.net can't be reached"),
        "{error}"
    );
    sleep(SOON).await;
    queue.send(&numbered(1)).await.unwrap();
    assert_eq!(take(&queue).await.attempt, 1);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_says_nothing_is_not_waited_for() {
    let world = World::new();
    let queue = world.queue_by(|_| Silence);
    let started = Instant::now();
    let error = queue.receive(SOON).await.unwrap_err();
    let error = error.to_string();
    assert!(error.contains("did not answer in 20 s"), "{error}");
    assert!(error.contains("MISTNET_SERVICEBUS_TRANSPORT=websocket"), "{error}");
    assert_eq!(started.elapsed(), Duration::from_secs(20));
}

/// A namespace that can't be reached at first.
#[derive(Debug)]
struct Gate {
    simulator: Simulator,
    shut_until: Instant,
}

#[async_trait]
impl Dial for Gate {
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError> {
        if Instant::now() < self.shut_until {
            return Err(std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into());
        }
        Pipe::to(&self.simulator).dial().await
    }
}

/// A peer that takes everything and says nothing.
#[derive(Debug)]
struct Silence;

#[async_trait]
impl Dial for Silence {
    async fn dial(&self) -> Result<Box<dyn Stream>, DialError> {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            sleep(Duration::from_hours(1)).await;
            drop(theirs);
        });
        Ok(Box::new(ours))
    }
}
