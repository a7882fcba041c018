//! How twarc-csv writes values: as Python does, and with every row on one line.
//!
//! Observed of twarc-csv 0.7.2 on Python 3.11 with pandas 2.3 (read and run 2026-11-23), which
//! writes lists with `json.dumps` and its defaults: a space after `,` and `:`, nothing but ASCII,
//! floating-point numbers as `repr` has them.
//!
//! Takes JSON that has been checked already; of anything else the result is unspecified, but never
//! a panic. Does not look for repeated keys, of which Python keeps the last.

use std::borrow::Cow;

/// A text: carriage returns are dropped, and a line feed becomes `\n`, two characters.
pub(super) fn text(text: Cow<'_, str>) -> Cow<'_, str> {
    // Every byte is looked at, whatever the first ones are: processors do many at a time.
    let breaks = text.bytes().fold(false, |found, b| found | matches!(b, b'\r' | b'\n'));
    if !breaks {
        return text;
    }
    let mut line = String::with_capacity(text.len() + 8);
    for part in text.split_inclusive(['\r', '\n']) {
        line.push_str(part.trim_end_matches(['\r', '\n']));
        if part.ends_with('\n') {
            line.push_str("\\n");
        }
    }
    Cow::Owned(line)
}

/// A JSON value that stands by itself in a cell and is no text.
pub(super) fn value(json: &str) -> Cow<'_, str> {
    match json {
        "true" => "True".into(),
        "false" => "False".into(),
        _ => dumps(json).into(),
    }
}

/// JSON in the notation of `json.dumps`.
pub(super) fn dumps(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 4);
    push_json(&mut out, json);
    out
}

/// Appends JSON in that notation.
pub(super) fn push_json(out: &mut String, json: &str) {
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let (_, after) = rest.split_at(first.len_utf8());
        rest = match first {
            '"' => push_string(out, "", after),
            ',' | ':' => {
                out.push(first);
                out.push(' ');
                after
            }
            '{' | '}' | '[' | ']' => {
                out.push(first);
                after
            }
            _ if first.is_ascii_whitespace() => after,
            _ => push_scalar(out, rest),
        };
    }
}

/// Appends a string that begins with `sigil`; `inside` begins after its opening quote. Gives what
/// follows the closing one.
pub(super) fn push_string<'j>(out: &mut String, sigil: &str, inside: &'j str) -> &'j str {
    out.push('"');
    out.push_str(sigil);
    let mut rest = inside;
    loop {
        let plain = rest.bytes().take_while(|b| is_plain(*b)).count();
        let (run, special) = rest.split_at(plain);
        out.push_str(run);
        let mut chars = special.chars();
        match chars.next() {
            Some('\\') => rest = push_escape(out, chars.as_str()),
            Some('"') | None => {
                out.push('"');
                return chars.as_str();
            }
            Some(other) => {
                other.encode_utf16(&mut [0; 2]).iter().for_each(|unit| push_unit(out, *unit));
                rest = chars.as_str();
            }
        }
    }
}

/// Whether a byte of a string stands for itself in both notations.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Appends what the escape at the start of `escape` (after its backslash) stands for, and gives
/// what follows it.
fn push_escape<'j>(out: &mut String, escape: &'j str) -> &'j str {
    let mut chars = escape.chars();
    match chars.next() {
        Some('u') => {
            let (digits, rest) = chars.as_str().split_at_checked(4).unwrap_or_default();
            push_unit(out, u16::from_str_radix(digits, 16).unwrap_or(0xFFFD));
            return rest;
        }
        Some('/') => out.push('/'),
        Some(other) => {
            out.push('\\');
            out.push(other);
        }
        None => {}
    }
    chars.as_str()
}

