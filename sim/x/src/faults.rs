//! Faults: what goes wrong, and when.
//!
//! A fault is scheduled from Rust ([`Simulator::faults`](super::Simulator::faults)) or
//! by `POST /_sim/faults` with a JSON list such as
//! `[{"fault": {"kind": "server_error", "status": 503}, "when": {"on": "nth", "n": 3}}]`.
//! Requests are counted for each fault from the moment it is scheduled, only those
//! that its path filter lets through. What each kind does to an answer is in
//! [`effects`](super::effects).

use serde::{Deserialize, Serialize};

use super::draw::{Purpose, hash};

/// The form of an error body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As X's API writes it.
    #[default]
    Json,
    /// An older JSON form, where there is one.
    OldJson,
    /// A page from a proxy.
    Html,
    /// Nothing.
    Empty,
}

/// Before or after X did (and charged for) the work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing is charged.
    #[default]
    BeforeWork,
    /// The answer was made, charged and lost.
    AfterWork,
}

/// What goes wrong. In JSON: `{"kind": "cut_body", "percent": 50}`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// 429, window used up; `x-rate-limit-reset` is this many seconds ahead (or behind).
    RateWindow {
        /// Seconds until the stated reset; may be negative.
        reset_in_seconds: i64,
        /// Body.
        #[serde(default)]
        form: Form,
    },
    /// 429 although requests remain.
    OnePerSecond,
    /// 429 of the monthly cap; waiting does not help.
    UsageCap,
    /// 402; `old_json` is the form of early 2026.
    CreditsDepleted {
        /// Body.
        #[serde(default)]
        form: Form,
    },
    /// 403 of the spending limit.
    SpendCap,
    /// 403 of an app without a project.
    NotEnrolled,
    /// 401.
    Unauthorized,
    /// 400 about the page token; without effect on requests that have none.
    TokenRefused,
    /// A 5xx.
    ServerError {
        /// 500, 502, 503, 504.
        status: u16,
        /// Body.
        #[serde(default)]
        form: Form,
    },
    /// 200, and in its body the refusal of another status.
    #[serde(rename = "problem_in_200")]
    ProblemIn200 {
        /// 401, 402, 403, 429, or a 5xx.
        status: u16,
    },
    /// Status 200 with an empty JSON object (`{}`) as its body.
    EmptyObject,
    /// 200 and nothing but a partial error.
    ErrorsOnly,
    /// 200 and the HTML page of a proxy.
    HtmlBody,
    /// 200 and nothing.
    EmptyBody,
    /// `content-length` of the whole, part of the body, then the connection closes.
    CutBody {
        /// How much arrives.
        percent: u8,
    },
    /// A gzip stream that ends early, with a matching `content-length`.
    TruncatedGzip,
    /// The body trickles (bytes a second of simulated time).
    SlowBody {
        /// Speed.
        bytes_per_second: u32,
    },
    /// Blanks after the JSON, to make a large body.
    LargeBody {
        /// How many.
        bytes: u32,
    },
    /// The connection closes before any header. Through the router alone: a body that
    /// fails before its first byte.
    Reset {
        /// When.
        #[serde(default)]
        stage: Stage,
    },
    /// The page before this one once more; on a first page without effect.
    RepeatPage,
    /// The page names its own token as the next.
    LoopToken,
    /// The page comes empty, with a token that leads to its posts.
    EmptyPage,
    /// From now on a share of the posts is deleted.
    DeletePosts {
        /// Of a thousand.
        permille: u32,
        /// Which ones.
        #[serde(default)]
        seed: u64,
    },
    /// Metrics have grown since the posts were last served.
    ChangeMetrics,
    /// No `x-rate-limit-*` headers.
    NoRateHeaders,
    /// The `date` header is wrong by this much.
    ClockSkew {
        /// May be negative.
        seconds: i64,
    },
    /// Keys that nobody has seen before.
    UnknownFields,
    /// `\ud83d` without its partner in texts.
    LoneSurrogates,
    /// Numbers as strings, strings as numbers, an object as a list.
    WrongTypes,
    /// Posts of the page before this one appear again in front. The page has no more posts than
    /// were asked for all the same, so fewer of them are new.
    DuplicatePosts {
        /// How many.
        count: usize,
    },
    /// The posts of the page come oldest first.
    OutOfOrder,
    /// `null` stands between the posts of the page.
    NullEntries {
        /// How many of them.
        count: usize,
    },
    /// The page comes without its `meta`, and so without a token.
    NoMeta,
}

impl Fault {
    /// How many posts of the page before it appear again on a page.
    pub fn repeated_posts(self) -> u64 {
        match self {
            Self::DuplicatePosts { count } => count as u64,
            _ => 0,
        }
    }

    /// Whether it needs the page before the one that is asked for.
    pub fn looks_back(self) -> bool {
        matches!(self, Self::RepeatPage | Self::DuplicatePosts { .. })
    }

