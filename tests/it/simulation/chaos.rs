//! The dice: what goes wrong, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::time::Instant;
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
    /// The process sleeps for minutes, with everything that it has in hand, and then goes on as if
    /// nothing had been.
    Nap,
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
    naps: u32,
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
        let dice =
            Dice { rng, troubles_left, crashes: 0, lost_answers: 0, naps: 0, story: Vec::new() };
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
        let fate = match (self.weather, dice.rng.random_range(0..5)) {
            (Weather::Fair, _) => Fate::Works,
            (Weather::Crashes | Weather::Storm, 0) => Fate::Nap,
            (Weather::Crashes | Weather::Storm, 1) => Fate::CrashBefore,
            // Answers of X are lost beside crashes, where that is all that may go wrong.
            (Weather::Crashes, 2) if call == ASK_X => Fate::AnswerLost,
            (Weather::Crashes, _) | (Weather::Storm, 2) => Fate::CrashAfter,
            (Weather::Storm, 3) => Fate::Dropped,
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

    pub fn naps(&self) -> u32 {
        self.dice().naps
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

/// The call by which a page is asked for.
pub const ASK_X: &str = "ask X";

/// The dice as one process sees them: it can die, or sleep.
#[derive(Debug, Clone)]
pub struct Mortal {
    pub chaos: Chaos,
    pub death: CancellationToken,
    asleep_until: Arc<Mutex<Instant>>,
}

impl Mortal {
    pub fn new(chaos: &Chaos) -> Self {
        let asleep_until = Arc::new(Mutex::new(Instant::now()));
        Self { chaos: chaos.clone(), death: CancellationToken::new(), asleep_until }
    }

    /// What happens at this call. Whatever a process does goes through here, so that all of it
    /// stands still while the process sleeps.
    pub async fn fate(&self, call: &str) -> Fate {
        let fate = self.chaos.fate(call);
        if fate == Fate::Nap {
            self.chaos.dice().naps += 1;
            let nap = Duration::from_secs(self.chaos.pick(10..400));
            *self.asleep_until.lock().unwrap() = Instant::now() + nap;
        }
        let until = *self.asleep_until.lock().unwrap();
        tokio::time::sleep_until(until).await;
        fate
    }

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
        match self.fate(name).await {
            Fate::Works | Fate::Nap => work.await,
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
