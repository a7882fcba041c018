//! The dice: what goes wrong, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio_util::sync::CancellationToken;

/// How rough it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Nothing fails.
    Fair,
    /// Processes crash between any two steps; nothing else fails.
    Crashes,
    /// Everything at once: crashes, lost answers, duplicates, delays, and X's own faults.
    Storm,
}

/// What happens at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It works.
    Works,
    /// It fails before it has done anything.
    Dropped,
    /// It does its work, and the answer is lost.
    AnswerLost,
    /// The process dies before.
    CrashBefore,
    /// The process dies after.
    CrashAfter,
}

/// The dice of one world. Clones share them.
#[derive(Debug, Clone)]
pub struct Chaos {
    inner: Arc<Mutex<Dice>>,
    weather: Weather,
}

#[derive(Debug)]
struct Dice {
    rng: SmallRng,
    troubles_left: u32,
    crashes: u32,
    lost_answers: u32,
    story: Vec<String>,
}

impl Chaos {
    pub fn new(seed: u64, weather: Weather) -> Self {
        let mut rng = SmallRng::seed_from_u64(seed);
        let troubles_left = match weather {
            Weather::Fair => 0,
            Weather::Crashes => rng.random_range(1..12),
            Weather::Storm => rng.random_range(1..40),
        };
        let dice = Dice { rng, troubles_left, crashes: 0, lost_answers: 0, story: Vec::new() };
        Self { inner: Arc::new(Mutex::new(dice)), weather }
    }

    fn dice(&self) -> std::sync::MutexGuard<'_, Dice> {
        self.inner.lock().unwrap()
    }

    /// A number in a range.
    pub fn pick(&self, range: std::ops::Range<u64>) -> u64 {
        self.dice().rng.random_range(range)
    }

    /// Whether something of this probability happens.
    pub fn happens(&self, probability: f64) -> bool {
        self.dice().rng.random_bool(probability)
    }

    /// What happens at this call.
    pub fn fate(&self, call: &str) -> Fate {
        let mut dice = self.dice();
        if dice.troubles_left == 0 || !dice.rng.random_bool(0.06) {
            return Fate::Works;
        }
        let fate = match (self.weather, dice.rng.random_range(0..4)) {
            (Weather::Fair, _) => Fate::Works,
            (Weather::Crashes, 0 | 1) | (Weather::Storm, 0) => Fate::CrashBefore,
            (Weather::Crashes, _) | (Weather::Storm, 1) => Fate::CrashAfter,
            (Weather::Storm, 2) => Fate::Dropped,
            (Weather::Storm, _) => Fate::AnswerLost,
        };
        dice.troubles_left -= 1;
        dice.story.push(format!("{call}: {fate:?}"));
        fate
    }

    /// The delay of a message that dawdles, if it does.
    pub fn dawdles(&self) -> Duration {
        let dawdles = self.weather == Weather::Storm && self.happens(0.2);
        Duration::from_secs(if dawdles { self.pick(0..120) } else { 0 })
    }

    /// Whether a message comes twice.
    pub fn doubles(&self) -> bool {
        self.weather == Weather::Storm && self.happens(0.1)
    }

    pub fn count_crash(&self) {
        self.dice().crashes += 1;
    }

    pub fn count_lost_answer(&self) {
        self.dice().lost_answers += 1;
    }

    pub fn crashes(&self) -> u32 {
        self.dice().crashes
    }

    pub fn lost_answers(&self) -> u32 {
        self.dice().lost_answers
    }

    pub fn weather(&self) -> Weather {
        self.weather
    }

    pub fn tell(&self, line: impl Into<String>) {
        self.dice().story.push(line.into());
    }

    /// Everything that went wrong, in order.
    pub fn story(&self) -> Vec<String> {
        self.dice().story.clone()
    }
}

/// The dice as one process sees them: it can die.
#[derive(Debug, Clone)]
pub struct Mortal {
    pub chaos: Chaos,
    pub death: CancellationToken,
}

impl Mortal {
    /// Dies: never returns, and tells the supervisor.
    pub async fn die<T>(&self) -> T {
        self.chaos.count_crash();
        self.death.cancel();
        std::future::pending().await
    }

    /// Does `work` under the dice; `fail` makes the error of a call that failed.
    pub async fn call<T, E>(
        &self,
        name: &str,
        fail: impl Fn() -> E,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match self.chaos.fate(name) {
            Fate::Works => work.await,
            Fate::Dropped => Err(fail()),
            Fate::AnswerLost => {
                let _ = work.await;
                Err(fail())
            }
            Fate::CrashBefore => self.die().await,
            Fate::CrashAfter => {
                let _ = work.await;
                self.die().await
            }
        }
    }
}
