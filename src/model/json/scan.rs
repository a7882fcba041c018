//! How far a string goes on without anything special: the innermost loop of the index.
//!
//! Sixteen bytes at a time on x86-64, eight elsewhere. Both are safe code: SSE2 belongs to every
//! x86-64 processor, so its instructions need no check at run time.

/// How many bytes of `bytes` come before the first quote, backslash or control character.
pub(super) fn plain_run(bytes: &[u8]) -> usize {
    let mut run = 0;
    while let Some(block) = bytes.get(run..).and_then(<[u8]>::first_chunk) {
        match first_special(block) {
            Some(at) => return run + at,
            None => run += block.len(),
        }
    }
    let rest = bytes.get(run..).unwrap_or_default();
    run + rest.iter().position(|&byte| is_special(byte)).unwrap_or(rest.len())
}

fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'\\') | (byte < b' ')
}

/// Where the first special byte of a block is: the classic test of eight bytes in one word.
fn first_special(block: &[u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let word = u64::from_le_bytes(*block);
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5C);
    let special = ((quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (word.wrapping_sub(ONES * 0x20) & !word))
        & HIGHS;
    (special != 0).then(|| special.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_judged_alike_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..40 {
                let mut text = vec![0xC3; 40];
                text[at] = byte;
                let expected = if is_special(byte) { at } else { 40 };
                assert_eq!(plain_run(&text), expected, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn the_first_of_several_counts() {
        assert_eq!(plain_run(b"0123456789abcdefgh\"\\\n"), 18);
        assert_eq!(plain_run(b"\x1f"), 0);
        assert_eq!(plain_run(b""), 0);
    }
}
