//! What the index is made of: the places of values, and what is noted of the text.

/// How deep values may lie in one another; the same as in `serde_json`.
pub const MAX_DEPTH: usize = 127;

/// The longest text that can be indexed, in bytes: 1 GiB. The longest page of X is some 5 MiB.
pub const MAX_LENGTH: usize = 1 << 30;

/// What the index noted of the text as a whole.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes {
    /// Whether there is an escape of a surrogate in it.
    pub(super) surrogates: bool,
    /// Whether there is white space between the tokens of its value.
    pub(super) spaces: bool,
    /// Whether there is a key with an escape in it.
    pub(super) escaped_keys: bool,
}

/// The place of a value, in the order in which they stand in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// Of a field, the first byte of its key, a quote. It ends where the colon before the value is.
    pub(super) key: u32,
    /// The first byte.
    pub(super) start: u32,
    /// The byte after the last.
    pub(super) end: u32,
    /// Of an object or array, the number of the node after all that lie in it. Of others, whose
    /// next is always the one that follows, what they are.
    pub(super) tail: u32,
}
