//! Answers of X with something wrong in them: what was paid for is kept, what can pass is asked for
//! again, and no page is bought for ever.

use std::time::Duration;

use mistnet::model::Spec;
use mistnet::model::overview::Overview;
use mistnet::model::record::ControlAction;
use mistnet::model::state::State;
use mistnet::model::{CollectionId, Usd};
use mistnet::sender;
use mistnet_sim_x::{Fault, ScheduledFault};

use crate::support::{Dataset, Doctor, Rig, asked, available};

/// Runs until a person is needed, and says what for.
async fn run_until_stopped(rig: &Rig, id: &CollectionId) -> Overview {
    let overview = async || {
        let history = rig.log(id).history().await.unwrap().unwrap();
        Overview::of(&history)
    };
    rig.run(1, async || {
        matches!(overview().await.state, State::Paused | State::Failed | State::Complete)
    })
    .await;
    overview().await
}

async fn intervene(rig: &Rig, id: &CollectionId, action: ControlAction) {
    let now = rig.clock.now();
    sender::intervene(&rig.store, &*rig.collect, id, action, now).await.unwrap();
}

/// One entry that is no tweet costs no other entry its row, and nothing is bought twice.
#[tokio::test(start_paused = true)]
async fn holes_in_a_page_and_a_missing_meta_cost_no_row() {
    let rig = Rig::with(available(95), Doctor::pages_of(10));
    rig.faults(&[
        (1, Fault::NullEntries { count: 1 }),
        (3, Fault::NullEntries { count: 12 }),
        (4, Fault::NoMeta),
        (6, Fault::NoMeta),
    ]);
    let dataset = rig.collect(Spec { partition_size: 7, ..asked(200) }).await;
    dataset.assert_is(&rig.truth());
    rig.assert_nothing_fetched_twice();
    assert!(rig.dead_letters().await.is_empty());
}

/// The header of each page says how many entries are in no row.
#[tokio::test(start_paused = true)]
async fn what_is_in_no_row_is_counted() {
    let rig = Rig::with(available(30), Doctor::pages_of(10));
    rig.faults(&[(2, Fault::NullEntries { count: 3 })]);
    let id = rig.accept(asked(200)).await;
    rig.run_until_complete(&[&id]).await;
    let mut unreadable = Vec::new();
    for page in 0..3 {
        unreadable.push(rig.log(&id).page(page).await.unwrap().header.unreadable);
    }
    assert_eq!(unreadable, [Some(0), Some(3), Some(0)]);
    let sealed = rig.log(&id).sealed().await.unwrap().unwrap();
    assert_eq!((sealed.totals.tweets, sealed.totals.unreadable), (30, Some(3)));
}

