//! What X charges, and what a request may cost at worst.
//!
//! Prices are X's pay-per-use prices (docs.x.com, X API pricing, read 2026-08-22). X charges a
//! resource once a UTC day but calls that a soft guarantee, so nothing here counts on it: a cost
//! is the sum over everything that was returned, and the true bill is never higher.

use serde::{Deserialize, Serialize};

use super::Usd;

/// Price of one post that is returned, in `data` or in `includes`.
///
/// Whether included posts are charged is not documented; they are counted as if they were. If
/// they are free, the true bill is lower.
pub const POST: Usd = Usd::from_micros(5_000);

/// Price of one user object that is returned in `includes`.
pub const USER: Usd = Usd::from_micros(10_000);

/// How many other posts one post can refer to: at most one of each kind (retweeted, quoted,
/// replied to; docs.x.com, data dictionary, read 2026-08-22).
const REFERENCES_PER_POST: u64 = 3;

/// Which paid extras a collection asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    /// The author of each tweet: one user object each.
    pub authors: bool,
    /// The tweets that a tweet refers to (and their authors if `authors`).
    pub referenced: bool,
}

/// Paid resources that a page returned, or all pages so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Posts in `data` and in `includes`.
    pub posts: u64,
    /// Users in `includes`.
    pub users: u64,
}

impl Reads {
    /// What they cost if X charges each of them.
    pub fn cost(self) -> Usd {
        POST * self.posts + USER * self.users
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { posts: self.posts + other.posts, users: self.users + other.users }
    }
}

/// The most that one request for `max_results` tweets can cost.
pub fn worst_case(max_results: u64, extras: Extras) -> Usd {
    per_tweet(extras) * max_results
}

/// The largest number of tweets that a request may ask for within `budget`.
pub fn affordable(budget: Usd, extras: Extras) -> u64 {
    budget.micros() / per_tweet(extras).micros().max(1)
}

/// The most that one tweet can cost.
fn per_tweet(extras: Extras) -> Usd {
    let posts = if extras.referenced { 1 + REFERENCES_PER_POST } else { 1 };
    let users = if extras.authors { posts } else { 0 };
    Reads { posts, users }.cost()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_triple_the_price_of_a_tweet() {
        let plain = Extras { authors: false, referenced: false };
        assert_eq!(worst_case(1000, plain).to_string(), "$5.00");
        assert_eq!(worst_case(1000, Extras { authors: true, ..plain }).to_string(), "$15.00");
    }

    proptest::proptest! {
        #[test]
        fn what_is_affordable_fits_the_budget(
            micros in 0..100_000_000_u64,
            authors: bool,
            referenced: bool,
        ) {
            let extras = Extras { authors, referenced };
            let budget = Usd::from_micros(micros);
            let most = affordable(budget, extras);
            proptest::prop_assert!(worst_case(most, extras) <= budget);
            proptest::prop_assert!(worst_case(most + 1, extras) > budget);
        }
    }
}
