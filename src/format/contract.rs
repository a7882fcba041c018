//! The contract of every file format. A new format is in [`FileFormat::built_in`], and has a way to read
//! its files back in [`read`].

use std::io::Read;

use super::sample::{PAGE, post_page, value};
use super::{
    Encoded, Encoder, FileWriter, FormatError, Merging, Newlines, Options, PartWriter, Reader,
    Retweets, WithoutHeader, header, merging,
};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::Body;

pub(super) const PROFILES: [Profile; 3] = [Profile::Original, Profile::Full, Profile::Twarc];

fn each(test: impl Fn(FileFormat, Profile)) {
    for format in FileFormat::built_in() {
        for profile in PROFILES {
            test(format, profile);
        }
    }
}

/// A part of pages and the rows of them that count.
fn part(format: FileFormat, profile: Profile, pages: &[(&str, &[Span])]) -> Encoded {
    let mut writer = PartWriter::new(format, profile).unwrap();
    for (page, spans) in pages {
        let body = Body::new(page.as_bytes());
        writer.page(&body.decode().unwrap(), spans).unwrap();
    }
    writer.finish().unwrap()
}

/// Id and text of each row.
fn read(format: FileFormat, bytes: &[u8]) -> Vec<(String, String)> {
    match format {
        FileFormat::Csv => read_csv(bytes),
        FileFormat::Jsonl => read_jsonl(bytes),
        FileFormat::JsonlGz => read_jsonl(&all(flate2::read::MultiGzDecoder::new(bytes))),
        FileFormat::JsonlZst => read_jsonl(&all(zstd::Decoder::new(bytes).unwrap())),
        FileFormat::Parquet => read_parquet(bytes),
    }
}

pub(super) fn all(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    bytes
}

fn read_csv(bytes: &[u8]) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    let at = |names: &[&str]| header.iter().position(|column| names.contains(&column)).unwrap();
    let (id, text) = (at(&["id"]), at(&["tweet", "text"]));
    reader.records().map(Result::unwrap).map(|row| (row[id].into(), row[text].into())).collect()
}

fn read_jsonl(bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let row = |line| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        (row["id"].as_str().unwrap().to_owned(), row["text"].as_str().unwrap().to_owned())
    };
    text.split_terminator('\n').map(row).collect()
}

#[cfg(feature = "parquet")]
fn read_parquet(bytes: &[u8]) -> Vec<(String, String)> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, Row};
    let file = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
    let text = |row: &Row, names: &[&str]| {
        let mut texts = row.get_column_iter().filter_map(|(name, field)| match field {
            Field::Str(text) if names.contains(&name.as_str()) => Some(text.clone()),
            _ => None,
        });
        texts.next().unwrap()
    };
    rows.map(|row| (text(&row, &["id"]), text(&row, &["tweet", "text"]))).collect()
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(_: &[u8]) -> Vec<(String, String)> {
    unreachable!()
}

/// None: the contract is that of the files which programs read.
const OPTIONS: Options =
    Options { newlines: Newlines::Keep, reader: Reader::Programs, retweets: Retweets::AsSent };

const ALL: Span = Span { from: 0, to: 3 };

#[test]
fn rows_out_are_the_tweets_that_count() {
    each(|format, profile| {
        for spans in [vec![], vec![ALL], vec![Span { from: 0, to: 1 }, Span { from: 2, to: 3 }]] {
            let wanted: u64 = spans.iter().map(|span| span.to - span.from).sum();
            let part = part(format, profile, &[(PAGE, &spans)]);
            assert_eq!((part.rows, read(format, &part.bytes).len() as u64), (wanted, wanted));
        }
    });
}

#[test]
fn rows_that_the_page_does_not_have_are_refused() {
    each(|format, profile| {
        let body = Body::new(PAGE.as_bytes());
        let page = body.decode().unwrap();
        for (from, to) in [(0, 4), (2, 1), (9, 9), (0, u64::MAX)] {
            let mut writer = PartWriter::new(format, profile).unwrap();
            let refused = writer.page(&page, &[Span { from, to }]);
            assert!(
                matches!(refused, Err(FormatError::NoSuchRows { tweets: 3, .. })),
                "{from} {to}"
            );
        }
    });
}

#[test]
fn the_same_pages_make_the_same_bytes() {
    each(|format, profile| {
        let make = || part(format, profile, &[(PAGE, &[ALL]), (&post_page(), &[ALL])]);
        assert_eq!(make(), make());
    });
}

