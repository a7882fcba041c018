//! Posts: ids and times, entities in code points, long posts, variety, partial errors.

use mistnet_sim_x::{Options, Simulator};
use serde_json::Value;

use crate::support::*;

const FIELDS: (&str, &str) = (
    "tweet.fields",
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,referenced_tweets,withheld,attachments,display_text_range",
);

async fn many_posts(hashtag: &str, tweets: u64) -> Vec<Value> {
    let mut posts = Vec::new();
    for seed in 0..4 {
        let sim = Simulator::new(Options { hashtag: hashtag.into(), ..full_pages(tweets, seed) });
        let tag = format!("#{hashtag}");
        let pairs = [("query", tag.as_str()), FLOOR, FIELDS, ("max_results", "500")];
        for page in walk(&sim, ALL, &pairs).await {
            posts.extend(page.json()["data"].as_array().expect("data").clone());
        }
    }
    posts
}

fn slice(text: &str, entity: &Value) -> String {
    let at = |key: &str| entity[key].as_u64().expect(key) as usize;
    text.chars().skip(at("start")).take(at("end") - at("start")).collect()
}

fn check_entities(text: &str, entities: &Value) {
    let none = Vec::new();
    let list = |key: &str| entities[key].as_array().unwrap_or(&none).clone();
    for tag in list("hashtags") {
        let found = slice(text, &tag);
        assert_eq!(found.trim_start_matches(['#', '＃']), tag["tag"].as_str().expect("a tag"));
        assert!(found.starts_with(['#', '＃']));
    }
    for tag in list("cashtags") {
        assert_eq!(slice(text, &tag), format!("${}", tag["tag"].as_str().expect("a tag")));
    }
    for mention in list("mentions") {
        assert_eq!(
            slice(text, &mention),
            format!("@{}", mention["username"].as_str().expect("a name"))
        );
    }
    for url in list("urls") {
        assert_eq!(slice(text, &url), url["url"].as_str().expect("a link"));
    }
}

#[tokio::test(start_paused = true)]
async fn slicing_by_code_points_gives_every_entity() {
    let posts = many_posts("Cumpleaños", 1_500).await;
    let (mut astral, mut escaped) = (0, 0);
    for post in &posts {
        let text = post["text"].as_str().expect("text");
        check_entities(text, &post["entities"]);
        if let Some(note) = post["note_tweet"]["text"].as_str() {
            check_entities(note, &post["note_tweet"]["entities"]);
        }
        astral += usize::from(text.chars().any(|sign| sign > '\u{FFFF}'));
        escaped += usize::from(text.contains("&amp;") || text.contains("&lt;"));
        assert!(!text.contains(['<', '>', '\0']), "{text}");
    }
    assert!(astral > 100 && escaped > 100, "{astral} {escaped}");
}

