//! Locks that are shorter than `lease.seconds`, with clocks that agree and clocks that do not.

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::queue::keep;

/// The lock of the queue: a sixth of what is configured.
const LOCK: Duration = Duration::from_secs(5);

/// A clock that is off by so many seconds.
#[derive(Debug)]
struct Skewed(SimClock, i64);

#[async_trait]
impl Clock for Skewed {
    fn now(&self) -> Timestamp {
        self.0.now() + SignedDuration::from_secs(self.1)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }
}

/// A queue with short locks, by a machine whose clock is off by so many seconds.
fn short_locks(ours_ahead_s: i64) -> (World, Arc<ServiceBusQueue>) {
    let world = World::with(|queue| queue.lock_time = LOCK);
    let clock: Arc<dyn Clock> = Arc::new(Skewed(SimClock(world.simulator.clone()), ours_ahead_s));
    let namespace = Namespace {
        endpoint: Endpoint::service("contoso.servicebus.windows.net"),
        dial: Arc::new(Pipe::to(&world.simulator)),
        tokens: Arc::new(SharedAccessTokens::new(World::access(), clock.clone())),
    };
    let queue = ServiceBusQueue::new("q", namespace, "q", contract::SETTINGS, 0, clock);
    (world, Arc::new(queue))
}

/// Works for so long under the lease of the next message: whether it was kept and settled.
async fn works(queue: &ServiceBusQueue, time: Duration) -> bool {
    let delivery = queue.receive(contract::SOON).await.unwrap().expect("a message");
    let lost = CancellationToken::new();
    keep(queue, &delivery.lease, &*queue.clock, &lost, sleep(time)).await;
    !lost.is_cancelled() && queue.ack(delivery.lease).await.is_ok()
}

async fn is_empty(world: &World) -> bool {
    // Dispositions are not awaited.
    sleep(Duration::from_millis(10)).await;
    world.simulator.counts("q").unwrap().active == 0
}

#[tokio::test(start_paused = true)]
async fn a_lock_shorter_than_configured_is_kept() {
    let (world, queue) = short_locks(0);
    queue.send(&[contract::message("a")]).await.unwrap();
    // It waited: only the clock tells how long the lock is.
    sleep(Duration::from_mins(10)).await;
    assert!(works(&queue, Duration::from_mins(2)).await);
    assert!(is_empty(&world).await);
}

#[tokio::test(start_paused = true)]
async fn a_lease_says_how_long_it_lasts() {
    let (_world, queue) = short_locks(0);
    queue.send(&[contract::message("a")]).await.unwrap();
    let delivery = queue.receive(contract::SOON).await.unwrap().unwrap();
    let almost = LOCK.checked_sub(Duration::from_millis(100)).unwrap();
    assert!((almost..=LOCK).contains(&delivery.lease.lasts()), "{:?}", delivery.lease.lasts());
    sleep(LOCK / 2).await;
    let lasts = queue.renew(&delivery.lease).await.unwrap();
    assert!((almost..=LOCK).contains(&lasts), "{lasts:?}");
    sleep(LOCK).await;
    assert_eq!(queue.renew(&delivery.lease).await, Err(QueueError::LeaseLost));
}

#[tokio::test(start_paused = true)]
async fn with_clocks_that_differ_a_lock_is_kept_as_well() {
    for ahead_s in [-600, -20, -3, 3, 20, 600] {
        let (world, queue) = short_locks(ahead_s);
        queue.send(&[contract::message("a")]).await.unwrap();
        assert!(works(&queue, Duration::from_mins(2)).await, "{ahead_s} s");
        assert!(is_empty(&world).await, "{ahead_s} s");
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_clock_behind_a_message_that_waited_costs_one_lock_at_most() {
    let (world, queue) = short_locks(-600);
    queue.send(&[contract::message("a"), contract::message("b")]).await.unwrap();
    sleep(Duration::from_mins(10)).await;
    assert!(!works(&queue, Duration::from_mins(2)).await, "nothing tells how long the lock is");
    assert!(works(&queue, Duration::from_mins(2)).await);
    assert!(works(&queue, Duration::from_mins(2)).await);
    assert!(is_empty(&world).await);
}