/// Appends one UTF-16 unit of a string.
fn push_unit(out: &mut String, unit: u16) {
    let short = match unit {
        0x08 => 'b',
        0x09 => 't',
        0x0A => 'n',
        0x0C => 'f',
        0x0D => 'r',
        0x22 => '"',
        0x5C => '\\',
        0x20..=0x7E => {
            out.extend(char::from_u32(unit.into()));
            return;
        }
        _ => {
            out.push_str("\\u");
            let digit = |shift: u32| char::from_digit(u32::from(unit) >> shift & 0xF, 16);
            out.extend([12, 8, 4, 0].into_iter().filter_map(digit));
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// Appends a number, `true`, `false` or `null`, and gives what follows it.
fn push_scalar<'j>(out: &mut String, json: &'j str) -> &'j str {
    let ends =
        |c: char| matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"') || c.is_ascii_whitespace();
    let (scalar, rest) = json.split_at(json.find(ends).unwrap_or(json.len()));
    let is_number = scalar.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    match scalar {
        "-0" => out.push('0'),
        _ if is_number && scalar.contains(['.', 'e', 'E']) => out.push_str(&float(scalar)),
        _ => out.push_str(scalar),
    }
    rest
}

/// A floating-point number as Python's `repr` writes it: the shortest digits that give the same
/// number back, with an exponent below 10⁻⁴ and from 10¹⁶.
fn float(json: &str) -> String {
    let Ok(value) = json.parse::<f64>() else { return json.to_owned() };
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        -4..16 => {
            let plain = value.to_string();
            if plain.contains('.') { plain } else { plain + ".0" }
        }
        exponent if exponent < 0 => format!("{digits}e-{:02}", -exponent),
        exponent => format!("{digits}e+{exponent:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_line() {
        for (sent, cell) in [
            ("a\r\nb\nc\rd", r"a\nb\ncd"),
            ("\n\n", r"\n\n"),
            ("\r\r\n", r"\n"),
            (r"a\nb", r"a\nb"),
            ("", ""),
        ] {
            assert_eq!(text(sent.into()), cell, "{sent:?}");
        }
    }

    /// What `json.dumps(json.loads(…))` of Python 3.11 gives.
    #[test]
    fn json_is_written_as_python_writes_it() {
        for (sent, cell) in [
            (r#"{ "a":[1 ,2],"b" : {} }"#, r#"{"a": [1, 2], "b": {}}"#),
            (r#"["é","😀","\ud83d\ude00"]"#, r#"["\u00e9", "\ud83d\ude00", "\ud83d\ude00"]"#),
            (
                r#""a\/b\"\\\n\u0041\u00E9\u0022\u005c\u000a\u001F""#,
                r#""a/b\"\\\nA\u00e9\"\\\n\u001f""#,
            ),
            ("\"\u{7f}\u{2028}, : {\"", r#""\u007f\u2028, : {""#),
            ("[true,false,null,-7]", "[true, false, null, -7]"),
            ("[]", "[]"),
        ] {
            assert_eq!(dumps(sent), cell, "{sent}");
        }
    }

    /// What `repr` of Python 3.11 gives.
    #[test]
    fn numbers_are_written_as_python_writes_them() {
        for (sent, cell) in [
            ("0.90", "0.9"),
            ("1.0", "1.0"),
            ("-0.0", "-0.0"),
            ("-0", "0"),
            ("1e2", "100.0"),
            ("1e22", "1e+22"),
            ("1E-5", "1e-05"),
            ("0.0001", "0.0001"),
            ("9999999999999998.0", "9999999999999998.0"),
            ("1e16", "1e+16"),
            ("1.5e-300", "1.5e-300"),
            ("-73.9876543210987654", "-73.98765432109876"),
            ("1e999", "Infinity"),
            ("123456789012345678901234", "123456789012345678901234"),
        ] {
            assert_eq!(dumps(sent), cell, "{sent}");
        }
    }

    proptest::proptest! {
        #[test]
        fn json_keeps_its_meaning_and_is_ascii(texts: Vec<String>, number: f64) {
            let json = serde_json::json!({ "k": texts, "n": [number, { "x y": null }] });
            for sent in [json.to_string(), serde_json::to_string_pretty(&json).unwrap()] {
                let cell = dumps(&sent);
                proptest::prop_assert!(cell.is_ascii());
                proptest::prop_assert_eq!(dumps(&cell), cell.clone());
                let read: serde_json::Value = serde_json::from_str(&cell).unwrap();
                proptest::prop_assert_eq!(&read["k"], &json["k"]);
            }
        }

        #[test]
        fn whatever_it_is_nothing_panics(json: String) {
            let _ = dumps(&json);
        }
    }
}
