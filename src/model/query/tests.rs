//! Queries as people write them.

use super::*;

fn check(text: &str) -> Result<Query, QueryError> {
    Query::check(text, Archive::All)
}

#[test]
fn good_queries_pass_as_they_are() {
    for text in [
        "#rustlang",
        "#rust -is:retweet lang:en",
        "(#rust OR #rustlang) has:media",
        "\"hello and welcome\" from:x",
        "\"or\" \"and\" cats",
        "cat -dog",
        "cat -\"grumpy cat\"",
        "url:\"https://example.com/a b\" has:links",
        "point_radius:[2.355128 48.861118 16km] #paris",
        "bounding_box:[-105.30 39.96 -105.18 40.09]",
        "😀 lang:ja",
        "こんにちは",
        "conversation_id:123",
        "FROM:x",
        "(a (b OR c)) OR (d)",
        "a-b x",
        "\"say \\\"hi\\\"\"",
        "-is:nullcast #a",
        "min_likes:10 #a",
    ] {
        assert_eq!(check(text).map(|query| query.0), Ok(text.to_owned()), "{text}");
    }
    assert_eq!(check("  #a \n").unwrap().as_str(), "#a");
}

#[test]
fn mistakes_are_found_with_their_position_and_a_fix() {
    for (text, position, problem, fix) in [
        ("", 1, "empty", "#rustlang"),
        (" \n ", 1, "empty", "#rustlang"),
        ("cats and dogs", 6, "ambiguous", "blank"),
        ("cats AND dogs", 6, "ambiguous", "blank"),
        ("cats or dogs", 6, "ambiguous", "capitals"),
        ("cats NOT dogs", 6, "NOT", "minus"),
        ("é \"open", 3, "never closed", "add a \""),
        ("a \"\"", 3, "empty", "remove"),
        ("(a", 1, "never closed", "add a )"),
        ("((a) b", 1, "never closed", "add a )"),
        ("a)", 2, "closes nothing", "add a ("),
        ("a ()", 4, "empty", "remove"),
        ("OR a", 1, "OR stands between", "remove"),
        ("a OR", 3, "OR stands between", "remove"),
        ("a OR OR b", 6, "OR stands between", "remove"),
        ("(a OR) b", 6, "OR stands between", "remove"),
        ("a -(b OR c)", 3, "group", "-a -b"),
        ("a - b", 3, "minus", "directly"),
        ("a -", 3, "minus", "directly"),
        ("#a since:2020-01-01", 4, "since:", "start_date"),
        ("#a until:2020-01-01", 4, "until:", "end_date"),
        ("#a min_faves:10", 4, "min_faves:", "min_likes:"),
        ("#a min_retweets:10", 4, "min_retweets:", "min_reposts:"),
        ("#a filter:media", 4, "filter:", "has:media"),
        ("#a form:x", 4, "form:", "did you mean from?"),
        ("#a frobnicate:x", 4, "frobnicate:", "known are from, to"),
        ("#a from:", 4, "no value", "after the colon"),
        ("#a is:retwet", 4, "retwet", "did you mean retweet?"),
        ("#a has:pictures", 4, "pictures", "images"),
        ("#a is:nullcast", 4, "excluded", "-is:nullcast"),
        ("#a entity:\"x\"", 4, "recent search", "leave it out"),
        ("at 12:30", 4, "colon", "quote"),
        ("https://example.com", 1, "colon", "url:"),
        ("#a “b”", 4, "curly", "straight"),
        ("# a", 1, "no word", "remove"),
        ("point_radius:[1 2", 14, "[ is never closed", "]"),
        ("a\u{7}b", 2, "printable", "remove"),
        ("has:media -is:retweet", 1, "has:media is:retweet can't", "hashtag"),
        ("lang:en", 1, "lang:en can't", "hashtag"),
        ("-cats", 1, "only excludes", "search for"),
        ("(-#a lang:en)", 1, "only excludes", "search for"),
    ] {
        let error = check(text).expect_err(text);
        assert!(error.problem.contains(problem) && error.fix.contains(fix), "{text}: {error}");
        assert_eq!(error.position, position, "{text}: {error}");
    }
}

#[test]
fn the_length_is_what_the_account_may_send() {
    let query = |length: usize| "x".repeat(length);
    assert!(check(&query(1024)).is_ok());
    let error = check(&query(1025)).unwrap_err();
    assert_eq!((error.position, error.problem.contains("1025")), (1025, true));
    assert!(Query::check(&query(513), Archive::Recent).is_err());
    assert!(Query::check_up_to(&query(4096), Archive::Recent, 4096).is_ok());
    assert!(check(&"é".repeat(1024)).is_ok(), "characters count, not bytes");
}

#[test]
fn an_error_reads_as_one_sentence() {
    let error = check("cats and dogs").unwrap_err().to_string();
    assert_eq!(
        error,
        "the query is not valid at character 6: and is ambiguous to X; leave a blank, which means \
         both, or quote it (\"and\") to search for the word"
    );
}

#[test]
fn a_hashtag_is_always_a_good_query() {
    for tag in ["and", "or", "さくら", "صحافة", "é_1"] {
        let query = crate::model::hashtag::Hashtag::parse(tag).unwrap().as_query();
        assert!(check(&query).is_ok(), "{query}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[ ()\"\\[\\]:#a-cOR\\-\\\\é]{0,40}") {
        if let Err(error) = check(&text) {
            proptest::prop_assert!(error.position <= text.chars().count() + 1);
        }
    }
}
