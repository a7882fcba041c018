//! What counts, what it may cost, and when it is over.

use proptest::prelude::*;

use super::*;
use crate::model::spec::Expand;
use crate::model::spec::tests::spec;

fn origin() -> Origin {
    let fetched_at = "2026-11-22T12:00:00Z".parse().unwrap();
    Origin { request: Vec::new(), fetched_at, writer: "test".into(), turn: 0 }
}

fn arrival(ids: &[u64], token: Option<&str>) -> Arrival {
    Arrival {
        ids: ids.iter().copied().map(TweetId).collect(),
        next_token: token.map(|token| PageToken(token.into())),
        reads: Reads { posts: ids.len() as u64, users: 0 },
        ..Arrival::default()
    }
}

/// Accepts a page where the progress stands; looks up nothing.
fn accept(progress: &mut Progress, arrival: &Arrival, seen: &[u64]) -> PageHeader {
    let cursor = progress.next.clone().unwrap();
    let seen = seen.iter().copied().map(TweetId).collect();
    progress.accept(cursor, arrival, &seen, origin())
}

fn start(limit: Option<u64>, budget: Option<Usd>) -> Progress {
    let mut spec = spec();
    spec.limit = limit;
    spec.expand = Expand { authors: false, ..Expand::default() };
    Progress::new(&spec, budget, None)
}

#[test]
fn only_a_missing_token_ends_a_collection() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[], Some("a")), &[]);
    accept(&mut progress, &arrival(&[9, 8], Some("b")), &[]);
    let Step::Fetch { cursor, .. } = progress.next(500) else { panic!() };
    assert_eq!(cursor.token, Some(PageToken("b".into())));
    accept(&mut progress, &arrival(&[7], None), &[]);
    assert_eq!(progress.next(500), Step::Seal(SealReason::Exhausted));
}

#[test]
fn the_limit_is_exact_and_the_surplus_is_kept_but_not_counted() {
    let mut progress = start(Some(12), None);
    accept(&mut progress, &arrival(&(90..100).rev().collect::<Vec<_>>(), Some("a")), &[]);
    let Step::Fetch { max_results, .. } = progress.next(500) else { panic!() };
    assert_eq!(max_results, 10, "X gives no fewer");
    let header =
        accept(&mut progress, &arrival(&(80..90).rev().collect::<Vec<_>>(), Some("b")), &[]);
    assert_eq!((header.tweets, header.rows(), header.so_far.rows), (10, 2, 12));
    assert_eq!(progress.next(500), Step::Seal(SealReason::LimitReached));
}

#[test]
fn a_tweet_that_came_before_does_not_count_again() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[10, 9], Some("a")), &[]);
    let next = arrival(&[11, 9, 8, 8], Some("b"));
    assert_eq!(progress.suspects(&next.ids), [TweetId(11), TweetId(9)]);
    let header = accept(&mut progress, &next, &[9]);
    assert_eq!(header.counted, [Span { from: 0, to: 1 }, Span { from: 2, to: 3 }]);
}

#[test]
fn no_request_is_made_that_the_budget_does_not_cover() {
    let mut progress = start(None, Some("0.10".parse().unwrap()));
    let Step::Fetch { max_results, .. } = progress.next(500) else { panic!() };
    assert_eq!(max_results, 20);
    accept(&mut progress, &arrival(&[9, 8, 7], Some("a")), &[]);
    let Step::Fetch { max_results, .. } = progress.next(500) else { panic!() };
    assert_eq!(max_results, 17);
    progress.answer_lost(8);
    let Step::Park(trouble) = progress.next(500) else { panic!() };
    assert_eq!(trouble.code, "budget");
    progress.set_budget(Some("1".parse().unwrap()));
    assert!(matches!(progress.next(500), Step::Fetch { .. }));
}

#[test]
fn a_token_that_repeats_itself_is_left_for_an_id() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[9, 8], Some("a")), &[]);
    let header = accept(&mut progress, &arrival(&[9, 8], Some("a")), &[9, 8]);
    assert_eq!(header.next, Some(Cursor::below(TweetId(8))));
}

