//! Crowds of changed tweets: 100,000 of them, in every format and profile, however X changes them.
//!
//! A page of a hundred is one case, because most of what a file costs it costs once. Tweets are
//! those of the sample, which has every field of X's schema, and each of them is changed by itself;
//! so is what they refer to. A number decides how, so that making tweets costs less than rows do.

use std::iter::repeat_with;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::PartWriter;
use super::changes::{Change, apply, below};
use super::contract::{self, PROFILES};
use super::sample::value;
use crate::columns;
use crate::model::record::Span;
use crate::model::spec::{FileFormat, Profile};
use crate::tweet::{Body, Page};

/// Tweets on a page.
const TWEETS: usize = 100;

/// Pages for each combination of format and profile; there are nine, so together 100,800 tweets.
const PAGES: u32 = 112;

/// What stands in a place where something else is expected, beside random numbers.
static STRANGERS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let texts =
        ["", "\u{0}", "a,\"b\"\r\n", "\u{feff}𝔹\u{202e}", "2062875508879110287", "2026-13-45"];
    let others = [
        json!(null),
        json!({ "deeper": [{}] }),
        json!([[], "x"]),
        json!({}),
        json!([]),
        json!(true),
        json!(-0.5e300),
        json!(u64::MAX),
        json!("x".repeat(5000)),
    ];
    others.into_iter().chain(texts.map(Value::from)).collect()
});

/// A value, and the pointers of all values in it.
struct Original {
    value: Value,
    pointers: Vec<String>,
}

impl Original {
    fn new(value: Value) -> Self {
        let pointers = below(&value, "");
        Self { value, pointers }
    }

    /// The value after one to five changes.
    fn changed(&self, dice: &mut Dice) -> Value {
        let mut value = self.value.clone();
        for _ in 0..=dice.below(5) {
            let pointer = &self.pointers[dice.below(self.pointers.len())];
            let change = match dice.below(6) {
                0 => Change::Add,
                1 => Change::Drop,
                2 => Change::Retype(dice.next().into()),
                _ => Change::Retype(STRANGERS[dice.below(STRANGERS.len())].clone()),
            };
            apply(&mut value, pointer, &change);
        }
        value
    }
}

/// Numbers that look random and follow from the first (Steele, Lea, Flood: `SplitMix64`, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

/// The page that follows from a number.
fn page(seed: u64) -> String {
    static ORIGINALS: LazyLock<(Vec<Original>, Original)> = LazyLock::new(|| {
        let mut page = value();
        let Value::Array(tweets) = page["data"].take() else { unreachable!() };
        let includes = Original::new(page["includes"].take());
        (tweets.into_iter().map(Original::new).collect(), includes)
    });
    let (tweets, includes) = &*ORIGINALS;
    let mut dice = Dice(seed);
    let tweet = || match dice.below(50) {
        0 => STRANGERS[dice.below(STRANGERS.len())].clone(),
        _ => tweets[dice.below(tweets.len())].changed(&mut dice),
    };
    let data: Vec<_> = repeat_with(tweet).take(TWEETS).collect();
    json!({ "data": data, "includes": includes.changed(&mut dice) }).to_string()
}

/// A page as a file.
fn file(format: FileFormat, profile: Profile, page: &Page<'_>) -> Vec<u8> {
    let mut writer = PartWriter::new(format, profile).unwrap();
    writer.page(page, &[Span { from: 0, to: page.tweets.len() as u64 }]).unwrap();
    writer.finish().unwrap().bytes
}

/// How many rows others find in a file.
fn rows(format: FileFormat, profile: Profile, file: &[u8]) -> usize {
    match format {
        FileFormat::Csv => {
            let mut reader = csv::Reader::from_reader(file);
            assert_eq!(reader.headers().unwrap().len(), columns::of(profile).count());
            reader.records().collect::<Result<Vec<_>, _>>().unwrap().len()
        }
        FileFormat::Jsonl => lines(file),
        FileFormat::JsonlGz => lines(&contract::all(flate2::read::MultiGzDecoder::new(file))),
        FileFormat::JsonlZst => lines(&zstd::decode_all(file).unwrap()),
        FileFormat::Parquet => parquet_rows(file),
    }
}

fn lines(file: &[u8]) -> usize {
    let lines: Vec<_> = std::str::from_utf8(file).unwrap().split_terminator('\n').collect();
    for line in &lines {
        serde_json::from_str::<&RawValue>(line).unwrap();
    }
    lines.len()
}

#[cfg(feature = "parquet")]
fn parquet_rows(file: &[u8]) -> usize {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let file = SerializedFileReader::new(bytes::Bytes::copy_from_slice(file)).unwrap();
    usize::try_from(file.metadata().file_metadata().num_rows()).unwrap()
}

#[cfg(not(feature = "parquet"))]
fn parquet_rows(_: &[u8]) -> usize {
    unreachable!()
}

/// As many rows as tweets.
fn rows_are_tweets(format: FileFormat, profile: Profile, seed: u64) {
    let text = page(seed);
    let body = Body::new(text.as_bytes());
    let page = body.decode().unwrap();
    assert_eq!(page.tweets.len(), TWEETS);
    let file = file(format, profile, &page);
    assert_eq!(rows(format, profile, &file), TWEETS, "{format:?} {profile:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: PAGES, ..ProptestConfig::default() })]

    #[test]
    fn changed_tweets_are_as_many_rows_of_csv(seeds: [u64; 3]) {
        for (profile, seed) in PROFILES.into_iter().zip(seeds) {
            rows_are_tweets(FileFormat::Csv, profile, seed);
        }
    }

    #[test]
    #[cfg(feature = "parquet")]
    fn changed_tweets_are_as_many_rows_of_parquet(seeds: [u64; 3]) {
        for (profile, seed) in PROFILES.into_iter().zip(seeds) {
            rows_are_tweets(FileFormat::Parquet, profile, seed);
        }
    }

    #[test]
    fn changed_tweets_are_as_many_lines_of_json_however_they_are_packed(seeds: [u64; 3]) {
        let packed = [FileFormat::Jsonl, FileFormat::JsonlGz, FileFormat::JsonlZst];
        for (format, seed) in packed.into_iter().zip(seeds) {
            // The profile changes nothing here.
            rows_are_tweets(format, Profile::Full, seed);
        }
    }
}
