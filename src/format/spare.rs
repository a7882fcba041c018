//! Buffers that go round: when a chunk is written, its memory is where the next one is made.
//!
//! Promises: encoders that share it and their chunks have no more memory than they had at once,
//! however many chunks there are. Deliberately does not: keep much; what is unusually large is given
//! back.

use std::ops::Deref;
use std::sync::Arc;

use parking_lot::Mutex;

/// The most memory of each, in bytes: some times a usual chunk.
const MOST_BYTES: usize = 4 << 20;

/// The buffers that wait for encoders. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

/// The bytes of a chunk. When it is dropped, wherever that is, its memory goes back to the encoders.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    home: Option<Spare>,
}

impl Spare {
    /// Takes what is in `full`, and leaves an empty buffer in its place.
    pub(super) fn exchange(&self, full: &mut Vec<u8>) -> Buffer {
        let waiting = self.0.lock().pop();
        let empty = waiting.unwrap_or_else(|| Vec::with_capacity(full.capacity().min(MOST_BYTES)));
        Buffer { bytes: std::mem::replace(full, empty), home: Some(self.clone()) }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Bytes that go nowhere afterwards.
impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, home: None }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let Some(Spare(home)) = &self.home else { return };
        let mut waiting = home.lock();
        if self.bytes.capacity() <= MOST_BYTES {
            self.bytes.clear();
            waiting.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_written_is_used_again_and_what_is_large_is_not_kept() {
        let spare = Spare::default();
        let mut out = Vec::with_capacity(1 << 10);
        out.extend(b"rows");
        let place = out.as_ptr();
        let written = spare.exchange(&mut out);
        assert_eq!((&*written, out.as_slice()), (b"rows".as_slice(), b"".as_slice()));
        drop(written);
        drop(spare.exchange(&mut out));
        assert_eq!((out.as_ptr(), out.len()), (place, 0));
        out.reserve(MOST_BYTES + 1);
        drop(spare.exchange(&mut out));
        assert!(out.capacity() <= MOST_BYTES);
    }
}