#[test]
fn parts_merge_into_the_file_that_one_part_would_be() {
    each(|format, profile| {
        if merging(format) == Merging::Encode {
            return;
        }
        let post = post_page();
        let parts = [
            part(format, profile, &[(PAGE, &[Span { from: 0, to: 2 }])]),
            part(format, profile, &[(PAGE, &[Span { from: 2, to: 3 }]), (&post, &[ALL])]),
        ];
        let mut merged = header(format, profile);
        for part in &parts {
            let mut part_without = WithoutHeader::new(format, profile);
            for piece in part.bytes.chunks(100) {
                merged.extend_from_slice(part_without.rows(piece).unwrap());
            }
            part_without.finish().unwrap();
        }
        let whole = part(format, profile, &[(PAGE, &[ALL]), (&post, &[ALL])]).bytes;
        assert_eq!(read(format, &merged), read(format, &whole));
        assert!(format == FileFormat::JsonlGz || merged == whole);
    });
}

#[test]
fn chunks_may_be_cut_anywhere_and_made_apart() {
    each(|format, profile| {
        let (body, post) = (Body::new(PAGE.as_bytes()), post_page());
        let page = body.decode().unwrap();
        let mut file = FileWriter::new(format, profile, OPTIONS, Vec::new()).unwrap();
        for (from, to) in [(0, 1), (1, 1), (1, 3)] {
            let mut encoder = Encoder::new(format, profile, OPTIONS).unwrap();
            encoder.page(&page, &[Span { from, to }]).unwrap();
            file.chunk(encoder.chunk().unwrap()).unwrap();
        }
        let body = Body::new(post.as_bytes());
        let mut encoder = Encoder::new(format, profile, OPTIONS).unwrap();
        encoder.page(&body.decode().unwrap(), &[ALL]).unwrap();
        file.chunk(encoder.chunk().unwrap()).unwrap();
        assert_eq!((file.rows(), encoder.rows()), (6, 0));
        let whole = part(format, profile, &[(PAGE, &[ALL]), (&post, &[ALL])]).bytes;
        assert_eq!(read(format, &file.finish().unwrap()), read(format, &whole));
    });
}

#[test]
fn what_is_drained_and_what_is_left_are_the_file() {
    each(|format, profile| {
        let body = Body::new(PAGE.as_bytes());
        let page = body.decode().unwrap();
        let mut writer = PartWriter::new(format, profile).unwrap();
        let mut file = Vec::new();
        // Long enough for chunks to be taken on the way.
        for _ in 0..4 {
            writer.page(&page, &[ALL; 50]).unwrap();
            file.extend(writer.drain());
        }
        let rows = writer.rows();
        file.extend(writer.finish().unwrap().bytes);
        assert_eq!(read(format, &file).len() as u64, rows);
    });
}

#[test]
fn chunks_of_another_format_are_refused() {
    each(|format, profile| {
        for other in FileFormat::built_in().filter(|other| *other != format) {
            let mut file = FileWriter::new(format, profile, OPTIONS, Vec::new()).unwrap();
            let chunk = Encoder::new(other, profile, OPTIONS).unwrap().chunk().unwrap();
            assert!(matches!(file.chunk(chunk), Err(FormatError::OtherFormat)));
        }
    });
}

#[test]
fn a_part_with_other_columns_is_not_merged() {
    for profile in PROFILES {
        for other in [&b""[..], b"id,something\n1,2\n"] {
            let mut without = WithoutHeader::new(FileFormat::Csv, profile);
            let refused = without.rows(other).map(drop).and_then(|()| without.finish());
            assert!(matches!(refused, Err(FormatError::OtherHeader)));
        }
    }
}

#[test]
fn texts_read_back_as_they_were() {
    each(|format, profile| {
        let texts =
            ["", "a,b", "\"", "\n", "\r\n", "\r", "'", "\0", "\u{feff}", "\u{202e}x", "𝔹", " "];
        let mut page = value();
        let tweet = page["data"][2].clone();
        page["data"] = texts
            .iter()
            .map(|text| {
                let mut tweet = tweet.clone();
                tweet["text"] = (*text).into();
                tweet
            })
            .collect();
        let all = Span { from: 0, to: texts.len() as u64 };
        let part = part(format, profile, &[(&page.to_string(), &[all])]);
        let read: Vec<_> = read(format, &part.bytes).into_iter().map(|(_, text)| text).collect();
        let wanted = texts.map(|text| match (profile, format) {
            (Profile::Twarc, FileFormat::Csv | FileFormat::Parquet) => {
                text.replace('\r', "").replace('\n', "\\n")
            }
            _ => text.to_owned(),
        });
        assert_eq!(read, wanted);
    });
}
