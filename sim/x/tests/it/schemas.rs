//! Answers of many seeds, both dialects, all endpoints, against X's own schemas.
//!
//! The files hold the structure of OpenAPI 2.166 (legacy dialect) and 2.167 (current);
//! `scripts/x-schema.py` makes them from <https://api.x.com/2/openapi.json>.

use jsonschema::Validator;
use mistnet_sim_x::{Dialect, Options, Simulator};
use serde_json::{Value, json};

use crate::support::*;

struct Schemas {
    document: Value,
}

impl Schemas {
    fn of(dialect: Dialect) -> Self {
        let text = match dialect {
            Dialect::Legacy => include_str!("../schema/x-2.166.json"),
            Dialect::Current => include_str!("../schema/x-2.167.json"),
        };
        Self { document: serde_json::from_str(text).expect("JSON") }
    }

    fn validator(&self, reference: &Value) -> Validator {
        let schema = json!({"$ref": reference, "components": self.document["components"]});
        jsonschema::draft4::new(&schema).expect("a schema")
    }

    fn answer(&self, name: &str) -> Validator {
        self.validator(&self.document["answers"][name])
    }

    /// Checks a problem against the schema that its `type` selects, as OpenAPI's
    /// discriminator would; types that the document does not know against the base.
    fn check_problem(&self, problem: &Value) {
        let known = &self.document["problems"][problem["type"].as_str().expect("a type")];
        let base = json!("#/components/schemas/Problem");
        let validator = self.validator(if known.is_null() { &base } else { known });
        check(&validator, problem, "problem");
    }
}

fn check(validator: &Validator, body: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(body)
        .take(3)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}");
}

/// A key that no schema of the document names is a mistake of the simulator.
fn check_keys(document: &Value, schema: &str, object: &Value) {
    let known = &document["components"]["schemas"][schema]["properties"];
    for key in object.as_object().expect("an object").keys() {
        assert!(known.get(key).is_some(), "{schema} has no {key}");
    }
}

const LEGACY: &[(&str, &str)] = &[
    (
        "tweet.fields",
        "article,attachments,author_id,card_uri,community_id,conversation_id,created_at,display_text_range,edit_controls,edit_history_tweet_ids,entities,geo,id,in_reply_to_user_id,lang,media_metadata,note_tweet,paid_partnership,possibly_sensitive,public_metrics,referenced_tweets,reply_settings,scopes,source,text,withheld",
    ),
    (
        "expansions",
        "attachments.media_keys,attachments.poll_ids,author_id,edit_history_tweet_ids,entities.mentions.username,geo.place_id,in_reply_to_user_id,entities.note.mentions.username,referenced_tweets.id,referenced_tweets.id.attachments.media_keys,referenced_tweets.id.author_id",
    ),
];
const CURRENT: &[(&str, &str)] = &[
    (
        "post.fields",
        "article,attachments,card_uri,community_id,conversation_id,created_at,display_text_range,edit_controls,entities,geo,id,lang,media_metadata,note_post,paid_partnership,possibly_sensitive,public_metrics,reply_settings,scopes,source,text,withheld",
    ),
    (
        "expansions",
        "attachments.media_keys,attachments.poll_ids,author_id,edit_history_post_ids,entities.mentions.username,geo.place_id,in_reply_to_user_id,referenced_posts,username",
    ),
];
const OBJECTS: &[(&str, &str)] = &[
    (
        "user.fields",
        "created_at,description,entities,id,is_identity_verified,location,name,parody,pinned_tweet_id,profile_image_url,protected,public_metrics,url,username,verified,verified_followers_count,verified_type,withheld",
    ),
    (
        "media.fields",
        "alt_text,duration_ms,height,media_key,preview_image_url,public_metrics,type,url,variants,width",
    ),
    ("poll.fields", "duration_minutes,end_datetime,id,options,voting_status"),
    ("place.fields", "contained_within,country,country_code,full_name,geo,id,name,place_type"),
];

fn everything(dialect: Dialect) -> Vec<(&'static str, &'static str)> {
    let own = match dialect {
        Dialect::Legacy => LEGACY,
        Dialect::Current => CURRENT,
    };
    own.iter().chain(OBJECTS).copied().collect()
}

