//! Which ids were seen: exact, whatever their number and order, in memory that hardly grows.
//!
//! The newest ids are a set in memory; when it is full, it is merged into *leaves*, sorted runs of
//! ids in a temporary file. Memory keeps only the range of each leaf: some 50 bytes for about a
//! thousand ids, 5 MB for a hundred million. X delivers tweets newest first, so an id is nearly
//! always beyond all leaves and known to be new without a look into the file. Where archives
//! overlap, neighbouring ids are looked up one after the other, in the leaf that was read last.
//! Ids in no order at all, such as those of accounts, cost a read of 8 KiB each (of 16 KiB if they
//! have two parts).
//!
//! The file has no name where the system can do that, and is gone when the process ends.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::Hash;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Bound;
use std::path::PathBuf;

/// Ids in memory: 0.6 MiB as a set, or 1.1 MiB if they have two parts.
const RECENT: usize = 1 << 15;

/// The most ids in a leaf: 8 or 16 KiB in the file.
const LEAF: usize = 1 << 10;

/// An id that can lie in a file.
pub(super) trait Id: Copy + Ord + Hash {
    /// Its bytes in the file.
    type Bytes: AsRef<[u8]>;

    fn to_bytes(self) -> Self::Bytes;

    /// The ids that stand one after the other in `bytes`.
    fn read(bytes: &[u8]) -> impl Iterator<Item = Self>;
}

impl Id for u64 {
    type Bytes = [u8; size_of::<Self>()];

    fn to_bytes(self) -> Self::Bytes {
        self.to_le_bytes()
    }

    fn read(bytes: &[u8]) -> impl Iterator<Item = Self> {
        bytes.as_chunks().0.iter().map(|&id| Self::from_le_bytes(id))
    }
}

/// Ids of two parts, such as those of media.
impl Id for u128 {
    type Bytes = [u8; size_of::<Self>()];

    fn to_bytes(self) -> Self::Bytes {
        self.to_le_bytes()
    }

    fn read(bytes: &[u8]) -> impl Iterator<Item = Self> {
        bytes.as_chunks().0.iter().map(|&id| Self::from_le_bytes(id))
    }
}

/// The ids that were seen.
#[derive(Debug)]
pub(super) struct Seen<T = u64> {
    recent: HashSet<T>,
    /// By the lowest id of each; their ranges do not overlap.
    leaves: BTreeMap<T, Leaf<T>>,
    slots: u64,
    file: Option<File>,
    folder: PathBuf,
    /// The leaf that was read last.
    read: Option<(u64, Vec<T>)>,
    most_recent: usize,
    leaf_size: usize,
}

/// Ids in the file.
#[derive(Debug, Clone, Copy)]
struct Leaf<T> {
    slot: u64,
    ids: usize,
    highest: T,
}

