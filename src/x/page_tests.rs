//! What pages X has sent and could send, and what becomes of them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn page(body: &str) -> Page {
    summarise(body.as_bytes())
}

fn ids(page: &PageSummary) -> Vec<u64> {
    page.ids.iter().map(|id| id.0).collect()
}

#[test]
fn a_page_of_either_dialect_reads_alike() {
    for (key, users) in [("tweets", "users"), ("posts", "users")] {
        let body = json!({
            "data": [{"id": "2062875508879110287", "text": "b", "lang": "en"}, {"id": "7"}],
            "includes": {key: [{"id": "1"}, {"id": "2"}], users: [{"id": "3"}], "media": [{}]},
            "errors": [{"title": "Not Found Error"}],
            "meta": {"result_count": 2, "next_token": "b26v89c19zqg8o3f"},
        });
        let page = page(&body.to_string()).unwrap();
        assert_eq!(ids(&page), [2_062_875_508_879_110_287, 7]);
        assert_eq!(page.next_token, Some(PageToken("b26v89c19zqg8o3f".into())));
        assert_eq!(page.reads, Reads { posts: 4, users: 1 });
        assert_eq!((page.errors, page.stated_count), (1, Some(2)));
        assert_eq!(page.post_keys.iter().collect::<Vec<_>>(), ["id", "lang", "text"]);
        assert_eq!(
            (page.lowest_id(), page.highest_id().map(|id| id.0)),
            (Some(TweetId(7)), Some(2_062_875_508_879_110_287))
        );
    }
}