#[test]
fn pages_that_repeat_under_new_tokens_are_left_for_an_id_and_then_reported() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[9, 8], Some("a")), &[]);
    let mut cursors = Vec::new();
    for number in 0..9 {
        let repeat = arrival(&[9, 8], Some(&format!("t{number}")));
        cursors.push(accept(&mut progress, &repeat, &[9, 8]).next.unwrap());
    }
    let by_id = Cursor::below(TweetId(8));
    let switches: Vec<usize> =
        (0..).zip(&cursors).filter(|(_, cursor)| **cursor == by_id).map(|(at, _)| at).collect();
    assert_eq!(switches, [2, 5, 8]);
    let Step::Park(trouble) = progress.next(500) else { panic!() };
    assert_eq!(trouble.code, "no_progress");
}

#[test]
fn a_refused_token_is_left_for_an_id_and_a_refused_id_for_nothing() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[9, 8], Some("a")), &[]);
    assert!(progress.give_up_token());
    let Step::Fetch { cursor, .. } = progress.next(500) else { panic!() };
    assert_eq!(cursor, Cursor::below(TweetId(8)));
    assert!(!progress.give_up_token());
}

/// Sets a page aside where the progress stands.
fn set_aside(progress: &mut Progress, salvage: &Salvage) -> (Cursor, Then) {
    let cursor = progress.next.clone().unwrap();
    let header = progress.accept_undecodable(cursor, "cut".into(), salvage, origin());
    let Body::Undecodable { then, .. } = header.body else { panic!() };
    assert_eq!((header.tweets, header.unreadable), (0, None));
    *progress = Progress::new(&spec(), None, Some(&PageHeader { ..header.clone() }));
    (header.next.unwrap(), then.unwrap())
}

#[test]
fn a_page_that_was_set_aside_is_not_asked_for_again_if_it_says_what_follows() {
    let mut progress = start(None, None);
    accept(&mut progress, &arrival(&[9, 8], Some("a")), &[]);
    let salvage = Salvage { next_token: Some(PageToken("b".into())), lowest_id: None };
    let (next, then) = set_aside(&mut progress, &salvage);
    assert_eq!((next.token, then), (Some(PageToken("b".into())), Then::Behind));
    // The same token again leads back to the page itself.
    let (next, then) = set_aside(&mut progress, &salvage);
    assert_eq!((next, then), (Cursor::below(TweetId(8)), Then::Again));
}

#[test]
fn an_id_of_a_broken_page_is_believed_only_if_it_can_be_one_of_its_tweets() {
    let at = |time: &str| {
        let ms = time.parse::<Timestamp>().unwrap().as_millisecond() - 1_288_834_974_657;
        TweetId(u64::try_from(ms).unwrap() << 22)
    };
    let (newer, inside) = (at("2026-11-20T00:00:00Z"), at("2026-11-01T00:00:00Z"));
    for (lowest_id, expected) in [
        (Some(inside), Then::Behind),
        (Some(newer), Then::Again),
        (Some(at("2026-01-01T00:00:00Z")), Then::Again),
        (Some(TweetId(5)), Then::Again),
        (None, Then::Again),
    ] {
        let mut progress = start(None, None);
        accept(&mut progress, &arrival(&[newer.0], Some("a")), &[]);
        let (next, then) = set_aside(&mut progress, &Salvage { next_token: None, lowest_id });
        let below = if then == Then::Behind { inside } else { newer };
        assert_eq!((next, then), (Cursor::below(below), expected), "{lowest_id:?}");
    }
}

#[test]
fn a_place_that_says_nothing_is_asked_for_once_more_and_never_again() {
    for before in [vec![], vec![9, 8]] {
        let mut progress = start(None, None);
        if !before.is_empty() {
            accept(&mut progress, &arrival(&before, Some("a")), &[]);
        }
        let by_id = before.last().map_or(Cursor::START, |id| Cursor::below(TweetId(*id)));
        let nothing = Salvage::default();
        assert_eq!(set_aside(&mut progress, &nothing), (by_id.clone(), Then::Again));
        assert!(matches!(progress.next(500), Step::Fetch { cursor, .. } if cursor == by_id));
        assert_eq!(set_aside(&mut progress, &nothing), (by_id, Then::Nowhere));
        let Step::Fail(trouble) = progress.next(500) else { panic!() };
        assert_eq!(trouble.code, "undecodable_page");
    }
}

#[test]
fn a_page_in_between_ends_the_count_of_a_place() {
    let mut progress = start(None, None);
    let nothing = Salvage::default();
    assert_eq!(set_aside(&mut progress, &nothing).1, Then::Again);
    accept(&mut progress, &arrival(&[9, 8], Some("a")), &[]);
    assert_eq!(set_aside(&mut progress, &nothing).1, Then::Again);
}