    /// The name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::RateWindow { .. } => "rate_window",
            Self::OnePerSecond => "one_per_second",
            Self::UsageCap => "usage_cap",
            Self::CreditsDepleted { .. } => "credits_depleted",
            Self::SpendCap => "spend_cap",
            Self::NotEnrolled => "not_enrolled",
            Self::Unauthorized => "unauthorized",
            Self::TokenRefused => "token_refused",
            Self::ServerError { .. } => "server_error",
            Self::ProblemIn200 { .. } => "problem_in_200",
            Self::EmptyObject => "empty_object",
            Self::ErrorsOnly => "errors_only",
            Self::HtmlBody => "html_body",
            Self::EmptyBody => "empty_body",
            Self::CutBody { .. } => "cut_body",
            Self::TruncatedGzip => "truncated_gzip",
            Self::SlowBody { .. } => "slow_body",
            Self::LargeBody { .. } => "large_body",
            Self::Reset { .. } => "reset",
            Self::RepeatPage => "repeat_page",
            Self::LoopToken => "loop_token",
            Self::EmptyPage => "empty_page",
            Self::DeletePosts { .. } => "delete_posts",
            Self::ChangeMetrics => "change_metrics",
            Self::NoRateHeaders => "no_rate_headers",
            Self::ClockSkew { .. } => "clock_skew",
            Self::UnknownFields => "unknown_fields",
            Self::LoneSurrogates => "lone_surrogates",
            Self::WrongTypes => "wrong_types",
            Self::DuplicatePosts { .. } => "duplicate_posts",
            Self::OutOfOrder => "out_of_order",
            Self::NullEntries { .. } => "null_entries",
            Self::NoMeta => "no_meta",
        }
    }
}

/// When a fault acts. In JSON: `{"on": "between", "from": 2, "to": 5}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// On every request.
    #[default]
    Always,
    /// On the nth request from now, counted from 1.
    Nth {
        /// Which.
        n: u64,
    },
    /// On the requests from one to another, both included.
    Between {
        /// First.
        from: u64,
        /// Last.
        to: u64,
    },
    /// By chance, the same for the same seed.
    Chance {
        /// 0 to 1.
        probability: f64,
        /// Luck.
        #[serde(default)]
        seed: u64,
    },
}

/// A fault with its schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduledFault {
    /// What.
    pub fault: Fault,
    /// When.
    #[serde(default)]
    pub when: When,
    /// Only on paths that begin like this.
    #[serde(default)]
    pub path: Option<String>,
    /// At most this often.
    #[serde(default)]
    pub count: Option<u64>,
}

impl ScheduledFault {
    /// A fault on the nth request from now.
    pub fn nth(n: u64, fault: Fault) -> Self {
        Self { fault, when: When::Nth { n }, path: None, count: None }
    }

    /// A fault on every request.
    pub fn always(fault: Fault) -> Self {
        Self { fault, when: When::Always, path: None, count: None }
    }

    /// A fault by chance.
    pub fn chance(probability: f64, seed: u64, fault: Fault) -> Self {
        Self { fault, when: When::Chance { probability, seed }, path: None, count: None }
    }
}

/// The faults that wait.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    scheduled: ScheduledFault,
    seen: u64,
    fired: u64,
}

impl Schedule {
    /// Adds faults; each counts requests from here.
    pub fn add(&mut self, faults: Vec<ScheduledFault>) {
        let wait = |scheduled| Waiting { scheduled, seen: 0, fired: 0 };
        self.waiting.extend(faults.into_iter().map(wait));
    }

    /// The faults that act on this request, in the order of their scheduling.
    pub fn draw(&mut self, path: &str) -> Vec<Fault> {
        self.waiting.iter_mut().filter_map(|waiting| waiting.draw(path)).collect()
    }
}

impl Waiting {
    fn draw(&mut self, path: &str) -> Option<Fault> {
        let own = self.scheduled.path.as_deref().is_none_or(|prefix| path.starts_with(prefix));
        if !own || self.scheduled.count.is_some_and(|count| self.fired >= count) {
            return None;
        }
        self.seen += 1;
        let fires = match self.scheduled.when {
            When::Always => true,
            When::Nth { n } => self.seen == n,
            When::Between { from, to } => (from..=to).contains(&self.seen),
            When::Chance { probability, seed } => {
                let luck = hash(&[seed, Purpose::Fault as u64, self.seen]) >> 11;
                (luck as f64) < probability * (1_u64 << 53) as f64
            }
        };
        self.fired += u64::from(fires);
        fires.then_some(self.scheduled.fault)
    }
}

/// Which posts have been deleted by a fault.
#[derive(Clone, Debug, Default)]
pub struct Deletions {
    shares: Vec<(u64, u32)>,
}

impl Deletions {
    /// Deletes a share of all posts.
    pub fn add(&mut self, seed: u64, permille: u32) {
        if !self.shares.contains(&(seed, permille)) {
            self.shares.push((seed, permille));
        }
    }

    /// Whether a post is gone.
    pub fn contains(&self, id: u64) -> bool {
        let gone = |(seed, permille): &(u64, u32)| {
            hash(&[*seed, Purpose::Deleted as u64, id]) % 1000 < u64::from(*permille)
        };
        self.shares.iter().any(gone)
    }
}
