//! Bytes that are read into the same memory again and again.

use std::io::{self, Read};

/// A vector whose unused part stays initialised, so that reading does not clear it each time.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    used: usize,
}

impl Buffer {
    /// What is in it.
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// Forgets what is in it. Memory of more than `most` bytes, which one very long line took, is
    /// given back.
    pub(super) fn clear(&mut self, most: usize) {
        self.used = 0;
        if self.bytes.len() > most {
            self.bytes = Vec::new();
        }
    }

    /// Forgets what is behind the first `length` bytes.
    pub(super) fn truncate(&mut self, length: usize) {
        self.used = self.used.min(length);
    }

    /// Adds bytes.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(free) = self.bytes.get_mut(self.used..end) {
            free.copy_from_slice(bytes);
            self.used = end;
        }
    }

    /// Reads once, at most `most` bytes: how many came, 0 at the end.
    pub(super) fn read_from(&mut self, source: &mut dyn Read, most: usize) -> io::Result<usize> {
        let end = self.used + most;
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        loop {
            let free = self.bytes.get_mut(self.used..end).unwrap_or_default();
            match source.read(free) {
                Ok(read) => {
                    self.used += read.min(most);
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_added_follows_each_other() {
        let mut buffer = Buffer::default();
        buffer.extend(b"ab");
        assert_eq!(buffer.read_from(&mut &b"cdef"[..], 3).unwrap(), 3);
        assert_eq!(buffer.as_slice(), b"abcde");
        buffer.truncate(1);
        buffer.extend(b"x");
        assert_eq!(buffer.as_slice(), b"ax");
        assert_eq!(buffer.read_from(&mut io::empty(), 9).unwrap(), 0);
        buffer.clear(100);
        assert_eq!((buffer.as_slice(), buffer.bytes.len()), (&b""[..], 11));
        buffer.clear(10);
        assert_eq!(buffer.bytes.len(), 0);
    }
}
