//! The contract of every file format. A new format adds a line to [`FORMATS`] and a way to read
//! its files back in [`cells`].

use super::sample::{PAGE, post_page, value};
use super::{Encoded, FormatError, PartWriter, WithoutHeader, columns, header};
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::model::tweet::Body;

const FORMATS: [FileFormat; 1] = [FileFormat::Csv];
const PROFILES: [Profile; 2] = [Profile::Original, Profile::Full];

fn each(test: impl Fn(FileFormat, Profile)) {
    for format in FORMATS {
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

/// The names of the columns, then the cells of each row.
fn cells(format: FileFormat, bytes: &[u8]) -> Vec<Vec<String>> {
    let FileFormat::Csv = format;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.deserialize().map(Result::unwrap).collect()
}

const ALL: Span = Span { from: 0, to: 3 };

#[test]
fn rows_out_are_the_tweets_that_count() {
    each(|format, profile| {
        for spans in [vec![], vec![ALL], vec![Span { from: 0, to: 1 }, Span { from: 2, to: 3 }]] {
            let wanted: u64 = spans.iter().map(|span| span.to - span.from).sum();
            let part = part(format, profile, &[(PAGE, &spans)]);
            assert_eq!((part.rows, cells(format, &part.bytes).len() as u64), (wanted, wanted + 1));
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
fn the_header_names_the_columns_of_the_dictionary() {
    each(|format, profile| {
        let header = header(format, profile).unwrap();
        let names: Vec<_> = columns::of(profile).map(|column| column.name.to_owned()).collect();
        assert_eq!(cells(format, &header), [names]);
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
        let post = post_page();
        let parts = [
            part(format, profile, &[(PAGE, &[Span { from: 0, to: 2 }])]),
            part(format, profile, &[(PAGE, &[Span { from: 2, to: 3 }]), (&post, &[ALL])]),
            part(format, profile, &[]),
        ];
        let mut merged = header(format, profile).unwrap();
        for part in &parts {
            let mut part_without = WithoutHeader::new(format, profile).unwrap();
            for piece in part.bytes.chunks(100) {
                merged.extend_from_slice(part_without.rows(piece).unwrap());
            }
            part_without.finish().unwrap();
        }
        assert_eq!(merged, part(format, profile, &[(PAGE, &[ALL]), (&post, &[ALL])]).bytes);
    });
}

#[test]
fn a_part_with_other_columns_is_not_merged() {
    each(|format, profile| {
        for other in [&b""[..], b"id,something\n1,2\n"] {
            let mut without = WithoutHeader::new(format, profile).unwrap();
            let refused = without.rows(other).map(drop).and_then(|()| without.finish());
            assert!(matches!(refused, Err(FormatError::OtherHeader)));
        }
    });
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
        let read: Vec<_> =
            cells(format, &part.bytes).into_iter().skip(1).map(|r| r[3].clone()).collect();
        assert_eq!(read, texts);
    });
}
