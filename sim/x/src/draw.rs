//! Draws: numbers that look random and are a pure function of what they are for.
//!
//! A post, a person or a fault is computed from the seed and its own number, never
//! remembered, so a universe of a hundred million posts costs nothing to start and
//! every run with the same seed is the same. The generator is `SplitMix64` (Steele,
//! Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), kept here so
//! that no library upgrade changes what a seed means. Not for secrets.

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// One number for a tuple of numbers. The first is by custom the seed.
pub fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(GOLDEN, |state, part| {
        mix(state.wrapping_mul(GOLDEN).wrapping_add(part.wrapping_add(GOLDEN)))
    })
}

/// One number for a text (FNV-1a, then mixed).
pub fn hash_text(text: &str) -> u64 {
    let start = 0xCBF2_9CE4_8422_2325_u64;
    mix(text.bytes().fold(start, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)))
}

/// What a draw is for, so that two uses of one number never share their luck.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Purpose {
    /// Where inside its slot of time a post falls.
    Jitter = 1,
    /// Which posts are withheld from search.
    Withheld,
    /// What a post says.
    Post,
    /// Who wrote it.
    Author,
    /// Whether a neighbour was deleted.
    Deleted,
    /// Who a person is.
    Person,
    /// Which pages come out empty.
    EmptyPage,
    /// Whether a fault with a probability fires.
    Fault,
    /// Pictures, polls and films.
    Attachment,
    /// The masking of page tokens.
    Token,
}

/// A short stream of draws for one subject.
#[derive(Clone, Debug)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// The stream that belongs to `subject`.
    pub fn new(seed: u64, purpose: Purpose, subject: u64) -> Self {
        Self { state: hash(&[seed, purpose as u64, subject]) }
    }

    /// The next number, all 64 bits of it.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number in `0..bound` (0 for a bound of 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True in `permille` of a thousand cases.
    pub fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of the items, each as likely as any other.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// One of the words.
    pub fn word<'a>(&mut self, words: &'a [impl AsRef<str>]) -> &'a str {
        self.pick(words).as_ref()
    }

    /// A number whose size is what varies: mostly small, seldom huge (below 2^`bits`).
    pub fn skewed(&mut self, bits: u64) -> u64 {
        let size = self.below(bits + 1);
        self.below(1 << size)
    }
}
