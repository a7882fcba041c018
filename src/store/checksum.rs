//! SHA-256 as it is written in records: 64 lower-case hexadecimal digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// A checksum in the making.
#[derive(Debug, Clone, Default)]
pub struct Checksum(Sha256);

impl Checksum {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> String {
        let mut checksum = Self::default();
        checksum.update(bytes);
        checksum.finish()
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digits.
    pub fn finish(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut digits, byte| {
            // Writing to a String can't fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_sha256sum() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Checksum::of(b""), empty);
    }
}
