//! Law: whatever is done to them, the SQLite queue and the reference in memory behave alike.

use proptest::prelude::*;

use super::*;
use crate::queue::contract::message;
use crate::queue::memory::MemoryQueue;

/// One call; numbers choose among the leases or dead letters that there are.
#[derive(Debug, Clone)]
enum Call {
    Send { keys: Vec<u8>, delay_s: u64 },
    Receive,
    Renew(usize),
    Ack(usize),
    Nack(usize, u64),
    Release(usize, u64),
    DeadLetter(usize),
    Replay(i64),
    Pass(u64),
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let seconds = prop_oneof![Just(0_u64), 1..5_u64, 20..40_u64];
    let call = prop_oneof![
        4 => (prop::collection::vec(0..4_u8, 1..4), seconds.clone())
            .prop_map(|(keys, delay_s)| Call::Send { keys, delay_s }),
        6 => Just(Call::Receive),
        1 => any::<usize>().prop_map(Call::Renew),
        2 => any::<usize>().prop_map(Call::Ack),
        3 => (any::<usize>(), seconds.clone()).prop_map(|(which, delay)| Call::Nack(which, delay)),
        2 => (any::<usize>(), seconds.clone())
            .prop_map(|(which, delay)| Call::Release(which, delay)),
        1 => any::<usize>().prop_map(Call::DeadLetter),
        1 => (1..6_i64).prop_map(Call::Replay),
        3 => seconds.prop_map(Call::Pass),
    ];
    prop::collection::vec(call, 1..60)
}

/// A queue and its leases, of which number i of one is that of number i of the other.
struct Side {
    queue: Box<dyn Queue>,
    leases: Vec<Option<Lease>>,
}

impl Side {
    fn new(queue: impl Queue + 'static) -> Self {
        Self { queue: Box::new(queue), leases: Vec::new() }
    }

    fn which(&self, number: usize) -> Option<usize> {
        (!self.leases.is_empty()).then(|| number % self.leases.len())
    }

    fn lease(&mut self, number: usize) -> Option<Lease> {
        let which = self.which(number)?;
        self.leases[which].take()
    }

    /// Makes the call, and says in words what there was to see.
    async fn make(&mut self, call: &Call) -> String {
        let seen = match call {
            Call::Send { keys, delay_s } => self.send(keys, *delay_s).await,
            Call::Receive => self.receive().await,
            Call::Renew(number) => match self.which(*number).map(|which| &self.leases[which]) {
                Some(Some(lease)) => format!("{:?}", self.queue.renew(lease).await),
                _ => "no lease".into(),
            },
            Call::Pass(_) => String::new(),
            Call::Replay(id) => format!("{:?}", self.queue.replay(*id).await),
            Call::Ack(number)
            | Call::Nack(number, _)
            | Call::Release(number, _)
            | Call::DeadLetter(number) => match self.lease(*number) {
                Some(lease) => format!("{:?}", self.settle(call, lease).await),
                None => "no lease".into(),
            },
        };
        let depth = self.queue.depth().await;
        let dead = self.queue.dead_letters(100).await;
        format!("{seen}\n{depth:?}\n{dead:?}")
    }

    async fn send(&self, keys: &[u8], delay_s: u64) -> String {
        let delay = Duration::from_secs(delay_s);
        let new = |(place, key): (usize, &u8)| NewMessage {
            body: format!("{place} of {keys:?}"),
            delay,
            ..message(&format!("key {key}"))
        };
        let messages: Vec<NewMessage> = keys.iter().enumerate().map(new).collect();
        format!("{:?}", self.queue.send(&messages).await)
    }

    async fn receive(&mut self) -> String {
        match self.queue.receive(Duration::ZERO).await.unwrap() {
            Some(Delivery { key, body, attempt, lease }) => {
                self.leases.push(Some(lease));
                format!("{key:?} {body:?} {attempt}")
            }
            None => "nothing".into(),
        }
    }

    async fn settle(&self, call: &Call, lease: Lease) -> Result<(), QueueError> {
        match call {
            Call::Nack(_, delay_s) => {
                self.queue.nack(lease, Duration::from_secs(*delay_s), "failed").await
            }
            Call::Release(_, delay_s) => {
                self.queue.release(lease, Duration::from_secs(*delay_s)).await
            }
            Call::DeadLetter(_) => self.queue.dead_letter(lease, "refused", "by the law").await,
            _ => self.queue.ack(lease).await,
        }
    }
}

async fn compare(calls: &[Call]) {
    let sqlite = Sqlite::new();
    let memory = MemoryQueue::new("store", contract::SETTINGS, sqlite.clock.clone());
    let mut sides = [Side::new(memory), Side::new(sqlite.queue())];
    for call in calls {
        // Time passes for both together.
        if let Call::Pass(seconds) = call {
            sqlite.pass(Duration::from_secs(*seconds)).await;
        }
        let [memory, durable] = &mut sides;
        let expected = memory.make(call).await;
        assert_eq!(durable.make(call).await, expected, "after {call:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_calls_shows_the_same_as_in_memory(calls in calls()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(compare(&calls));
    }
}