#[test]
fn a_page_of_an_older_version_that_was_set_aside_is_asked_for_once_more() {
    let mut header = crate::model::record::tests::page(0);
    header.body = serde_json::from_str(r#"{"undecodable":{"reason":"cut"}}"#).unwrap();
    header.next = Some(Cursor::START);
    let mut progress = Progress::new(&spec(), None, Some(&header));
    assert!(matches!(progress.next(500), Step::Fetch { .. }));
    assert_eq!(set_aside(&mut progress, &Salvage::default()).1, Then::Nowhere);
}

#[test]
fn entries_without_an_id_keep_their_places_and_are_counted() {
    let mut progress = start(Some(3), None);
    let page = Arrival { gaps: vec![0, 2, 5], unreadable: 4, ..arrival(&[9, 8, 7, 6], Some("a")) };
    let header = accept(&mut progress, &page, &[8]);
    let spans = [Span { from: 1, to: 2 }, Span { from: 4, to: 5 }, Span { from: 6, to: 7 }];
    assert_eq!(header.counted, spans);
    assert_eq!((header.tweets, header.unreadable, header.so_far.unreadable), (4, Some(4), Some(4)));
    assert_eq!(progress.next(500), Step::Seal(SealReason::LimitReached));
}

#[test]
fn a_page_that_does_not_say_whether_it_is_the_last_leads_on_by_id_and_not_for_ever() {
    let mut progress = start(None, None);
    let open = |ids: &[u64]| Arrival { end_unknown: true, ..arrival(ids, None) };
    let header = accept(&mut progress, &open(&[9, 8]), &[]);
    assert_eq!(header.next, Some(Cursor::below(TweetId(8))));
    let header = accept(&mut progress, &open(&[7]), &[]);
    assert_eq!(header.next, Some(Cursor::below(TweetId(7))));
    let mut bought = 0;
    while matches!(progress.next(500), Step::Fetch { .. }) {
        accept(&mut progress, &open(&[7]), &[7]);
        bought += 1;
    }
    assert_eq!(bought, 3);
    let Step::Park(trouble) = progress.next(500) else { panic!() };
    assert_eq!(trouble.code, "no_progress");
}

#[test]
fn the_seal_says_what_was_lost_after_the_last_page() {
    let mut progress = start(None, None);
    let last = accept(&mut progress, &arrival(&[9], None), &[]);
    let ours = progress.seal(SealReason::Exhausted, last.fetched_at);
    let mut other = Progress::new(&spec(), None, Some(&last));
    other.set_lost("3".parse().unwrap());
    let mut theirs = other.seal(SealReason::Exhausted, last.fetched_at);
    assert_eq!(theirs.totals.lost.to_string(), "$3.00");
    theirs.totals.lost = ours.totals.lost;
    assert_eq!(theirs, ours, "all else follows from the page");
}

proptest! {
    /// X returns `available` tweets in pages of any size; the dataset has exactly
    /// `min(limit, available)`, and the worst case of every request was covered.
    #[test]
    fn rows_are_exactly_what_was_asked_for_or_what_there_is(
        available in 0_u64..2_000,
        limit in prop::option::of(1_u64..2_000),
        budget in prop::option::of(0_u64..12_000_000),
        shortfall in 0_u64..9,
    ) {
        let mut progress = start(limit, budget.map(Usd::from_micros));
        let mut left = available;
        let mut charged = Usd::ZERO;
        let end = loop {
            match progress.next(500) {
                Step::Fetch { max_results, .. } => {
                    let extras = spec_extras();
                    if let Some(budget) = budget {
                        let worst = charged + price::worst_case(max_results, extras);
                        prop_assert!(worst <= Usd::from_micros(budget));
                    }
                    let size = max_results.saturating_sub(shortfall).min(left);
                    let ids: Vec<u64> = (left - size..left).rev().map(|i| i + 1).collect();
                    left -= size;
                    let token = (left > 0).then(|| format!("t{left}"));
                    let page = arrival(&ids, token.as_deref());
                    charged += page.reads.cost();
                    accept(&mut progress, &page, &[]);
                }
                end => break end,
            }
        };
        let rows = progress.totals().rows;
        if matches!(end, Step::Park(_)) {
            prop_assert!(budget.is_some());
        } else {
            prop_assert_eq!(rows, limit.unwrap_or(u64::MAX).min(available));
        }
    }
}

fn spec_extras() -> price::Extras {
    price::Extras { authors: false, referenced: false }
}
