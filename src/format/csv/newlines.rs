//! Texts without line breaks.

use std::borrow::Cow;

use crate::format::Newlines;

/// A text with its line breaks as they are wanted.
pub(super) fn written(newlines: Newlines, text: Cow<'_, str>) -> Cow<'_, str> {
    match newlines {
        Newlines::Escape if text.contains(['\\', '\n', '\r']) => escaped(&text).into(),
        Newlines::Space if text.contains(['\n', '\r']) => spaced(&text).into(),
        Newlines::Keep | Newlines::Escape | Newlines::Space => text,
    }
}

fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\\' => line.push_str(r"\\"),
            '\n' => line.push_str(r"\n"),
            '\r' => line.push_str(r"\r"),
            _ => line.push(char),
        }
    }
    line
}

/// CR and LF together are one line break.
fn spaced(text: &str) -> String {
    text.replace("\r\n", " ").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `docs/output.md` tells readers to do.
    fn undone(line: &str) -> String {
        let mut chars = line.chars();
        let mut text = String::new();
        while let Some(char) = chars.next() {
            text.push(match char {
                '\\' => match chars.next().unwrap() {
                    'n' => '\n',
                    'r' => '\r',
                    backslash => backslash,
                },
                char => char,
            });
        }
        text
    }

    #[test]
    fn line_breaks_are_what_ends_rows_elsewhere() {
        for (text, escaped, spaced) in [
            ("a\nb", r"a\nb", "a b"),
            ("a\r\nb\r", r"a\r\nb\r", "a b "),
            ("\n\n", r"\n\n", "  "),
            (r"a\nb", r"a\\nb", r"a\nb"),
            ("a\u{2028}b\u{85}\u{b}c\td", "a\u{2028}b\u{85}\u{b}c\td", "a\u{2028}b\u{85}\u{b}c\td"),
            ("", "", ""),
        ] {
            assert_eq!(written(Newlines::Keep, text.into()), text);
            assert_eq!(written(Newlines::Escape, text.into()), escaped);
            assert_eq!(written(Newlines::Space, text.into()), spaced);
        }
    }

    proptest::proptest! {
        #[test]
        fn an_escaped_text_is_one_line_and_can_be_undone(text in r"[\\\n\r nr]{0,8}|\PC*") {
            let line = written(Newlines::Escape, text.as_str().into());
            proptest::prop_assert!(!line.contains(['\n', '\r']));
            proptest::prop_assert_eq!(undone(&line), text);
        }
    }
}
