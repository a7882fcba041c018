//! Defects 1 to 8: what is fetched, and how much of it.

use mistnet::model::record::SealReason;
use mistnet::model::spec::Expand;
use mistnet_sim_x::{Fault, ShortPages};

use crate::support::{Doctor, Rig, asked, available};

fn with_referenced(limit: u64) -> mistnet::model::Spec {
    mistnet::model::Spec {
        expand: Expand { referenced: true, ..Expand::default() },
        ..asked(limit)
    }
}

/// Collects `limit` of `tweets`, and checks that the rows are the newest, each once, that no page
/// was fetched twice and why it ended.
async fn exactly(limit: u64, tweets: u64) -> Rig {
    let rig = Rig::new(available(tweets));
    let dataset = rig.collect(asked(limit)).await;
    let newest: Vec<u64> = rig.truth().into_iter().take(usize::try_from(limit).unwrap()).collect();
    assert_eq!(newest.len() as u64, limit.min(tweets));
    dataset.assert_is(&newest);
    rig.assert_nothing_fetched_twice();
    let why = if limit <= tweets { SealReason::LimitReached } else { SealReason::Exhausted };
    assert_eq!(dataset.manifest.outcome, why, "{limit} of {tweets}");
    rig
}

/// "3510 rows in the queue for 2000 matching tweets: 1510 rows never matched the query, unmarked"
#[tokio::test(start_paused = true)]
async fn defect_01_referenced_tweets_are_not_rows() {
    let rig = Rig::new(available(2_100));
    let dataset = rig.collect(with_referenced(2_000)).await;
    dataset.assert_is(&rig.truth()[..2_000]);
    assert!(dataset.manifest.reads.posts > 2_000, "referenced tweets did come along");
    assert!(dataset.column("quoted_text").iter().any(|text| !text.is_empty()), "as columns");
}

/// "a tweet that matches the query AND is referenced on the same page is written 2 times"
#[tokio::test(start_paused = true)]
async fn defect_02_a_tweet_that_is_also_referenced_is_one_row() {
    let doctor = Doctor::editing(|page| {
        let tweets = page["data"].clone();
        if let Some([first, second, ..]) = page["data"].as_array_mut().map(Vec::as_mut_slice) {
            first["referenced_tweets"] =
                serde_json::json!([{ "type": "quoted", "id": second["id"] }]);
            page["includes"]["tweets"] = tweets;
        }
    });
    let rig = Rig::with(available(900), doctor);
    rig.faults(&[(2, Fault::DuplicatePosts { count: 40 })]);
    let dataset = rig.collect(with_referenced(900)).await;
    dataset.assert_is(&rig.truth());
}

/// "fewer results than asked (300 of 2000): `KeyError`; rows delivered 0 of 300 (all lost)"
#[tokio::test(start_paused = true)]
async fn defect_03_fewer_results_than_asked_for_are_all_delivered() {
    exactly(2_000, 300).await;
    exactly(2_000, 30).await;
    exactly(2_000, 0).await;
}

/// "3000 of 5000 available: `KeyError`; rows delivered 0 of 3000 after 6 good pages (all lost)"
#[tokio::test(start_paused = true)]
async fn defect_04_the_end_of_the_results_after_good_pages_loses_nothing() {
    let rig = exactly(5_000, 3_000).await;
    assert_eq!(rig.requests().len(), 6);
}

/// "300 of 700: data tweets fetched again and again: rows 953, unique 543, duplicates 410"
#[tokio::test(start_paused = true)]
async fn defect_05_the_last_page_is_not_fetched_again_and_again() {
    let rig = exactly(700, 300).await;
    assert_eq!(rig.requests().len(), 1);
    let rig = exactly(300, 700).await;
    assert_eq!(rig.requests().len(), 1);
}

/// "`num_results`=700 with 5000 available: page 1 is fetched twice; tweets 501-700 never fetched"
#[tokio::test(start_paused = true)]
async fn defect_06_the_second_page_follows_the_first() {
    let rig = exactly(700, 5_000).await;
    let requests = rig.requests();
    assert_eq!(requests.iter().map(|(size, _)| *size).collect::<Vec<_>>(), [500, 200]);
    assert!(requests[0].1.is_none() && requests[1].1.is_some());
    exactly(700, 700).await;
}

/// "pages of 499: duplicates 9 (last page fetched again with `max_results`=10)"
#[tokio::test(start_paused = true)]
async fn defect_07_pages_shorter_than_asked_for_neither_repeat_nor_end_it() {
    let rig = Rig::with(available(2_500), Doctor::pages_of(499));
    let dataset = rig.collect(asked(2_000)).await;
    dataset.assert_is(&rig.truth()[..2_000]);
    let sizes: Vec<u64> = rig.requests().iter().map(|(size, _)| *size).collect();
    assert_eq!(sizes, [499, 499, 499, 499, 10], "four are missing, and ten is X's least");
    rig.assert_nothing_fetched_twice();

    // X's own habit: pages of 394 to 500, and empty ones with a token.
    let rig =
        Rig::new(mistnet_sim_x::Options { short_pages: ShortPages::Real, ..available(3_000) });
    let dataset = rig.collect(asked(5_000)).await;
    dataset.assert_is(&rig.truth());
    rig.assert_nothing_fetched_twice();
}

/// "`num_results`=505: fetched 510 for 505 asked (overshoot)"
#[tokio::test(start_paused = true)]
async fn defect_08_a_limit_is_exact() {
    for limit in [1, 9, 505, 600, 1_200] {
        exactly(limit, 1_300).await;
    }
}