async fn conform(dialect: Dialect) {
    let schemas = Schemas::of(dialect);
    let search = schemas.answer("search_all");
    let (users, posts, post) = match dialect {
        Dialect::Legacy => ("User", "tweets", "Tweet"),
        Dialect::Current => ("User", "posts", "Post"),
    };
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let sim = Simulator::new(Options { dialect, ..options(400, seed) });
        let mut pairs = vec![("query", "#cumpleaños"), FLOOR, ("max_results", "500")];
        pairs.extend(everything(dialect));
        let got = get(&sim, ALL, &pairs).await;
        let page = got.json();
        check(&search, &page, "search/all");
        assert!(page.to_string().as_bytes() == got.bytes, "keys are in alphabetical order");
        for object in page["data"].as_array().expect("data") {
            // The reduced 2.166 has no articles, card addresses or media metadata.
            let mut object = object.clone();
            for late in ["article", "card_uri", "media_metadata"] {
                object.as_object_mut().expect("an object").remove(late);
            }
            check_keys(&schemas.document, post, &object);
            seen.extend(object.as_object().expect("an object").keys().cloned());
        }
        for object in page["includes"][users.to_lowercase() + "s"].as_array().expect("users") {
            let mut object = object.clone();
            for late in
                ["is_identity_verified", "parody", "description", "verified_followers_count"]
            {
                object.as_object_mut().expect("an object").remove(late);
            }
            check_keys(&schemas.document, users, &object);
        }
        assert!(page["includes"][posts].as_array().is_some_and(|list| !list.is_empty()));
        for problem in page["errors"].as_array().into_iter().flatten() {
            schemas.check_problem(problem);
            seen.insert(problem["title"].as_str().expect("a title").to_owned());
        }
    }
    for wanted in
        ["attachments", "geo", "withheld", "Not Found Error", "Authorization Error", "Forbidden"]
    {
        assert!(seen.contains(wanted), "no seed showed {wanted}: {seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn legacy_answers_conform_to_2_166() {
    conform(Dialect::Legacy).await;
}

#[tokio::test(start_paused = true)]
async fn current_answers_conform_to_2_167() {
    conform(Dialect::Current).await;
}

#[tokio::test(start_paused = true)]
async fn all_other_endpoints_conform() {
    for dialect in [Dialect::Legacy, Dialect::Current] {
        let schemas = Schemas::of(dialect);
        let sim = Simulator::new(Options { dialect, ..options(3_000, 2) });
        let ids = sim.matching_ids("#cumpleaños").expect("a query");
        let list: Vec<String> = ids[..90].iter().map(u64::to_string).chain(["7".into()]).collect();
        let list = list.join(",");
        let one = format!("/2/tweets/{}", ids[5]);
        let query = ("query", "#cumpleaños");
        let mut lookup = everything(dialect);
        lookup.push(("ids", &list));
        for (name, path, pairs) in [
            ("search_recent", "/2/tweets/search/recent", vec![query]),
            ("counts_all", "/2/tweets/counts/all", vec![query, FLOOR, ("granularity", "day")]),
            ("counts_recent", "/2/tweets/counts/recent", vec![query]),
            ("lookup", "/2/tweets", lookup),
            ("lookup_one", one.as_str(), everything(dialect)),
            ("lookup_one", "/2/tweets/7", vec![]),
            (
                "usage",
                "/2/usage/tweets",
                vec![(
                    "usage.fields",
                    "cap_reset_day,daily_client_app_usage,daily_project_usage,project_cap,project_id,project_usage",
                )],
            ),
        ] {
            let got = get(&sim, path, &pairs).await;
            assert_eq!(got.status, 200, "{name}");
            let body = got.json();
            check(&schemas.answer(name), &body, name);
            for problem in body["errors"].as_array().into_iter().flatten() {
                schemas.check_problem(problem);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn error_bodies_conform() {
    for (dialect, field) in [(Dialect::Legacy, "tweet.fields"), (Dialect::Current, "post.fields")] {
        let schemas = Schemas::of(dialect);
        let sim = Simulator::new(options(10, 1));
        for bad in
            [("max_results", "5"), ("since_id", "abc"), ("nonsense", "1"), ("next_token", "x")]
        {
            let got = get(&sim, ALL, &[("query", "#a"), (field, "lang"), bad]).await;
            assert_eq!(got.status, 400);
            assert_eq!(got.header("content-type"), Some("application/problem+json; charset=utf-8"));
            schemas.check_problem(&got.json());
        }
    }
    let legacy = Schemas::of(Dialect::Legacy);
    let sim = Simulator::new(options(10, 1));
    legacy.check_problem(&get_with(&sim, ALL, &[], &[]).await.json());
}
