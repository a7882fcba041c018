//! What was seen, of all that is to be there once: tweets, and what side tables list.

use std::io;
use std::path::Path;

use super::seen::Seen;
use crate::columns::SideTable;
use crate::json::Raw;
use crate::tweet::{Page, key};

/// What was seen.
#[derive(Debug)]
pub(super) struct Known {
    tweets: Seen,
    /// By side table.
    objects: Vec<Seen<u128>>,
}

/// An included object that may be new.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'p> {
    object: Raw<'p>,
    /// `None`: it has none by which it could be known again.
    id: Option<u128>,
}

impl Known {
    /// Nothing was seen. If files are needed, they will be in `folder`.
    pub(super) fn new(folder: &Path, side_tables: usize) -> Self {
        let objects = (0..side_tables).map(|_| Seen::new(folder.to_owned())).collect();
        Self { tweets: Seen::new(folder.to_owned()), objects }
    }

    /// Whether a tweet is seen for the first time now.
    pub(super) fn insert(&mut self, id: u64) -> io::Result<bool> {
        self.tweets.insert(id)
    }

    /// Of candidates, by side table, those that are seen for the first time now. What has no id is
    /// new whenever it comes.
    pub(super) fn fresh<'p>(
        &mut self,
        candidates: &[Vec<Candidate<'p>>],
    ) -> io::Result<Vec<Vec<Raw<'p>>>> {
        let of_table = |(seen, candidates): (&mut Seen<u128>, &Vec<Candidate<'p>>)| {
            let mut fresh = Vec::new();
            for Candidate { object, id } in candidates {
                if id.map_or(Ok(true), |id| seen.insert(id))? {
                    fresh.push(*object);
                }
            }
            Ok(fresh)
        };
        self.objects.iter_mut().zip(candidates).map(of_table).collect()
    }
}

/// The objects of a page of which a side table may have rows.
pub(super) fn candidates<'p>(table: SideTable, page: &Page<'p>) -> Vec<Candidate<'p>> {
    let id = |object: Raw<'p>| object.field(table.id()).and_then(|id| number(key(id)));
    let candidate = |object| Candidate { object, id: id(object) };
    table.objects(page).into_iter().flatten().map(candidate).collect()
}

/// An id as a number: digits, or, of a medium, digits on both sides of `_`. No two ids are the same
/// number.
fn number(id: &str) -> Option<u128> {
    let (kind, id) = match id.split_once('_') {
        Some((kind, id)) => (digits(kind)? + 1, id),
        None => (0, id),
    };
    Some(kind << 64 | digits(id)?)
}

/// As X writes numbers: 1 to 19 digits, no zeros before them.
fn digits(text: &str) -> Option<u128> {
    let is_number = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    if is_number && is_short { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_a_number_of_its_own() {
        let ids =
            ["0", "7", "9999999999999999999", "0_7", "3_7", "7_3", "7_0", "3_9999999999999999999"];
        let numbers: HashSet<_> = ids.iter().map(|id| number(id).unwrap()).collect();
        assert_eq!(numbers.len(), ids.len());
        for no_id in
            ["", "_", "3_", "_3", "07", "3_07", "a", "-1", "+1", "1_2_3", "12345678901234567890"]
        {
            assert_eq!(number(no_id), None, "{no_id}");
        }
    }
}