#[tokio::test(start_paused = true)]
async fn ids_tell_the_second_of_created_at() {
    for post in many_posts("x1", 500).await {
        let id: u64 = post["id"].as_str().expect("id").parse().expect("a number");
        let created: jiff::Timestamp =
            post["created_at"].as_str().expect("time").parse().expect("time");
        if created.as_second() > 1_288_834_990 {
            let ms = (id >> 22) as i64 + 1_288_834_974_657;
            assert_eq!(ms.div_euclid(1000), created.as_second(), "{id}");
        } else {
            assert!(id < 29_700_900_000, "{id}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_post_carries_the_hashtag_perhaps_only_in_its_note() {
    let posts = many_posts("Cumpleaños", 1_500).await;
    let fold = |tag: &str| tag.to_lowercase().replace('ñ', "n");
    let carries = |entities: &Value| {
        let tags = entities["hashtags"].as_array().into_iter().flatten();
        tags.filter_map(|tag| tag["tag"].as_str()).any(|tag| fold(tag) == "cumpleanos")
    };
    let mut only_in_note = 0;
    let mut spellings = std::collections::BTreeSet::new();
    for post in &posts {
        let (text, note) = (carries(&post["entities"]), carries(&post["note_tweet"]["entities"]));
        assert!(text || note, "{post}");
        only_in_note += usize::from(!text);
        for tag in post["entities"]["hashtags"].as_array().into_iter().flatten() {
            spellings.insert(tag["tag"].as_str().expect("a tag").to_owned());
        }
    }
    assert!(only_in_note > 20, "{only_in_note}");
    for spelling in ["Cumpleaños", "CUMPLEAÑOS", "cumpleanos"] {
        assert!(spellings.contains(spelling), "{spelling}");
    }
}

#[tokio::test(start_paused = true)]
async fn long_posts_are_cut_and_have_a_note() {
    let mut notes = 0;
    for post in many_posts("x1", 500).await {
        let text = post["text"].as_str().expect("text");
        let length = text.chars().count();
        assert_eq!(post["display_text_range"][1], length);
        if let Some(note) = post["note_tweet"]["text"].as_str() {
            notes += 1;
            assert!(length <= 280 && text.ends_with('…'));
            assert!(note.starts_with(text.trim_end_matches('…')) && note.chars().count() > 280);
        }
    }
    assert!(notes > 30, "{notes}");
}

#[tokio::test(start_paused = true)]
async fn posts_vary_in_script_kind_and_trouble() {
    let posts = many_posts("x1", 1_500).await;
    let count = |test: &dyn Fn(&Value) -> bool| posts.iter().filter(|post| test(post)).count();
    let text = |post: &Value| post["text"].as_str().expect("text").to_owned();
    for piece in ["\n", "\r", "\"", ",", "=cmd", "\u{200F}", "\u{200D}", "🐦", "渡り鳥", "पक्षी"]
    {
        assert!(count(&|post| text(post).contains(piece)) > 0, "{piece:?}");
    }
    let kind =
        |name: &'static str| move |post: &Value| post["referenced_tweets"][0]["type"] == name;
    assert!(count(&kind("replied_to")) > 500);
    assert!(count(&kind("quoted")) > 300);
    assert_eq!(count(&kind("retweeted")), 0);
    assert!(count(&|post| !post["withheld"].is_null()) > 5);
    assert!(
        count(&|post| post["edit_history_tweet_ids"].as_array().is_some_and(|ids| ids.len() > 1))
            > 20
    );
    assert!(count(&|post| !post["attachments"]["poll_ids"].is_null()) > 10);
    assert!(count(&|post| post.get("source").is_some()) == 0);
    let scripts: std::collections::BTreeSet<&str> =
        posts.iter().filter_map(|post| post["lang"].as_str()).collect();
    assert!(scripts.len() > 15, "{scripts:?}");
}

#[tokio::test(start_paused = true)]
async fn every_picture_has_a_link_entity_at_the_same_place() {
    let mut most = 0;
    for post in many_posts("x1", 500).await {
        let keys = post["attachments"]["media_keys"].as_array().map_or(0, Vec::len);
        let whole = post.get("note_tweet").unwrap_or(&post);
        let links = whole["entities"]["urls"].as_array().into_iter().flatten();
        let links: Vec<&Value> = links
            .filter(|url| url["display_url"].as_str().is_some_and(|url| url.starts_with("pic.")))
            .collect();
        assert_eq!(links.len(), keys, "{post}");
        assert!(links.windows(2).all(|pair| pair[0]["start"] == pair[1]["start"]));
        most = most.max(keys);
    }
    assert_eq!(most, 4);
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let pairs = [
        ("query", "#cumpleaños"),
        FLOOR,
        FIELDS,
        ("expansions", "author_id"),
        ("max_results", "100"),
    ];
    let once = get(&Simulator::new(options(300, 5)), ALL, &pairs).await;
    let again = get(&Simulator::new(options(300, 5)), ALL, &pairs).await;
    let other = get(&Simulator::new(options(300, 6)), ALL, &pairs).await;
    assert_eq!((&once.bytes, &once.headers), (&again.bytes, &again.headers));
    assert_ne!(once.bytes, other.bytes);
}

#[tokio::test(start_paused = true)]
async fn replies_belong_to_a_thread() {
    for post in many_posts("x1", 300).await {
        let reference = &post["referenced_tweets"][0];
        if reference["type"] == "replied_to" {
            assert_eq!(post["conversation_id"], reference["id"]);
            assert!(post.get("in_reply_to_user_id").is_some());
        } else {
            assert_eq!(post["conversation_id"], post["id"]);
            assert!(post.get("in_reply_to_user_id").is_none());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_from_includes_is_named_with_the_recorded_keys() {
    let sim = Simulator::new(full_pages(2_000, 1));
    let pairs = [
        ("query", "#cumpleaños"),
        FLOOR,
        ("max_results", "500"),
        (
            "expansions",
            "referenced_tweets.id,author_id,entities.mentions.username,in_reply_to_user_id",
        ),
    ];
    let mut details = Vec::new();
    for page in walk(&sim, ALL, &pairs).await {
        let body = page.json();
        let included: Vec<&Value> = body["includes"]["tweets"]
            .as_array()
            .expect("tweets")
            .iter()
            .map(|post| &post["id"])
            .collect();
        let users = body["includes"]["users"].as_array().expect("users");
        let mut unique: Vec<&str> = users.iter().filter_map(|user| user["id"].as_str()).collect();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), users.len());
        for error in body["errors"].as_array().expect("errors") {
            let mut keys: Vec<&str> =
                error.as_object().expect("an object").keys().map(String::as_str).collect();
            keys.retain(|key| *key != "section");
            assert_eq!(
                keys,
                ["detail", "parameter", "resource_id", "resource_type", "title", "type", "value"]
            );
            assert_eq!(error["section"] == "includes", error["title"] == "Authorization Error");
            assert!(
                error["resource_type"] != "tweet" || !included.contains(&&error["resource_id"])
            );
            details.push(error["detail"].as_str().expect("a detail").to_owned());
        }
    }
    for start in [
        "Could not find tweet with referenced_tweets.id: [",
        "Sorry, you are not authorized to see the Tweet with referenced_tweets.id: [",
        "User has been suspended: [",
        "Could not find user with ",
    ] {
        assert!(details.iter().any(|detail| detail.starts_with(start)), "{start}");
    }
}

#[tokio::test(start_paused = true)]
async fn lookup_finds_candidates_neighbours_and_earlier_versions() {
    let sim = Simulator::new(full_pages(400, 6));
    let pairs = [("query", "#cumpleaños"), FLOOR, FIELDS, ("max_results", "500")];
    let page = get(&sim, ALL, &pairs).await.json();
    for post in page["data"].as_array().expect("data") {
        let mut ids: Vec<&str> = post["edit_history_tweet_ids"]
            .as_array()
            .expect("ids")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        ids.extend(
            post["referenced_tweets"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|r| r["id"].as_str()),
        );
        let got = get(&sim, "/2/tweets", &[("ids", &ids.join(","))]).await.json();
        let found = got["data"].as_array().map_or(0, Vec::len);
        let errors = got["errors"].as_array().map_or(0, Vec::len);
        assert_eq!(found + errors, ids.len(), "{got}");
        assert!(
            got["data"].as_array().expect("data").iter().any(|found| found["id"] == post["id"])
        );
    }
    let edited = page["data"]
        .as_array()
        .expect("data")
        .iter()
        .find(|post| post["edit_history_tweet_ids"].as_array().is_some_and(|ids| ids.len() > 1))
        .expect("an edit");
    let first = edited["edit_history_tweet_ids"][0].as_str().expect("an id");
    let got = get(&sim, &format!("/2/tweets/{first}"), &[]).await.json();
    assert_eq!(got["data"]["id"], first);
    assert_eq!(got["data"]["edit_history_tweet_ids"], edited["edit_history_tweet_ids"]);
}

#[tokio::test(start_paused = true)]
async fn unknown_ids_are_partial_errors_and_alone_leave_no_data() {
    let sim = Simulator::new(full_pages(10, 6));
    let got = get(&sim, "/2/tweets", &[("ids", "7,9")]).await;
    assert_eq!(got.status, 200);
    let body = got.json();
    assert!(body.get("data").is_none());
    assert_eq!(body["errors"][1]["detail"], "Could not find tweet with ids: [9].");
    assert_eq!(body["errors"][1]["type"], "https://api.twitter.com/2/problems/resource-not-found");
}
