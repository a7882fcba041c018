//! Files of CSV, as programs and as others read them.

use super::*;
use crate::columns;
use crate::format::sample::{PAGE, value};
use crate::format::{Encoder, FileWriter, Retweets};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::Body;

const PROFILES: [Profile; 3] = [Profile::Original, Profile::Full, Profile::Twarc];

const SPREADSHEETS: Options =
    Options { newlines: Newlines::Keep, reader: Reader::Spreadsheets, retweets: Retweets::AsSent };

/// A page as a file, and how many of its cells were cut.
fn file(profile: Profile, options: Options, page: &str) -> (Vec<u8>, u64) {
    let body = Body::new(page.as_bytes());
    let page = body.decode().unwrap();
    let mut file = FileWriter::new(FileFormat::Csv, profile, options, Vec::new()).unwrap();
    let mut encoder = Encoder::new(FileFormat::Csv, profile, options).unwrap();
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    encoder.page(&page, &[all]).unwrap();
    file.chunk(encoder.chunk().unwrap()).unwrap();
    let cut = file.cells_cut();
    (file.finish().unwrap(), cut)
}

/// The cells, header and all.
fn read(file: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(file);
    let cells = |row: ::csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(Result::unwrap).map(cells).collect()
}

/// A page of tweets that differ from the sample's third in their texts.
fn page_of(texts: &[&str]) -> String {
    let mut page = value();
    let sample = page["data"][2].clone();
    let tweet = |text: &&str| {
        let mut tweet = sample.clone();
        tweet["text"] = (*text).into();
        tweet
    };
    page["data"] = texts.iter().map(tweet).collect();
    page.to_string()
}

#[test]
fn only_texts_are_rewritten_for_their_line_breaks() {
    for profile in PROFILES {
        for newlines in [Newlines::Escape, Newlines::Space] {
            let options = Options { newlines, ..Options::default() };
            let plain = read(&file(profile, Options::default(), PAGE).0);
            let written = read(&file(profile, options, PAGE).0);
            for (plain, written) in plain.iter().zip(&written).skip(1) {
                for ((plain, written), column) in
                    plain.iter().zip(written).zip(columns::of(profile))
                {
                    let plain = plain.as_str().into();
                    let is_text = column.kind == CellType::Text;
                    let wanted = if is_text { newlines::written(newlines, plain) } else { plain };
                    assert_eq!(*written, wanted, "{}", column.name);
                }
            }
        }
    }
}

#[test]
fn a_row_is_a_line_if_line_breaks_are_not_kept() {
    let page = page_of(&["a\nb\r\nc", "\r", "plain", "\"quoted\",\n"]);
    for newlines in [Newlines::Escape, Newlines::Space] {
        let options = Options { newlines, ..Options::default() };
        let bytes = file(Profile::Full, options, &page).0;
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!((text.lines().count(), text.contains('\r')), (5, false));
    }
}

/// Takes off what `docs/output.md` says about files for spreadsheets.
fn stripped(file: &[u8]) -> Vec<Vec<String>> {
    let rows = file.strip_prefix(b"\xEF\xBB\xBF").unwrap();
    assert!(rows.ends_with(b"\r\n"));
    let mut rows = read(rows);
    for cell in rows.iter_mut().flatten() {
        let literal = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
        let value = literal.or_else(|| cell.strip_prefix('\'')).unwrap_or(cell).to_owned();
        *cell = value;
    }
    rows
}

#[test]
fn a_file_for_spreadsheets_has_the_same_values_under_its_marks() {
    let texts = ["=1+1", "'", "'=\"5\"", "@a\r\nb", "Mar 20", "\u{feff}x", "", "=\"7\""];
    for page in [PAGE.to_owned(), page_of(&texts)] {
        for profile in PROFILES {
            let (bytes, cut) = file(profile, SPREADSHEETS, &page);
            assert_eq!(stripped(&bytes), read(&file(profile, Options::default(), &page).0));
            assert_eq!(cut, 0);
        }
    }
}

#[test]
fn in_a_file_for_spreadsheets_ids_are_texts_and_nothing_runs() {
    for profile in PROFILES {
        let rows = read(&file(profile, SPREADSHEETS, PAGE).0[3..]);
        for (column, at) in columns::of(profile).zip(0..) {
            for cell in rows.iter().skip(1).map(|row| &row[at]).filter(|cell| !cell.is_empty()) {
                let digits = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
                assert!(column.kind != CellType::Id || digits.is_some(), "{}: {cell}", column.name);
                let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && digits.is_none();
                assert!(!runs, "{}: {cell}", column.name);
            }
        }
    }
}

#[test]
fn a_cell_that_excel_can_not_take_is_cut_and_counted() {
    let long = "a".repeat(40_000);
    let (bytes, cut) = file(Profile::Original, SPREADSHEETS, &page_of(&[&long, "short", &long]));
    let rows = read(&bytes[3..]);
    assert_eq!((cut, rows[1][3].chars().count(), rows[2][3].as_str()), (2, 32_767, "short"));
    assert!(rows[1][3].ends_with("a… [cut: 40000 characters]"), "{}", &rows[1][3][32_700..]);
    let (whole, cut) = file(Profile::Original, Options::default(), &page_of(&[&long]));
    assert_eq!((cut, read(&whole)[1][3].len()), (0, 40_000));
}

proptest::proptest! {
    #[test]
    fn rows_come_apart_as_they_were_put_together(fields: [String; 3]) {
        let mut out = Vec::new();
        for field in &fields {
            push_field(&mut out, field);
            out.push(b',');
        }
        end_row(&mut out);
        let row = String::from_utf8(out).unwrap();
        let read: Vec<_> = cells(row.strip_suffix('\n').unwrap()).map(unquoted).collect();
        proptest::prop_assert_eq!(read, fields);
    }

    #[test]
    fn any_texts_can_be_read_back_from_a_file_for_spreadsheets(
        texts in proptest::collection::vec("[ ='\"@a1+,;\r\n-]{0,6}|\\PC*", 1..4)
    ) {
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let rows = stripped(&file(Profile::Original, SPREADSHEETS, &page_of(&texts)).0);
        let read: Vec<_> = rows.iter().skip(1).map(|row| row[3].as_str()).collect();
        proptest::prop_assert_eq!(read, texts);
    }
}
