//! Cuts a text into JSON values without reading them.
//!
//! Two notations are told apart by how the text begins:
//!
//! * **Lines**: one value a line, as twarc2 and mistnet write them. A broken line can't hurt its
//!   neighbours.
//! * **Values**: values that span lines (a page as `jq .` prints it), or lists, whose elements are
//!   taken as the values. Only brackets and quotes are looked at.
//!
//! A text that begins with `{` is in lines unless its first line ends as only a pretty-printer
//! breaks lines: behind `{`, `[`, `,` or `:`. Nothing here judges what a value is.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// Cuts one text. It is shown the text from the end of the last cut on, each time as far as it is
/// known, and does not look at the same byte twice.
#[derive(Debug)]
pub(super) struct Cutter {
    notation: Option<Notation>,
    /// How far the shown text was looked at.
    looked: usize,
    state: State,
    in_list: bool,
}

/// How values follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    /// One a line.
    Lines,
    /// By their brackets.
    Values,
}

/// What is around the next byte of a text in values. A value is known by where it begins.
#[derive(Debug, Clone, Copy)]
enum State {
    Between,
    /// Inside so many brackets.
    Brackets(usize, usize),
    /// In a string, inside so many brackets.
    Text(usize, usize),
    /// In a number, a word, or what should not be there.
    Word(usize),
}

/// A value in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    /// Its bytes.
    pub(super) value: Range<usize>,
    /// Line feeds before it.
    pub(super) lines_before: usize,
    /// Where the next one is looked for.
    pub(super) end: usize,
    /// Line feeds up to there.
    pub(super) lines: usize,
}

impl Cutter {
    /// For a new text.
    pub(super) fn new() -> Self {
        Self { notation: None, looked: 0, state: State::Between, in_list: false }
    }

    /// Begins to look at a value anew, because what was shown of it is left out.
    pub(super) fn restart(&mut self) {
        (self.looked, self.state) = (0, State::Between);
    }

    /// The notation, once it is known.
    pub(super) fn notation(&self) -> Option<Notation> {
        self.notation
    }

    /// The next value, if `text` has all of it. A line of nothing but white space is one too.
    pub(super) fn next(&mut self, text: &[u8]) -> Option<Cut> {
        if self.notation.is_none() {
            self.notation = notation(text);
            if self.notation == Some(Notation::Values) && text.starts_with(BYTE_ORDER_MARK) {
                self.looked = BYTE_ORDER_MARK.len();
            }
        }
        match self.notation {
            Some(Notation::Values) => self.next_value(text),
            Some(Notation::Lines) => self.next_line(text),
            // The first line that is not empty will say.
            None => blank_lines(text),
        }
    }

    /// What is left at the end of the text: at best the last value, at worst a piece of one. A
    /// list that does not end leaves a value without bytes behind its last element.
    pub(super) fn last(&self, text: &[u8]) -> Option<Cut> {
        let start = match (self.notation, self.state) {
            (Some(Notation::Values), State::Between) => self.in_list.then_some(text.len()),
            (
                Some(Notation::Values),
                State::Brackets(start, _) | State::Text(start, _) | State::Word(start),
            ) => Some(start),
            (Some(Notation::Lines) | None, _) => (!is_blank(Some(text))).then_some(0),
        };
        start.map(|start| cut(text, start..text.len()))
    }

    fn next_line(&mut self, text: &[u8]) -> Option<Cut> {
        let Some(found) = text.get(self.looked..).and_then(|rest| memchr(b'\n', rest)) else {
            self.looked = text.len();
            return None;
        };
        let end = self.looked + found;
        self.looked = 0;
        Some(Cut { value: 0..end, lines_before: 0, end: end + 1, lines: 1 })
    }

    fn next_value(&mut self, text: &[u8]) -> Option<Cut> {
        loop {
            let start = match self.state {
                State::Between => {
                    self.between(*text.get(self.looked)?);
                    None
                }
                State::Brackets(start, depth) => {
                    self.in_brackets(*text.get(self.looked)?, start, depth).then_some(start)
                }
                State::Text(start, depth) => {
                    self.looked = string_end(text, self.looked)?;
                    self.state = State::Brackets(start, depth);
                    (depth == 0).then_some(start)
                }
                State::Word(start) => {
                    let ends = ends_word(*text.get(self.looked)?);
                    self.looked += usize::from(!ends);
                    ends.then_some(start)
                }
            };
            if let Some(start) = start {
                let cut = cut(text, start..self.looked);
                (self.state, self.looked) = (State::Between, 0);
                return Some(cut);
            }
        }
    }

    fn between(&mut self, byte: u8) {
        let at = self.looked;
        self.looked += 1;
        match byte {
            b'[' if !self.in_list => self.in_list = true,
            b']' if self.in_list => self.in_list = false,
            b'{' | b'[' => self.state = State::Brackets(at, 1),
            b'"' => self.state = State::Text(at, 0),
            byte if byte == b',' || byte.is_ascii_whitespace() => {}
            _ => self.state = State::Word(at),
        }
    }

    /// Whether the value ends with this byte.
    fn in_brackets(&mut self, byte: u8, start: usize, depth: usize) -> bool {
        self.looked += 1;
        match byte {
            b'"' => self.state = State::Text(start, depth),
            b'{' | b'[' => self.state = State::Brackets(start, depth + 1),
            b'}' | b']' => self.state = State::Brackets(start, depth - 1),
            _ => {}
        }
        depth == 1 && matches!(byte, b'}' | b']')
    }
}

