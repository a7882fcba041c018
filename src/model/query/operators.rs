//! Which operators X's search knows, as data.
//!
//! Source: docs.x.com, search operators, read 2026-08-22. X changes them without notice (the
//! `min_…` family was gone from 2026-01-19 to 2026-05-04), so this is one table: correct it here.

use super::super::spec::Archive;
use super::tokens::Token;

/// Where an operator may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Anywhere: X can look it up.
    Anywhere,
    /// Only next to something that can be looked up.
    Beside,
}

/// An operator.
#[derive(Debug)]
pub struct Operator {
    /// Its name, before the colon.
    pub name: &'static str,
    /// Where it may stand.
    pub place: Place,
    /// Its only values; empty: any.
    pub values: &'static [&'static str],
}

const fn anywhere(name: &'static str) -> Operator {
    Operator { name, place: Place::Anywhere, values: &[] }
}

const fn beside(name: &'static str, values: &'static [&'static str]) -> Operator {
    Operator { name, place: Place::Beside, values }
}

/// All of them.
pub const OPERATORS: &[Operator] = &[
    anywhere("from"),
    anywhere("to"),
    anywhere("retweets_of"),
    anywhere("url"),
    anywhere("context"),
    anywhere("entity"),
    anywhere("conversation_id"),
    anywhere("list"),
    anywhere("in_reply_to_tweet_id"),
    anywhere("retweets_of_tweet_id"),
    anywhere("quotes_of_tweet_id"),
    anywhere("place"),
    anywhere("place_country"),
    anywhere("point_radius"),
    anywhere("bounding_box"),
    anywhere("min_likes"),
    anywhere("min_replies"),
    anywhere("min_reposts"),
    beside("is", &["retweet", "reply", "quote", "verified", "nullcast"]),
    beside(
        "has",
        &[
            "hashtags",
            "cashtags",
            "links",
            "mentions",
            "media",
            "images",
            "video_link",
            "videos",
            "geo",
        ],
    ),
    beside("lang", &[]),
];

/// Operators of X's web site, of older versions or of the stream, and what to write instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("since", "leave it out and set start_date (--since)"),
    ("until", "leave it out and set end_date (--until)"),
    ("since_id", "leave it out and set start_date (--since)"),
    ("max_id", "leave it out and set end_date (--until)"),
    ("since_time", "leave it out and set start_date (--since)"),
    ("until_time", "leave it out and set end_date (--until)"),
    ("min_faves", "write min_likes:"),
    ("min_retweets", "write min_reposts:"),
    ("filter", "write has: or is:, for example has:media, -is:reply"),
    ("exclude", "write -is:, for example -is:retweet"),
    ("include", "leave it out"),
    ("near", "write point_radius:[longitude latitude 10km]"),
    ("within", "write point_radius:[longitude latitude 10km]"),
    ("geocode", "write point_radius:[longitude latitude 10km]"),
    ("source", "leave it out: X no longer says which program sent a post"),
    ("sample", "leave it out: only the filtered stream knows it"),
    ("bio", "leave it out: only the filtered stream knows it"),
    ("bio_name", "leave it out: only the filtered stream knows it"),
    ("bio_location", "leave it out: only the filtered stream knows it"),
    ("followers_count", "leave it out: only the filtered stream knows it"),
];

/// Where a word may stand.
pub(super) fn place(token: &Token) -> Place {
    let operator = split(&token.text).and_then(|(name, _)| find(name));
    operator.map_or(Place::Anywhere, |operator| operator.place)
}

/// What is wrong with a word, and the fix.
pub(super) fn fault(token: &Token, archive: Archive) -> Option<(String, String)> {
    let because = |problem: &str, fix: &str| Some((problem.to_owned(), fix.to_owned()));
    let text = token.text.as_str();
    match text {
        "#" | "@" | "$" | "＃" => return because("this sign has no word", "remove it"),
        "NOT" => return because("NOT is no operator", "write a minus directly before a thing"),
        _ => {}
    }
    if text.eq_ignore_ascii_case("and") {
        let fix = "leave a blank, which means both, or quote it (\"and\") to search for the word";
        return because("and is ambiguous to X", fix);
    }
    if text.eq_ignore_ascii_case("or") {
        let fix = "write OR in capitals, or quote it (\"or\") to search for the word";
        return because("or is ambiguous to X", fix);
    }
    let (name, value) = split(text)?;
    operator_fault(token, name, value, archive)
}

fn operator_fault(
    token: &Token,
    name: &str,
    value: &str,
    archive: Archive,
) -> Option<(String, String)> {
    let Some(operator) = find(name) else { return Some(unknown(name)) };
    if value.is_empty() {
        let fix = "write the value directly after the colon";
        return Some((format!("{name}: has no value"), fix.to_owned()));
    }
    let known = operator.values;
    let lower = value.to_ascii_lowercase();
    if !known.is_empty() && !known.contains(&lower.as_str()) {
        return Some((format!("{name}: does not know {value}"), one_of(&lower, known)));
    }
    if lower == "nullcast" && !token.negated {
        let problem = "is:nullcast can only be excluded".to_owned();
        return Some((problem, "write -is:nullcast".to_owned()));
    }
    (operator.name == "entity" && archive == Archive::All).then(|| {
        let problem = "entity: works in recent search only".to_owned();
        (problem, "leave it out, or search the last 7 days".to_owned())
    })
}

fn unknown(name: &str) -> (String, String) {
    let lower = name.to_ascii_lowercase();
    if let Some((_, fix)) = ELSEWHERE.iter().find(|(other, _)| *other == lower) {
        return (format!("X's search has no operator {name}:"), (*fix).to_owned());
    }
    let word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
    if !word || matches!(lower.as_str(), "http" | "https") {
        let problem = "a colon belongs to operators only".to_owned();
        return (problem, "quote the whole (\"12:30\"); for an address write url:\"…\"".to_owned());
    }
    let known: Vec<_> = OPERATORS.iter().map(|operator| operator.name).collect();
    (format!("X's search has no operator {name}:"), one_of(&lower, &known))
}

/// `did you mean x? known are a, b, x`.
fn one_of(given: &str, known: &[&str]) -> String {
    let near = known.iter().map(|name| (strsim::levenshtein(given, name), name)).min();
    let list = known.join(", ");
    match near {
        Some((0..=2, name)) => format!("did you mean {name}? known are {list}"),
        Some(_) | None => format!("known are {list}"),
    }
}

fn find(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name.eq_ignore_ascii_case(name))
}

/// `from:rustlang` in two; `None` if the word has no colon before its quotes.
fn split(word: &str) -> Option<(&str, &str)> {
    word.split_once(':').filter(|(name, _)| !name.contains('"'))
}
