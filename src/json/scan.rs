//! Where strings end: the innermost loop of the index.
//!
//! A text is looked at in blocks of 64 bytes, each once, by comparing 16 bytes at a time. What is
//! found stays in the bits of one word, so that a string costs the same however long it is.

use wide::u8x16;

/// Finds the bytes that matter inside strings: quotes, backslashes and control characters.
#[derive(Debug)]
pub(super) struct Specials<'t> {
    bytes: &'t [u8],
    /// Where the block begins that was looked at last.
    block: usize,
    /// A bit for each of its bytes, the first byte the lowest bit.
    found: u64,
}

const BLOCK: usize = u64::BITS as usize;
const LANES: usize = 16;

impl<'t> Specials<'t> {
    pub(super) fn new(bytes: &'t [u8]) -> Self {
        let found = look(bytes, 0);
        Self { bytes, block: 0, found }
    }

    /// The first special byte that is not before `at`; the end of the text if there is none.
    #[inline]
    pub(super) fn next(&mut self, at: usize) -> usize {
        let mut block = at - at % BLOCK;
        if block != self.block {
            self.enter(block);
        }
        let mut found = self.found & (u64::MAX << (at % BLOCK));
        while found == 0 {
            block += BLOCK;
            self.enter(block);
            found = self.found;
        }
        block + found.trailing_zeros() as usize
    }

    #[inline(never)]
    fn enter(&mut self, block: usize) {
        self.block = block;
        self.found = look(self.bytes, block);
    }
}

/// The special bytes of a block. What would be behind the end of the text is special too.
#[inline]
fn look(bytes: &[u8], block: usize) -> u64 {
    let rest = bytes.get(block..).unwrap_or_default();
    if let Some(block) = rest.first_chunk::<BLOCK>() {
        return specials(block);
    }
    let mut padded = [0; BLOCK];
    padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    specials(&padded)
}

#[inline]
fn specials(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _) = block.as_chunks::<LANES>();
    lanes.iter().rev().fold(0, |found, lane| {
        let lane = u8x16::new(*lane);
        let control = lane.min(u8x16::splat(b' ' - 1)).simd_eq(lane);
        let special =
            control | lane.simd_eq(u8x16::splat(b'"')) | lane.simd_eq(u8x16::splat(b'\\'));
        found << LANES | u64::from(special.to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_special(byte: u8) -> bool {
        matches!(byte, b'"' | b'\\' | 0..b' ')
    }

    #[test]
    fn every_byte_is_judged_alike_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..150 {
                let mut text = vec![0xC3; 150];
                text[at] = byte;
                let expected = if is_special(byte) { at } else { 150 };
                assert_eq!(Specials::new(&text).next(0), expected, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn the_first_that_is_not_before_a_place_counts() {
        let text = [b"\"0123456789abcdefgh\"\\\n".as_slice(), &[b'x'; 100], b"\x1f"].concat();
        let mut specials = Specials::new(&text);
        for (from, at) in
            [(0, 0), (1, 19), (19, 19), (20, 20), (21, 21), (22, 122), (60, 122), (123, 123)]
        {
            assert_eq!(specials.next(from), at, "{from}");
        }
        assert_eq!(Specials::new(b"").next(0), 0);
    }
}
