//! A piece of work: some values of one input, and what becomes of them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::buffer::Buffer;
use super::error::{ConvertError, Place, Position};

/// Some values of one input. It goes from the reader to a worker and back, so that there are never
/// more of them than were made at first.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Its place among all, from 0.
    pub(super) number: u64,
    /// What people call the input.
    pub(super) input: Arc<str>,
    /// The text that values are in.
    pub(super) text: Buffer,
    /// The values in order, and what is between them.
    pub(super) items: Vec<Item>,
    /// Bytes of all inputs that were read when it was full, as they lie on the disk.
    pub(super) read: u64,
    /// How many ordinary batches it stands for, in memory.
    pub(super) weight: usize,
    /// Other batches that stay empty because this one is so large.
    pub(super) in_place_of: Vec<Batch>,
}

/// Something in an input.
#[derive(Debug)]
pub(super) enum Item {
    /// A value in [`Batch::text`].
    Value {
        /// Its bytes.
        bytes: Range<usize>,
        /// Where it begins in the input.
        at: Position,
    },
    /// A page of a log, as it is stored.
    Logged(LogPage),
    /// What came in place of it.
    Failed(ConvertError),
}

/// A page of a collection's log, as it is stored.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// Where it is stored.
    pub key: String,
    /// What is stored there.
    pub bytes: Bytes,
}

impl Batch {
    /// Makes it empty, for the `number`-th use. Memory of more than `most` bytes is given back.
    pub(super) fn begin(&mut self, number: u64, input: &Arc<str>, most: usize) {
        self.number = number;
        self.input = Arc::clone(input);
        self.text.clear(most);
        self.items.clear();
    }

    /// Where a value is, for people.
    pub(super) fn place(&self, at: Position) -> Place {
        Place { input: Arc::clone(&self.input), at: Some(at) }
    }

    /// Where it begins, for people.
    pub(super) fn first_place(&self) -> Place {
        let first = self.items.iter().find_map(|item| match item {
            Item::Value { at, .. } => Some(*at),
            Item::Logged(_) | Item::Failed(_) => None,
        });
        Place { input: Arc::clone(&self.input), at: first }
    }
}