/// The lines that `text` begins with and that have nothing but white space.
fn blank_lines(text: &[u8]) -> Option<Cut> {
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let space = text.get(mark..)?.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let end = mark + memrchr(b'\n', text.get(mark..mark + space)?)?;
    let blank = cut(text, 0..end);
    Some(Cut { end: end + 1, lines: blank.lines + 1, ..blank })
}

/// How a text is written that begins like this; `None` if that is not enough to know.
fn notation(text: &[u8]) -> Option<Notation> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if BYTE_ORDER_MARK.starts_with(text) {
        return None;
    }
    let begins = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let text = text.get(begins..)?;
    match text.first()? {
        b'[' => Some(Notation::Values),
        b'{' => {
            let line = text.get(..memchr(b'\n', text)?)?.trim_ascii_end();
            let is_broken_off = matches!(line.last(), Some(b'{' | b'[' | b',' | b':'));
            Some(if is_broken_off { Notation::Values } else { Notation::Lines })
        }
        _ => Some(Notation::Lines),
    }
}

/// Some editors put it before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether nothing can be read in this.
pub(super) fn is_blank(text: Option<&[u8]>) -> bool {
    let text = text.unwrap_or_default();
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    text.iter().all(u8::is_ascii_whitespace)
}

/// The value in `range`, and all before it.
fn cut(text: &[u8], value: Range<usize>) -> Cut {
    let line_feeds = |range| text.get(range).map_or(0, |text| memchr_iter(b'\n', text).count());
    let lines_before = line_feeds(0..value.start);
    let (end, inside) = (value.end, line_feeds(value.clone()));
    Cut { value, lines_before, end, lines: lines_before + inside }
}

/// Where the string ends that `text[at..]` is in, behind its quote; `None` if it goes on.
fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

fn ends_word(byte: u8) -> bool {
    matches!(byte, b',' | b']') || byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a text that becomes known `step` bytes at a time, each with its line, and
    /// what is left; without what is blank, which is cut out in one way or another.
    fn values(text: &str, step: usize) -> (Vec<(usize, String)>, Option<String>) {
        let (text, mut known, mut start, mut line) = (text.as_bytes(), 0, 0, 1);
        let (mut cutter, mut values) = (Cutter::new(), Vec::new());
        let shown = |range: Range<usize>| String::from_utf8(text[range].to_vec()).unwrap();
        while known < text.len() {
            known = (known + step).min(text.len());
            while let Some(cut) = cutter.next(&text[start..known]) {
                let value = shown(start + cut.value.start..start + cut.value.end);
                if !is_blank(Some(value.as_bytes())) {
                    values.push((line + cut.lines_before, value));
                }
                (start, line) = (start + cut.end, line + cut.lines);
            }
        }
        let last = cutter.last(&text[start..]);
        (values, last.map(|cut| shown(start + cut.value.start..start + cut.value.end)))
    }

    #[track_caller]
    fn assert_values(text: &str, expected: &[(usize, &str)], left: Option<&str>) {
        for step in [1, 2, 3, 7, text.len()] {
            let (values, last) = values(text, step);
            let values: Vec<_> = values.iter().map(|(line, value)| (*line, &**value)).collect();
            assert_eq!((&*values, last.as_deref()), (expected, left), "{text} by {step}");
        }
    }

    #[test]
    fn lines_are_values() {
        assert_values(
            "{\"a\":1}\n{\"b\":\n\n{\"c\":[",
            &[(1, "{\"a\":1}"), (2, "{\"b\":")],
            Some("{\"c\":["),
        );
        assert_values("{\"a\":1}", &[], Some("{\"a\":1}"));
        assert_values("id,text\r\n1,x\n", &[(1, "id,text\r"), (2, "1,x")], None);
        assert_values("\u{feff} \n\t\n{}\n", &[(3, "{}")], None);
    }

    #[test]
    fn pretty_printed_values_span_lines() {
        let page = "{\n \"a\": \"}\\\"{\",\n \"b\": [\n]}";
        let two = format!("\n{page}\n\n{page}\n");
        assert_values(&two, &[(2, page), (7, page)], None);
        assert_values("{ \"a\": [\n1", &[], Some("{ \"a\": [\n1"));
        assert_values("\u{feff}[\n{}]", &[(2, "{}")], None);
    }

    #[test]
    fn the_elements_of_a_list_are_values() {
        let text = "[{\"a\":[1,{}]},\n[2], \"x\\\\\",7,null]\n[{}]";
        let values =
            [(1, "{\"a\":[1,{}]}"), (2, "[2]"), (2, "\"x\\\\\""), (2, "7"), (2, "null"), (3, "{}")];
        assert_values(text, &values, None);
        assert_values("[]", &[], None);
    }

    #[test]
    fn a_list_that_does_not_end_leaves_something() {
        assert_values("[{},", &[(1, "{}")], Some(""));
        assert_values("[{\"a\"", &[], Some("{\"a\""));
        assert_values("[{}] }x} {}", &[(1, "{}"), (1, "}x}"), (1, "{}")], None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_text_all_of_it_is_looked_at(text in "[\\[\\]{}\",:\\\\ \n1a]{0,60}", step in 1_usize..9) {
            let (values, left) = values(&text, step);
            let found: usize = values.iter().map(|(_, value)| value.len()).sum();
            let all = |c: char| c.is_ascii_whitespace() || "[],".contains(c);
            let most = text.len();
            let least = text.chars().filter(|c| !all(*c)).count();
            let found = found + left.map_or(0, |left| left.len());
            proptest::prop_assert!((least..=most).contains(&found), "{found} of {least}..={most}");
        }
    }
}
