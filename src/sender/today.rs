//! What X charged for already today, to say what it is likely to bill.
//!
//! X charges a resource once a day (UTC) and calls that a soft guarantee (docs.x.com, X API pricing,
//! read 2026-08-22), so budgets do not rely on it; people want to know the number all the same. An
//! author comes with every page that has a post of theirs, so the list price of authors can be far
//! above the bill.
//!
//! It promises a fixed size, and never too small a number: an id that was pushed out of its place by
//! another counts as new when it comes again, and so does everything after a change of process.

use jiff::Timestamp;

use crate::model::price::Reads;
use crate::x::PageSummary;

/// Places for users. Our choice: 256 KiB, enough for a day of most hashtags.
const USERS: usize = 1 << 15;

/// Places for posts, of which few come twice.
const POSTS: usize = 1 << 13;

const SECONDS_A_DAY: i64 = 86_400;

/// The resources of one collection that came today.
#[derive(Debug, Default)]
pub(super) struct Today {
    day: Option<i64>,
    users: Places,
    posts: Places,
}

/// Ids by their hash, one in each place; 0 is no id.
#[derive(Debug, Default)]
struct Places(Vec<u64>);

impl Today {
    /// Those resources of a page that did not come before on its day.
    pub(super) fn fresh(&mut self, at: Timestamp, page: &PageSummary) -> Reads {
        let day = at.as_second().div_euclid(SECONDS_A_DAY);
        if self.day != Some(day) {
            *self = Self { day: Some(day), ..Self::default() };
        }
        let posts = page.ids.iter().map(|id| id.0).chain(page.included_posts.iter().copied());
        let users = page.included_users.iter().copied();
        let known =
            Reads { posts: self.posts.known(posts, POSTS), users: self.users.known(users, USERS) };
        // What has no readable id was charged too.
        Reads {
            posts: page.reads.posts.saturating_sub(known.posts),
            users: page.reads.users.saturating_sub(known.users),
        }
    }
}

impl Places {
    /// How many of the ids are in their places; all of them are afterwards.
    fn known(&mut self, ids: impl Iterator<Item = u64>, places: usize) -> u64 {
        self.0.resize(places, 0);
        let mut known = 0;
        for id in ids {
            let Some(place) = self.0.get_mut(place_of(id, places)) else { continue };
            known += u64::from(std::mem::replace(place, id) == id);
        }
        known
    }
}

/// The upper bits of a product with a large odd number (Knuth, The Art of Computer Programming,
/// volume 3, section 6.4): ids that were made one after the other land far from each other.
fn place_of(id: u64, places: usize) -> usize {
    let hash = id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    usize::try_from(hash).unwrap_or_default() % places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TweetId;

    fn page(posts: &[u64], users: &[u64]) -> PageSummary {
        PageSummary {
            ids: posts.iter().copied().map(TweetId).collect(),
            included_users: users.to_vec(),
            reads: Reads { posts: posts.len() as u64, users: users.len() as u64 },
            ..PageSummary::default()
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_resource_counts_once_a_day() {
        let mut today = Today::default();
        let mut fresh = |time, posts: &[u64], users: &[u64]| {
            let reads = today.fresh(at(time), &page(posts, users));
            (reads.posts, reads.users)
        };
        assert_eq!(fresh("2026-11-22T10:00:00Z", &[9, 8], &[1, 2]), (2, 2));
        assert_eq!(fresh("2026-11-22T23:59:59Z", &[7, 6, 9], &[1, 2, 3]), (2, 1));
        assert_eq!(fresh("2026-11-23T00:00:00Z", &[5], &[1]), (1, 1));
    }

    #[test]
    fn what_has_no_id_is_new_and_pushed_out_ids_count_again() {
        let mut today = Today::default();
        let nameless = PageSummary { reads: Reads { posts: 3, users: 1 }, ..page(&[9], &[]) };
        let day = at("2026-11-22T10:00:00Z");
        assert_eq!(today.fresh(day, &nameless), Reads { posts: 3, users: 1 });
        let many: Vec<u64> = (1..200_000).collect();
        today.fresh(day, &page(&[], &many));
        let again = today.fresh(day, &page(&[], &many));
        assert!(again.users > 100_000, "never too few: {again:?}");
    }
}
