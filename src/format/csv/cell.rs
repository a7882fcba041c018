//! A cell as a field: of a value that was read, or as it stands in the page.

use super::field::{push_field, push_in_quotes};
use crate::columns::{self, Cell, CellType, List, instant, is_id, json};
use crate::json::Raw;
use crate::model::spec::Profile;

/// Appends the field that a value in a page makes, without reading the value; or false, if that
/// can't be done and nothing is appended.
pub(super) fn push_as_it_stands(out: &mut Vec<u8>, kind: CellType, raw: Raw<'_>) -> bool {
    let field = match kind {
        CellType::Text => {
            // JSON escapes quotes and line breaks, so here are none.
            let Some(text) = raw.plain() else { return false };
            let commas = text.iter().fold(false, |found, byte| found | (*byte == b','));
            if commas {
                push_in_quotes(out, text);
                return true;
            }
            Some(text)
        }
        CellType::Id => raw.plain().filter(|id| is_id(id)),
        CellType::Integer => Some(raw.get().as_bytes()).filter(|number| is_short_number(number)),
        CellType::DateTime => raw.plain().filter(|time| instant::micros(time).is_some()),
        CellType::Boolean | CellType::List | CellType::Object | CellType::Json => None,
    };
    field.map(|field| out.extend_from_slice(field)).is_some()
}

/// Whether it is a whole number that needs no reading to be written.
fn is_short_number(number: &[u8]) -> bool {
    (1..=18).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// Appends a cell.
pub(super) fn push_cell(out: &mut Vec<u8>, profile: Profile, cell: &Cell<'_>) {
    match cell {
        Cell::Absent | Cell::Misfit(_) => {}
        Cell::Text(text) | Cell::Json(text) => push_field(out, text),
        Cell::List(list) => push_list(out, list),
        Cell::DateTime(plain) | Cell::Id(plain) => out.extend_from_slice(plain.as_bytes()),
        Cell::Integer(value) => {
            out.extend_from_slice(itoa::Buffer::new().format(*value).as_bytes());
        }
        Cell::Boolean(value) => {
            out.extend_from_slice(columns::boolean(profile, *value).as_bytes());
        }
    }
}

/// Appends a JSON list as a field.
fn push_list(out: &mut Vec<u8>, list: &List<'_>) {
    let before = out.len();
    out.extend_from_slice(b"\"[");
    for (at, raw) in list.clone().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        let Some(text) = raw.plain() else {
            // Something else than a text, or one that has to be looked at.
            out.truncate(before);
            return push_field(out, &json::array(list.clone()));
        };
        out.extend_from_slice(b"\"\"");
        out.extend_from_slice(text);
        out.extend_from_slice(b"\"\"");
    }
    if out.len() > before + 2 {
        out.extend_from_slice(b"]\"");
    } else {
        out.truncate(before);
        out.extend_from_slice(b"[]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a value makes that is read first.
    fn read(kind: CellType, raw: Raw<'_>) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        push_cell(&mut out, Profile::Full, &kind.read(raw)?);
        Some(out)
    }

    proptest::proptest! {
        #[test]
        fn what_is_copied_as_it_stands_is_what_reading_it_gives(
            json in r#"-?[0-9]{1,20}|"[ !#-~é]{0,20}"|"[0-9]{1,20}"|"2026-0[1-9]-[0-3][0-9]T00:00:00Z"|true|null|\[\]"#,
        ) {
            use CellType::{Boolean, DateTime, Id, Integer, Json, List, Object, Text};
            // A few are no JSON, such as numbers that begin with 0.
            let document = crate::json::Document::new(json.as_str());
            proptest::prop_assume!(document.is_ok());
            let document = document.unwrap_or_default();
            for kind in [Text, Id, Integer, Boolean, DateTime, List, Object, Json] {
                let mut out = Vec::new();
                if push_as_it_stands(&mut out, kind, document.root()) {
                    proptest::prop_assert_eq!(Some(out), read(kind, document.root()), "{:?}", kind);
                } else {
                    proptest::prop_assert!(out.is_empty());
                }
            }
        }

        #[test]
        fn fields_are_written_as_the_csv_crate_writes_them(fields: [String; 3]) {
            let mut out = Vec::new();
            for field in &fields {
                push_field(&mut out, field);
                out.push(b',');
            }
            crate::format::csv::field::end_row(&mut out);
            let mut peer = csv::Writer::from_writer(Vec::new());
            peer.write_record(&fields).unwrap();
            proptest::prop_assert_eq!(out, peer.into_inner().unwrap());
        }
    }
}