#[test]
fn an_empty_page_has_no_data_key_or_an_empty_one() {
    for body in [
        r#"{"meta":{"result_count":0}}"#,
        r#"{"data":[],"meta":{}}"#,
        r#" {"data":null,"meta":{"result_count":0,"newest_id":""}} "#,
    ] {
        assert_eq!(ids(&page(body).unwrap()), [0; 0], "{body}");
    }
    let more = page(r#"{"meta":{"result_count":0,"next_token":"t"}}"#).unwrap();
    assert!(more.next_token.is_some(), "an empty page is no end");
}

#[test]
fn oddities_that_lose_nothing_are_borne() {
    for (odd, expected) in [
        (r#"{"data":[{"id":5}],"meta":{}}"#, 1),
        (r#"{"data":[{"id":"1","text":"\ud83d"}],"meta":{}}"#, 1),
        (r#"{"data":[{"id":"1","\ud83d":1}],"\udc00":{},"meta":{}}"#, 1),
        (r#"{"data":[{"id":"1"}],"includes":[],"errors":"none","meta":{"result_count":"x"}}"#, 1),
        (
            r#"{"data":[{"id":"1","author_id":{}}],"includes":{"users":{},"tweets":null},"meta":{}}"#,
            1,
        ),
        (r#"{"data":[{"id":"1"},{"id":"1"}],"new":[[[]]],"meta":{"result_count":9}}"#, 2),
        (r#"{"data":[{"id":"1"}],"data":[{"id":"2"}],"meta":{}}"#, 2),
    ] {
        let page = page(odd).unwrap_or_else(|error| panic!("{odd}: {error}"));
        assert_eq!(page.ids.len(), expected, "{odd}");
    }
    let latin = b"{\"data\":[{\"id\":\"1\",\"text\":\"\xe9\"}],\"meta\":{}}";
    assert_eq!(summarise(latin).unwrap().ids.len(), 1);
}

#[test]
fn an_entry_without_a_readable_id_costs_no_other_anything() {
    for (entry, posts) in [
        ("null", 0),
        ("7", 1),
        ("\"x\"", 1),
        ("[]", 1),
        ("[null,7]", 1),
        ("{}", 1),
        (r#"{"text":"x"}"#, 1),
        (r#"{"id":null}"#, 1),
        (r#"{"id":""}"#, 1),
        (r#"{"id":"1x"}"#, 1),
        (r#"{"id":-5}"#, 1),
        (r#"{"id":1.5}"#, 1),
        (r#"{"id":1e3}"#, 1),
        (r#"{"id":"12345678901234567890"}"#, 1),
        (r#"{"id":{}}"#, 1),
        (r#"{"id":["2"]}"#, 1),
        (r#"{"id":"x","id":"2"}"#, 1),
    ] {
        let body = format!(
            r#"{{"data":[{{"id":"9"}},{entry},{{"id":"8"}}],"meta":{{"next_token":"t"}}}}"#
        );
        let page = page(&body).unwrap_or_else(|error| panic!("{entry}: {error}"));
        assert_eq!((ids(&page), &page.gaps[..]), (vec![9, 8], &[1][..]), "{entry}");
        assert_eq!(page.entries(), [Some(TweetId(9)), None, Some(TweetId(8))], "{entry}");
        assert_eq!(page.reads.posts, 2 + posts, "{entry}");
        assert_eq!(page.next_token, Some(PageToken("t".into())), "{entry}");
    }
}

#[test]
fn data_of_another_form_is_read_as_far_as_it_goes() {
    for (body, expected, unreadable) in [
        (r#"{"data":{"id":"1"},"meta":{}}"#, vec![1], 0),
        (r#"{"data":[[{"id":"1"},{"id":"2"}],{"id":"3"}],"meta":{}}"#, vec![1, 2, 3], 0),
        (r#"{"data":[{"id":"\u0031"}],"meta":{}}"#, vec![1], 0),
        (r#"{"data":"x","data":[{"id":"1"}],"meta":{}}"#, vec![1], 1),
        (r#"{"data":true,"meta":{}}"#, vec![], 1),
        (r#"{"data":[{"id":null,"id":"1"}],"meta":{}}"#, vec![1], 0),
    ] {
        let page = page(body).unwrap();
        assert_eq!((ids(&page), page.unreadable()), (expected, unreadable), "{body}");
        assert!(!page.end_unknown, "{body}");
    }
}

#[test]
fn only_a_readable_meta_without_a_token_is_the_end() {
    let with = |meta: &str| page(&format!(r#"{{"data":[{{"id":"1"}}]{meta}}}"#)).unwrap();
    let long = format!(r#","meta":{{"next_token":"{}"}}"#, "t".repeat(MAX_TOKEN_BYTES + 1));
    for open in [
        "",
        r#","meta":null"#,
        r#","meta":7"#,
        r#","meta":[]"#,
        r#","meta":{"next_token":""}"#,
        r#","meta":{"next_token":5}"#,
        r#","meta":{"next_token":{}}"#,
        r#","meta":{"next_token":"a b"}"#,
        r#","meta":{"next_token":"\ud83d"}"#,
        r#","meta":7,"meta":{}"#,
        &long,
    ] {
        let page = with(open);
        assert!(page.end_unknown && page.next_token.is_none(), "{open}");
    }
    for end in [r#","meta":{}"#, r#","meta":{"next_token":null,"result_count":[]}"#] {
        assert!(!with(end).end_unknown, "{end}");
    }
    for more in [
        r#","meta":{"next_token":"t"},"meta":{}"#,
        r#","meta":{},"meta":{"next_token":"t"}"#,
        r#","meta":7,"meta":{"next_token":"t"}"#,
    ] {
        assert_eq!(with(more).next_token, Some(PageToken("t".into())), "{more}");
    }
}

#[test]
fn a_body_that_is_nearly_json_is_read() {
    for (body, flawed) in [
        ("{\"data\":[{\"id\":\"1\"}],\"meta\":{}}  \n", false),
        ("\u{feff}{\"data\":[{\"id\":\"1\"}],\"meta\":{}}", false),
        ("{\"data\":[{\"id\":\"1\"}],\"meta\":{}}<!-- proxy -->", true),
        ("{\"data\":[{\"id\":\"1\"}],\"meta\":{}}\0", true),
        ("{\"data\":[{\"id\":\"1\"}],\"meta\":{}}{\"data\":[]}", true),
        ("{\"data\":[{\"id\":\"1\",\"text\":\"a\0b\nc\"}],\"meta\":{}}", true),
        ("{\"data\":[{\"id\":\"1\",\"text\":\"a\\xb\"}],\"meta\":{}}", true),
    ] {
        let page = read(body.as_bytes()).unwrap().unwrap();
        assert_eq!((ids(&page), page.flaw.is_some()), (vec![1], flawed), "{body:?}");
    }
}

#[test]
fn what_is_no_json_or_has_no_part_of_a_page_is_undecodable() {
    for (body, reason, byte) in [
        ("", "too early", 0),
        ("null", "object", 0),
        ("{}", "none of data", 0),
        (r#"{"posts":[{"id":"1"}]}"#, "none of data", 0),
        ("{\"meta\":{},\n\"data\":[}", "a value is expected", 20),
    ] {
        let error = page(body).unwrap_err();
        assert!(error.reason.contains(reason), "{body}: {error}");
        assert_eq!(error.byte, byte, "{body}: {error}");
    }
}

#[test]
fn a_200_that_is_no_page_says_so() {
    for (body, expected) in [
        ("{}", NoPage::Empty),
        (r#"{"data":[]}"#, NoPage::Empty),
        (r#"{"data":null,"meta":7,"errors":[]}"#, NoPage::Empty),
        (r#"{"data":[null]}"#, NoPage::Empty),
        (r#"{"new":{"a":[1]},"includes":{"users":[]}}"#, NoPage::Empty),
        (r#"{"errors":[{"title":"x"}]}"#, NoPage::Refusal),
        (r#"{"data":[],"errors":[{"title":"x"}]}"#, NoPage::Refusal),
        (r#"{"title":"Too Many Requests","status":429}"#, NoPage::Refusal),
        (r#"{"status":503,"meta":{}}"#, NoPage::Refusal),
        (r#"{"type":"https://api.x.com/2/problems/credits","account":{"a":1}}"#, NoPage::Refusal),
        (r#"{"error":{"message":"x"}}"#, NoPage::Refusal),
    ] {
        assert_eq!(read(body.as_bytes()), Err(expected), "{body}");
        assert_eq!(look(body.as_bytes()), Err(expected), "{body}");
    }
    for body in [
        r#"{"meta":{"result_count":0}}"#,
        r#"{"errors":[{"title":"x"}],"meta":{}}"#,
        r#"{"data":[{"id":"1"}],"errors":[{"title":"x"}]}"#,
        r#"{"data":[{"id":"1"}],"title":"x","status":503}"#,
        r#"{"status":503,"meta":{"next_token":"t"}}"#,
        r#"{"posts":[{"id":"1"}]}"#,
        r#"{"result":{"posts":[{"id":"1"}]},"errors":[{"title":"x"}]}"#,
        r#"{"includes":{"users":[{"id":"1"}]}}"#,
    ] {
        assert!(read(body.as_bytes()).is_ok(), "{body}");
    }
}

#[test]
fn keys_are_remembered_up_to_a_bound() {
    let many: serde_json::Map<_, _> = (0..5000).map(|n| (format!("k{n}"), json!(1))).collect();
    let mut entry = serde_json::Value::Object(many);
    entry["id"] = json!("1");
    let page = page(&json!({"data": [entry], "meta": {}}).to_string()).unwrap();
    assert_eq!(page.post_keys.len(), MAX_KEYS);
}

#[test]
fn an_interrupted_answer_is_told_from_an_odd_one() {
    for cut in ["", "  ", "<html>", "[]", "{\"data\":[{\"id\":\"1", "{"] {
        assert!(matches!(look(cut.as_bytes()), Err(NoPage::Broken(_))), "{cut}");
    }
    for whole in [r#"{"meta":{}}"#, r#"{"data":[7]}"#, "{]}"] {
        assert_eq!(look(whole.as_bytes()), Ok(()), "{whole}");
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|b| json!(b)),
        any::<i64>().prop_map(|n| json!(n)),
        ".{0,12}".prop_map(|s| json!(s)),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| json!(list)),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..5).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn every_tweet_is_counted_whatever_surrounds_it(
        expected in prop::collection::vec((0..10_u64.pow(18), any::<bool>(), any_json()), 0..40),
        extra in any_json(),
        users in 0..9_usize,
    ) {
        let entry = |(id, number, extra): &(u64, bool, serde_json::Value)| {
            let shown = if *number { json!(id) } else { json!(id.to_string()) };
            json!({"text": extra, "id": shown, "zz": extra})
        };
        let data: Vec<_> = expected.iter().map(entry).collect();
        let includes = json!({"users": vec![&extra; users], "places": extra});
        let body = json!({"data": data, "includes": includes, "x": extra, "meta": {"y": extra}});
        let page = page(&serde_json::to_string_pretty(&body).unwrap()).unwrap();
        prop_assert_eq!(ids(&page), expected.iter().map(|(id, ..)| *id).collect::<Vec<_>>());
        let users = if extra.is_null() { 0 } else { users as u64 };
        let reads = Reads { posts: expected.len() as u64, users };
        prop_assert_eq!(page.reads, reads);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = summarise(&bytes);
        let _ = read(&bytes);
    }

    #[test]
    fn no_change_of_a_byte_adds_a_tweet_or_panics(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let body = r#"{"data":[{"id":"11","text":"\ud83d\ude00"},{"id":"12"}],"includes":{"users":[{"id":"3"}]},"meta":{"next_token":"t"}}"#;
        let mut bytes = body.as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        match summarise(&bytes) {
            Ok(page) => prop_assert!(page.ids.len() <= 2),
            Err(error) => prop_assert!(error.byte <= bytes.len() * 3),
        }
        if cut {
            prop_assert!(read(&bytes).is_err());
        }
    }
}