impl<T: Id> Seen<T> {
    /// Nothing was seen. If a file is needed, it will be in `folder`.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self::with_sizes(folder, RECENT, LEAF)
    }

    fn with_sizes(folder: PathBuf, most_recent: usize, leaf_size: usize) -> Self {
        Self {
            recent: HashSet::new(),
            leaves: BTreeMap::new(),
            slots: 0,
            file: None,
            folder,
            read: None,
            most_recent,
            leaf_size,
        }
    }

    /// Whether `id` is seen for the first time now.
    pub(super) fn insert(&mut self, id: T) -> io::Result<bool> {
        if self.recent.contains(&id) || self.is_in_leaf(id)? {
            return Ok(false);
        }
        self.recent.insert(id);
        if self.recent.len() >= self.most_recent {
            self.put_away()?;
        }
        Ok(true)
    }

    fn is_in_leaf(&mut self, id: T) -> io::Result<bool> {
        let Some((_, &leaf)) = self.leaves.range(..=id).next_back() else { return Ok(false) };
        if id > leaf.highest {
            return Ok(false);
        }
        let ids = match self.read.take() {
            Some((slot, ids)) if slot == leaf.slot => ids,
            other => self.read_leaf(leaf, other.map(|(_, ids)| ids).unwrap_or_default())?,
        };
        let found = ids.binary_search(&id).is_ok();
        self.read = Some((leaf.slot, ids));
        Ok(found)
    }

    /// Merges the ids in memory into the leaves.
    fn put_away(&mut self) -> io::Result<()> {
        let mut ids: Vec<T> = self.recent.drain().collect();
        ids.sort_unstable();
        self.read = None;
        let mut rest = ids.as_slice();
        while let Some(&lowest) = rest.first() {
            // All that fall between the beginnings of two leaves belong to the first of them.
            let next = self.leaves.range((Bound::Excluded(lowest), Bound::Unbounded)).next();
            let until = next.map_or(rest.len(), |(&next, _)| rest.partition_point(|&id| id < next));
            let (group, others) = rest.split_at(until);
            self.merge(lowest, group)?;
            rest = others;
        }
        Ok(())
    }

    /// Merges ids into the leaf that begins at or before the lowest of them, if there is one.
    fn merge(&mut self, lowest: T, group: &[T]) -> io::Result<()> {
        let before = self.leaves.range(..=lowest).next_back().map(|(&begin, &leaf)| (begin, leaf));
        let (mut ids, mut free) = (Vec::new(), None);
        if let Some((begin, leaf)) = before {
            ids = self.read_leaf(leaf, ids)?;
            self.leaves.remove(&begin);
            free = Some(leaf.slot);
        }
        ids.extend_from_slice(group);
        ids.sort_unstable();
        // Leaves of one size: a small one at the end would be merged again and again.
        let size = ids.len().div_ceil(ids.len().div_ceil(self.leaf_size));
        for ids in ids.chunks(size) {
            let slot = free.take().unwrap_or(self.slots);
            self.slots = self.slots.max(slot + 1);
            self.write_leaf(slot, ids)?;
        }
        Ok(())
    }

    fn write_leaf(&mut self, slot: u64, ids: &[T]) -> io::Result<()> {
        let (Some(&lowest), Some(&highest)) = (ids.first(), ids.last()) else { return Ok(()) };
        let mut bytes = Vec::with_capacity(size_of_val(ids));
        for id in ids {
            bytes.extend_from_slice(id.to_bytes().as_ref());
        }
        self.at(slot)?.write_all(&bytes)?;
        self.leaves.insert(lowest, Leaf { slot, ids: ids.len(), highest });
        Ok(())
    }

    /// Reads a leaf into `ids`, in place of what is there.
    fn read_leaf(&mut self, leaf: Leaf<T>, mut ids: Vec<T>) -> io::Result<Vec<T>> {
        let mut bytes = vec![0; leaf.ids * size_of::<T>()];
        self.at(leaf.slot)?.read_exact(&mut bytes)?;
        ids.clear();
        ids.extend(T::read(&bytes));
        Ok(ids)
    }

    /// The file, at a slot.
    fn at(&mut self, slot: u64) -> io::Result<&mut File> {
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile_in(&self.folder)?,
        };
        let file = self.file.insert(file);
        file.seek(SeekFrom::Start(slot * (self.leaf_size * size_of::<T>()) as u64))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small<T: Id>() -> Seen<T> {
        Seen::with_sizes(std::env::temp_dir(), 8, 4)
    }

    #[test]
    fn ids_newest_first_are_new_without_a_look_into_the_file() {
        let mut seen = small::<u64>();
        for id in (0..1000).rev() {
            assert!(seen.insert(id).unwrap());
            assert!(seen.read.is_none());
        }
        assert_eq!(seen.leaves.len(), 1000 / 4);
    }

    #[test]
    fn no_file_is_made_for_few_ids() {
        let mut seen = Seen::<u64>::new("/nowhere".into());
        assert!(seen.insert(7).unwrap() && !seen.insert(7).unwrap());
        let mut full = Seen::<u64>::with_sizes("/nowhere".into(), 1, 4);
        assert!(full.insert(7).is_err());
    }

    proptest::proptest! {
        #[test]
        fn it_answers_like_a_set_whatever_the_order(
            ids in proptest::collection::vec(
                proptest::prop_oneof![0_u64..60, 0_u64..3, u64::MAX - 20..=u64::MAX],
                0..300,
            )
        ) {
            let (mut seen, mut of_two_parts, mut known) = (small(), small(), HashSet::new());
            for id in ids {
                let is_new = known.insert(id);
                proptest::prop_assert_eq!(seen.insert(id).unwrap(), is_new, "{}", id);
                let far = u128::from(id) << 64 | u128::from(id % 3);
                proptest::prop_assert_eq!(of_two_parts.insert(far).unwrap(), is_new, "{}", far);
            }
        }

        #[test]
        fn leaves_are_sorted_and_apart(ids: Vec<u16>) {
            let mut seen = small::<u64>();
            for id in ids {
                seen.insert(id.into()).unwrap();
            }
            let leaves: Vec<_> = seen.leaves.iter().map(|(&low, &leaf)| (low, leaf)).collect();
            for pair in leaves.windows(2) {
                proptest::prop_assert!(pair[0].1.highest < pair[1].0);
            }
            for (lowest, leaf) in leaves {
                let ids = seen.read_leaf(leaf, Vec::new()).unwrap();
                proptest::prop_assert!(ids.is_sorted() && ids.len() <= 4);
                proptest::prop_assert_eq!((ids[0], ids.last()), (lowest, Some(&leaf.highest)));
            }
        }
    }
}
