//! The ledger: what was asked, what was served, and what X would charge.
//!
//! Prices (docs.x.com, pricing, read 2026-08-22): $0.005 a post and $0.010 a user
//! returned, includes too; counts/all $0.010 and counts/recent $0.005 a request;
//! errors and empty pages are free; the same resource is charged once in a UTC day.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde::Serialize;

/// Millionths of a dollar for a post.
pub const POST_MICRO_USD: u64 = 5_000;
/// Millionths of a dollar for a user object.
pub const USER_MICRO_USD: u64 = 10_000;
/// Requests remembered one by one; older ones only in the sums.
const REMEMBERED: usize = 10_000;
const DAY_MS: i64 = 86_400_000;

/// Resources and their price.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Bill {
    /// Posts charged, included ones too.
    pub posts: u64,
    /// Users charged.
    pub users: u64,
    /// Requests charged (counts).
    pub requests: u64,
    /// The sum in millionths of a dollar.
    pub micro_usd: u64,
    /// The sum in dollars.
    pub usd: f64,
}

impl Bill {
    fn add(&mut self, posts: u64, users: u64, request_micro_usd: u64) {
        self.posts += posts;
        self.users += users;
        self.requests += u64::from(request_micro_usd > 0);
        self.micro_usd += posts * POST_MICRO_USD + users * USER_MICRO_USD + request_micro_usd;
        self.usd = self.micro_usd as f64 / 1_000_000.0;
    }
}

/// 429s by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Throttled {
    /// The window of fifteen minutes was used up.
    pub window: u64,
    /// Less than a second since the last request.
    pub one_per_second: u64,
    /// The monthly cap.
    pub usage_cap: u64,
}

/// One request.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Counted from 1, since the start or the last reset.
    pub number: u64,
    /// Simulated time of arrival, milliseconds since 1970.
    pub at_ms: i64,
    /// Path.
    pub path: String,
    /// Query string, as sent.
    pub query: String,
    /// Status answered.
    pub status: u16,
    /// Posts in `data`.
    pub posts: u64,
    /// Highest id in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_id: Option<String>,
    /// Lowest id in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_id: Option<String>,
    /// Names of the faults that acted on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<&'static str>,
}

/// What one answer costs, and what it served.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Ids in `data`.
    pub data: Vec<u64>,
    /// Ids in `includes`.
    pub included: Vec<u64>,
    /// Users in `includes`.
    pub users: Vec<u64>,
    /// Price of the request itself.
    pub request_micro_usd: u64,
}

/// See the module's page.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// All requests.
    pub requests_total: u64,
    /// Requests by path.
    pub requests_by_path: BTreeMap<String, u64>,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// 429s by kind.
    pub throttled: Throttled,
    /// What X would charge: each resource once in a UTC day.
    pub billed: Bill,
    /// The same without taking repetitions off.
    pub undeduplicated: Bill,
    /// Charged post reads by UTC day (days since 1970).
    pub reads_by_day: BTreeMap<i64, u64>,
    /// How often each post was served in `data`, whole or in a broken answer.
    pub served_posts: BTreeMap<u64, u64>,
    /// Requests in the open rate windows, by path.
    pub windows: BTreeMap<String, u64>,
    /// The latest requests.
    pub requests: VecDeque<Entry>,
    #[serde(skip)]
    today: i64,
    #[serde(skip)]
    charged_today: HashSet<(Resource, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Resource {
    Post,
    User,
}

impl Ledger {
    /// Enters a request and its answer.
    pub fn enter(&mut self, mut entry: Entry, served: &Served) {
        self.requests_total += 1;
        *self.requests_by_path.entry(entry.path.clone()).or_default() += 1;
        *self.statuses.entry(entry.status).or_default() += 1;
        self.charge(entry.at_ms, served);
        for id in &served.data {
            *self.served_posts.entry(*id).or_default() += 1;
        }
        entry.posts = served.data.len() as u64;
        entry.newest_id = served.data.iter().max().map(u64::to_string);
        entry.oldest_id = served.data.iter().min().map(u64::to_string);
        if self.requests.len() == REMEMBERED {
            self.requests.pop_front();
        }
        self.requests.push_back(entry);
    }

    fn charge(&mut self, at_ms: i64, served: &Served) {
        let day = at_ms.div_euclid(DAY_MS);
        if day != self.today {
            self.today = day;
            self.charged_today.clear();
        }
        let posts: Vec<u64> = served.data.iter().chain(&served.included).copied().collect();
        let price = served.request_micro_usd;
        self.undeduplicated.add(posts.len() as u64, served.users.len() as u64, price);
        let new_posts = self.first_today(Resource::Post, &posts);
        let new_users = self.first_today(Resource::User, &served.users);
        self.billed.add(new_posts, new_users, price);
        *self.reads_by_day.entry(day).or_default() += new_posts;
    }

    fn first_today(&mut self, resource: Resource, ids: &[u64]) -> u64 {
        ids.iter().filter(|id| self.charged_today.insert((resource, **id))).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(data: &[u64], users: &[u64]) -> Served {
        Served { data: data.to_vec(), users: users.to_vec(), ..Served::default() }
    }

    fn entry(at_ms: i64) -> Entry {
        Entry {
            number: 1,
            at_ms,
            path: "/2/tweets".into(),
            query: String::new(),
            status: 200,
            posts: 0,
            newest_id: None,
            oldest_id: None,
            faults: Vec::new(),
        }
    }

    #[test]
    fn a_resource_is_charged_once_in_a_utc_day() {
        let mut ledger = Ledger::default();
        ledger.enter(entry(DAY_MS), &served(&[1, 2], &[1]));
        ledger.enter(entry(2 * DAY_MS - 1), &served(&[2, 3], &[1]));
        assert_eq!((ledger.billed.posts, ledger.billed.users), (3, 1));
        ledger.enter(entry(2 * DAY_MS), &served(&[2], &[]));
        assert_eq!(ledger.billed.posts, 4);
        assert_eq!(ledger.undeduplicated.posts, 5);
        assert_eq!(ledger.billed.micro_usd, 4 * 5_000 + 10_000);
        assert_eq!(ledger.served_posts[&2], 3);
    }
}
