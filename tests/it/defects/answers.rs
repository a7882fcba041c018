//! Defects 9 to 12, 19, 20 and 24: what X answers, and what is made of it.

use mistnet::model::Spec;
use mistnet::model::spec::Expand;
use mistnet_sim_x::{Fault, Form, Stage};
use serde_json::{Value, json};

use crate::support::{Dataset, Doctor, Rig, asked, available};

/// Collects 600 tweets from pages that `edit` has changed; all of them must come.
async fn edited(edit: fn(&mut Value)) -> Dataset {
    let rig = Rig::with(available(600), Doctor::editing(edit));
    let expand = Expand { referenced: true, ..Expand::default() };
    let dataset = rig.collect(Spec { expand, ..asked(700) }).await;
    dataset.assert_is(&rig.truth());
    dataset
}

fn tweets(page: &mut Value) -> &mut Vec<Value> {
    page["data"].as_array_mut().unwrap()
}

/// "no tweet on the page references another (no includes.tweets): `KeyError`; rows delivered 0"
#[tokio::test(start_paused = true)]
async fn defect_09_a_page_without_referenced_tweets_is_kept() {
    edited(|page| {
        page["includes"].as_object_mut().unwrap().remove("tweets");
        for tweet in tweets(page) {
            tweet.as_object_mut().unwrap().remove("referenced_tweets");
        }
    })
    .await;
}

/// "`source` absent (X removed it for new tweets): `KeyError`; rows 0"
#[tokio::test(start_paused = true)]
async fn defect_10_an_absent_source_is_an_empty_cell() {
    let dataset = edited(|page| {
        for tweet in tweets(page) {
            tweet.as_object_mut().unwrap().remove("source");
        }
    })
    .await;
    assert!(dataset.column("source").iter().all(|source| source.is_empty()));
}

/// "one author missing from includes.users (suspended): `TypeError`; rows 0"
#[tokio::test(start_paused = true)]
async fn defect_11_a_tweet_whose_author_is_missing_keeps_its_row() {
    let dataset = edited(|page| {
        page["includes"]["users"].as_array_mut().unwrap().truncate(100);
    })
    .await;
    let nameless = dataset.column("user_screen_name").iter().filter(|name| name.is_empty()).count();
    assert!((1..600).contains(&nameless), "{nameless} authors are missing");
    assert!(dataset.column("user_id").iter().all(|id| !id.is_empty()), "their ids are not");
}

/// "429 at request 4: stops, 0 rows delivered of 1500 fetched"
#[tokio::test(start_paused = true)]
async fn defect_12_a_429_or_5xx_in_the_middle_loses_nothing() {
    let rig = Rig::new(available(3_000));
    let form = Form::Json;
    rig.faults(&[
        (4, Fault::RateWindow { reset_in_seconds: 600, form }),
        (5, Fault::OnePerSecond),
        (7, Fault::ServerError { status: 503, form }),
        (8, Fault::ServerError { status: 500, form: Form::Html }),
    ]);
    let dataset = rig.collect(asked(3_000)).await;
    dataset.assert_is(&rig.truth());
    rig.assert_nothing_fetched_twice();
    assert!(rig.dead_letters().await.is_empty());
}

/// "lists are written as Python repr, not JSON; a leading '=' is not escaped"
///
/// A reader of CSV gets back exactly what X sent. Formulas stay as they are: research wants the
/// text, and a spreadsheet is not the place where it is opened first.
#[tokio::test(start_paused = true)]
async fn defect_19_lists_are_json_and_any_text_reads_back() {
    let dataset = edited(|page| {
        for tweet in tweets(page) {
            tweet["text"] = json!("=cmd()\r\nline, \"it's\"\tx\n");
            tweet["entities"] = json!({ "hashtags": [{ "tag": "a" }, { "tag": "it's \"b\"" }] });
        }
    })
    .await;
    assert!(dataset.column("tweet").iter().all(|text| *text == "=cmd()\r\nline, \"it's\"\tx\n"));
    for cell in dataset.column("hashtags") {
        let list: Value = serde_json::from_str(cell).unwrap();
        assert_eq!(list, json!(["a", "it's \"b\""]));
    }
    for name in ["media", "references", "urls"] {
        let filled = dataset.column(name).into_iter().filter(|cell| !cell.is_empty());
        for cell in filled {
            assert!(serde_json::from_str::<Vec<Value>>(cell).is_ok(), "{name}: {cell}");
        }
    }
}

/// The text of the retweeted tweet, longer than a retweet shows.
fn whole_text() -> String {
    format!("All night in the reeds &amp; back. {} #rustlang", "Ringing warblers. ".repeat(30))
}

/// "text of retweets stays cut at 140 characters: 155 of 500 rows of a page"
#[tokio::test(start_paused = true)]
async fn defect_20_the_text_of_retweets_and_long_posts_is_whole() {
    let dataset = edited(|page| {
        let retweet = &mut tweets(page)[0];
        let cut: String = whole_text().chars().take(126).collect();
        retweet["text"] = json!(format!("RT @warden: {cut}…"));
        retweet["referenced_tweets"] = json!([{ "type": "retweeted", "id": "1" }]);
        retweet.as_object_mut().unwrap().remove("note_tweet");
        let original = json!({ "id": "1", "author_id": "1", "text": whole_text() });
        page["includes"]["tweets"].as_array_mut().unwrap().push(original);
    })
    .await;
    let (whole, text) = (dataset.column("full_text"), dataset.column("tweet"));
    assert!(text[0].starts_with("RT @warden") && text[0].ends_with('…'));
    assert_eq!(whole[0], whole_text().replace("&amp;", "&"));
    let notes = dataset.column("note_text");
    let long: Vec<usize> = (0..notes.len()).filter(|row| !notes[*row].is_empty()).collect();
    assert!(!long.is_empty(), "there are long posts");
    for row in long {
        assert!(whole[row].chars().count() > 280 && text[row].ends_with('…'), "{}", whole[row]);
    }
}

/// "connection reset is outside the try: `ConnectionError` escapes, all fetched pages lost"
#[tokio::test(start_paused = true)]
async fn defect_24_a_connection_reset_mid_way_loses_nothing() {
    let rig = Rig::new(available(3_000));
    rig.faults(&[
        (1, Fault::Reset { stage: Stage::BeforeWork }),
        (3, Fault::Reset { stage: Stage::AfterWork }),
        (5, Fault::CutBody { percent: 60 }),
    ]);
    let dataset = rig.collect(asked(3_000)).await;
    dataset.assert_is(&rig.truth());
    assert!(rig.dead_letters().await.is_empty());
}

/// X adds fields without notice; a dataset says so once, whatever the number of parts.
#[tokio::test(start_paused = true)]
async fn fields_that_are_new_at_x_are_named_in_the_manifest() {
    let dataset = edited(|page| {
        for tweet in tweets(page) {
            tweet["mood"] = "elated".into();
        }
        for user in page["includes"]["users"].as_array_mut().unwrap() {
            user["public_metrics"]["fans"] = 7.into();
        }
    })
    .await;
    let names: Vec<_> = dataset.manifest.unknown_fields.iter().collect();
    assert_eq!(names, ["author.public_metrics.fans", "mood"]);
    assert!(dataset.column("extra").iter().all(|extra| extra.contains("elated")));
    assert!(edited(|_| ()).await.manifest.unknown_fields.is_empty());
}