/// A refusal in a 200 is waited out like any other, and an answer without a page is asked for again.
#[tokio::test(start_paused = true)]
async fn a_200_without_a_page_costs_nothing_but_time() {
    let rig = Rig::with(available(60), Doctor::pages_of(10));
    rig.faults(&[
        (1, Fault::EmptyObject),
        (3, Fault::ProblemIn200 { status: 503 }),
        (4, Fault::ProblemIn200 { status: 429 }),
        (6, Fault::ErrorsOnly),
        (7, Fault::ErrorsOnly),
        (8, Fault::EmptyObject),
    ]);
    let dataset = rig.collect(asked(200)).await;
    dataset.assert_is(&rig.truth());
    rig.assert_nothing_fetched_twice();
    assert_eq!(dataset.manifest.cost_perhaps_usd, Usd::ZERO, "nothing was charged in vain");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stays_without_a_page_is_shown_to_a_person() {
    for (fault, words) in
        [(Fault::EmptyObject, "{}"), (Fault::ErrorsOnly, "you are not authorized to see the Tweet")]
    {
        let rig = Rig::with(available(60), Doctor::pages_of(10));
        rig.faults(&(2..=5).map(|n| (n, fault)).collect::<Vec<_>>());
        let id = rig.accept(asked(200)).await;
        let stopped = run_until_stopped(&rig, &id).await;
        let trouble = stopped.trouble.unwrap();
        assert_eq!((stopped.state, trouble.code.as_str()), (State::Paused, "no_page"));
        assert!(trouble.detail.contains(words), "{}", trouble.detail);
        assert_eq!(rig.requests().len(), 5, "one, and three more, after a page");
        intervene(&rig, &id, ControlAction::Resume).await;
        rig.run_until_complete(&[&id]).await;
        Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
    }
}

/// The end of a token leaves a page that is no JSON but says what follows.
fn break_the_second_page(page: u64, body: &mut Vec<u8>) {
    if page == 2 {
        drop(body.splice(..9, *br#"{"data"::["#));
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_was_set_aside_is_not_bought_again() {
    let rig = Rig::with(available(60), Doctor::damaging(break_the_second_page));
    let id = rig.accept(asked(200)).await;
    let stopped = run_until_stopped(&rig, &id).await;
    let trouble = stopped.trouble.unwrap();
    assert_eq!((stopped.state, trouble.code.as_str()), (State::Paused, "undecodable_page"));
    assert!(trouble.hint.contains("goes on behind it"), "{}", trouble.hint);
    intervene(&rig, &id, ControlAction::Resume).await;
    rig.run_until_complete(&[&id]).await;
    let truth = rig.truth();
    let others: Vec<u64> = truth[..10].iter().chain(&truth[20..]).copied().collect();
    Dataset::read(&rig.store, &id).await.assert_is(&others);
    rig.assert_nothing_fetched_twice();
}

/// Every page from the second on is no JSON, and says nothing about what follows.
fn break_all_but_the_first_page(page: u64, body: &mut Vec<u8>) {
    if page > 1 {
        *body = b"{\"data\":oops}".to_vec();
    }
}

/// The same from the first page on.
fn break_every_page(_: u64, body: &mut Vec<u8>) {
    *body = b"{\"data\":oops}".to_vec();
}

#[tokio::test(start_paused = true)]
async fn a_place_that_stays_unreadable_is_bought_twice_at_most_whatever_a_person_does() {
    for (damage, first) in [
        (break_all_but_the_first_page as fn(u64, &mut Vec<u8>), State::Paused),
        (break_every_page, State::Failed),
    ] {
        let rig = Rig::with(available(60), Doctor::damaging(damage));
        let id = rig.accept(asked(200)).await;
        assert_eq!(run_until_stopped(&rig, &id).await.state, first);
        let before = rig.requests().len();
        intervene(&rig, &id, ControlAction::Resume).await;
        rig.run_for(Duration::from_mins(1)).await;
        let stopped = run_until_stopped(&rig, &id).await;
        assert_eq!(stopped.state, State::Failed);
        assert_eq!(rig.requests().len(), before + 1);
        for _ in 0..3 {
            intervene(&rig, &id, ControlAction::Resume).await;
            rig.run_for(Duration::from_mins(1)).await;
            let stopped = run_until_stopped(&rig, &id).await;
            let trouble = stopped.trouble.unwrap();
            assert_eq!((stopped.state, trouble.code.as_str()), (State::Failed, "undecodable_page"));
        }
        assert_eq!(rig.requests().len(), before + 1, "never a third time");
        intervene(&rig, &id, ControlAction::Cancel).await;
        rig.run_until_complete(&[&id]).await;
        let rows = Dataset::read(&rig.store, &id).await.manifest.rows;
        assert_eq!(rows, if first == State::Paused { 10 } else { 0 });
    }
}

/// A page that never says whether it is the last must not be bought for ever either.
#[tokio::test(start_paused = true)]
async fn without_any_meta_a_collection_ends_in_a_question() {
    let rig = Rig::with(available(40), Doctor::pages_of(10));
    rig.simulator.faults(vec![ScheduledFault::always(Fault::NoMeta)]);
    let id = rig.accept(asked(200)).await;
    let stopped = run_until_stopped(&rig, &id).await;
    assert_eq!(stopped.state, State::Paused);
    assert_eq!((stopped.rows, stopped.trouble.unwrap().code.as_str()), (40, "no_page"));
    rig.assert_nothing_fetched_twice();
    intervene(&rig, &id, ControlAction::Cancel).await;
    rig.run_until_complete(&[&id]).await;
    Dataset::read(&rig.store, &id).await.assert_is(&rig.truth());
}
