//! Text from outside, short enough for a message.

/// The most characters that are shown. Our own choice: a line on a terminal.
const SHOWN: usize = 80;

/// The beginning of a text.
pub fn clip(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
