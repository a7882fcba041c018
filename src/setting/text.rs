//! What is done to the text of every setting before its parser sees it.
//!
//! Files of variables, editors and clipboards leave traces around a value: blanks, the carriage
//! return of Windows, a byte order mark, quotation marks that a shell would have taken off and
//! `docker --env-file` does not. [`clean`] treats them alike in every layer:
//!
//! | at the edges | becomes of it |
//! |---|---|
//! | blanks of every kind, line ends, signs without width | taken off |
//! | a quotation mark | refused: it is never meant, and may be half of what was cut |
//! | nothing else | refused; an *empty* value counts as absent |
//!
//! Inside, control characters and a byte order mark are refused. Members of a list are values of
//! their own. It shows no part of a value.

use super::invalid::Invalid;
use super::recognise::{is_blank, is_invisible};
use super::row::Shape;

/// Quotation marks of keyboards and of word processors.
const QUOTES: &[char] = &[
    '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}', '\u{201a}',
    '\u{ab}', '\u{bb}',
];

/// The value that `text` stands for.
pub fn clean(text: &str, shape: Shape) -> Result<String, Invalid> {
    match shape {
        Shape::One => one(text),
        Shape::List => {
            let members = text.split([',', '\n']).filter(|member| !trimmed(member).is_empty());
            let members = members.map(one).collect::<Result<Vec<_>, _>>()?;
            if members.is_empty() && !text.is_empty() { one("\n") } else { Ok(members.join(",")) }
        }
    }
}

fn one(text: &str) -> Result<String, Invalid> {
    let value = trimmed(text);
    if value.is_empty() && !text.is_empty() {
        let fix = "write a value, or leave it out";
        return Err(Invalid::new("there is nothing but blanks", fix));
    }
    if value.starts_with(QUOTES) || value.ends_with(QUOTES) {
        return Err(Invalid::new(
            "a quotation mark stands at its beginning or end",
            "leave quotation marks out: files of variables (docker --env-file, and others) take \
             them for a part of the value",
        ));
    }
    if let Some(found) = value.chars().find(|c| c.is_control() || *c == '\u{feff}') {
        let reason = match found {
            '\n' | '\r' => "there is a line break in it".to_owned(),
            '\t' => "there is a tab in it".to_owned(),
            other => format!("there is a control character in it (U+{:04X})", u32::from(other)),
        };
        return Err(Invalid::new(reason, "write it on one line, as it was given to you"));
    }
    Ok(value.to_owned())
}

/// Refuses signs that nobody sees inside a secret: copied along, they make it another one.
pub fn all_visible(text: &str) -> Result<(), Invalid> {
    if text.chars().any(|c| is_invisible(c) || (c.is_whitespace() && c != ' ')) {
        let fix = "copy it again, without what stands around it";
        return Err(Invalid::new("there is a sign in it that nobody sees", fix));
    }
    Ok(())
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_of_files_and_clipboards_are_taken_off() {
        for text in [
            "value",
            " value ",
            "value\r",
            "value\r\n",
            "\tvalue\t\n",
            "\u{feff}value",
            "\u{a0}value\u{a0}",
            "\u{200b}value\u{2060}",
            "\u{3000}value\u{2009}",
            "value\0".trim_end_matches('\0'),
        ] {
            assert_eq!(clean(text, Shape::One).unwrap(), "value", "{text:?}");
        }
        assert_eq!(clean("", Shape::One).unwrap(), "");
        assert_eq!(clean("my folder", Shape::One).unwrap(), "my folder");
        assert_eq!(clean("it's", Shape::One).unwrap(), "it's");
    }

    #[test]
    fn what_is_never_meant_is_refused() {
        for (text, why) in [
            ("\"value\"", "quotation mark"),
            ("'value'", "quotation mark"),
            (" 'value' ", "quotation mark"),
            ("\"value", "quotation mark"),
            ("value'", "quotation mark"),
            ("\u{201c}value\u{201d}", "quotation mark"),
            (" ", "nothing but blanks"),
            ("\u{feff}", "nothing but blanks"),
            ("a\nb", "line break"),
            ("a\r\nb", "line break"),
            ("a\tb", "tab"),
            ("a\0b", "U+0000"),
            ("a\u{1b}[0m", "U+001B"),
            ("a\u{85}b", "U+0085"),
            ("a\u{feff}b", "U+FEFF"),
        ] {
            let refused = clean(text, Shape::One).unwrap_err();
            assert!(refused.reason.contains(why), "{text:?}: {refused}");
        }
    }

    #[test]
    fn members_of_a_list_are_values_of_their_own() {
        assert_eq!(clean(" a ,\u{feff}b\r\nc\n,", Shape::List).unwrap(), "a,b,c");
        for wrong in ["a,'b',c", "\"a,b\"", " ", "a\tb", ", ,"] {
            assert!(clean(wrong, Shape::List).is_err(), "{wrong:?}");
        }
        assert_eq!(clean("", Shape::List).unwrap(), "");
    }

    #[test]
    fn secrets_have_no_signs_that_nobody_sees() {
        assert!(all_visible("abc def").is_ok());
        for wrong in ["a\u{200b}b", "a\u{a0}b", "a\u{2028}b", "a\u{ad}b"] {
            assert!(all_visible(wrong).is_err(), "{wrong:?}");
        }
    }
}
