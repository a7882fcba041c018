//! The truth table of the module, row by row.

use super::*;
use crate::model::price::Reads;
use crate::model::record::VERSION;
use crate::model::record::tests::{created, page};

fn at() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn accepted() -> History {
    History {
        created: created(),
        pages: 0,
        last_page: None,
        turns: 0,
        last_turn: None,
        last_turn_end: None,
        controls: Vec::new(),
        sealed: None,
        receipts: Vec::new(),
        complete: false,
        touched_at: None,
        fetched_at: None,
    }
}

fn turn(history: &mut History) {
    let turn = history.turns;
    let writer = "test".into();
    history.last_turn = Some(Turn {
        version: VERSION,
        turn,
        at: at(),
        writer,
        first_page: 0,
        lost: Usd::ZERO,
        crashes: 0,
        lease_ms: None,
        max_cost_usd: None,
    });
    history.last_turn_end = None;
    history.turns += 1;
}

fn ended(outcome: Outcome) -> History {
    let mut history = accepted();
    turn(&mut history);
    history.last_turn_end =
        Some(TurnEnd { version: VERSION, turn: 0, at: at(), outcome, lost: Usd::ZERO });
    history
}

fn trouble() -> Trouble {
    Trouble { code: "budget".into(), detail: String::new(), hint: String::new() }
}

fn control(history: &mut History, action: ControlAction) {
    let turns = history.turns;
    history.controls.push(Control { version: VERSION, action, at: at(), turns });
}

fn sealed(why: SealReason) -> Sealed {
    let totals = Totals::default();
    Sealed { version: VERSION, why, pages: 1, parts: 0, totals, last_page_at: at() }
}

#[test]
fn a_collection_goes_through_its_states() {
    let mut history = accepted();
    assert_eq!(history.state(), State::Queued);
    turn(&mut history);
    assert_eq!(history.state(), State::Collecting);
    history.sealed = Some(sealed(SealReason::Exhausted));
    assert_eq!(history.state(), State::Storing);
    history.complete = true;
    assert_eq!(history.state(), State::Complete);
}

#[test]
fn how_a_turn_ended_decides_until_a_resume_answers_it() {
    let waiting = Outcome::Waiting { until: at(), reason: String::new(), failures: 0 };
    for (outcome, state) in [
        (Outcome::HandedBack, State::Collecting),
        (waiting, State::Waiting),
        (Outcome::Parked(trouble()), State::Paused),
        (Outcome::Failed(trouble()), State::Failed),
    ] {
        let mut history = ended(outcome);
        assert_eq!(history.state(), state);
        control(&mut history, ControlAction::Resume);
        assert_eq!(history.state(), State::Queued);
        turn(&mut history);
        assert_eq!(history.state(), State::Collecting);
    }
}

#[test]
fn a_resume_before_the_trouble_does_not_answer_it() {
    let mut history = accepted();
    control(&mut history, ControlAction::Resume);
    turn(&mut history);
    history.last_turn_end = ended(Outcome::Failed(trouble())).last_turn_end;
    assert_eq!(history.state(), State::Failed);
}

#[test]
fn the_last_of_pause_and_resume_holds_and_a_cancellation_is_final() {
    let mut history = ended(Outcome::Paused);
    control(&mut history, ControlAction::Pause);
    assert_eq!(history.state(), State::Paused);
    assert!(!history.wants_a_sender());
    control(&mut history, ControlAction::Resume);
    assert_eq!(history.state(), State::Queued);
    control(&mut history, ControlAction::Cancel);
    control(&mut history, ControlAction::Resume);
    assert_eq!(history.state(), State::Cancelled);
    assert!(history.wants_a_sender(), "somebody has to seal it");
    history.sealed = Some(sealed(SealReason::Cancelled));
    history.complete = true;
    assert_eq!(history.state(), State::Cancelled);
    assert!(!history.wants_a_sender());
}

#[test]
fn a_cancellation_that_came_too_late_changes_nothing() {
    let mut history = accepted();
    control(&mut history, ControlAction::Cancel);
    history.sealed = Some(sealed(SealReason::LimitReached));
    history.complete = true;
    assert_eq!(history.state(), State::Complete);
}

#[test]
fn a_turn_that_crashed_counts_one_answer_at_its_worst() {
    let mut history = accepted();
    assert_eq!(history.lost(), Usd::ZERO);
    turn(&mut history);
    assert_eq!(history.lost().to_string(), "$7.50", "500 tweets with their authors");
    history.created.spec.max_cost = Some("5".parse().unwrap());
    assert_eq!(history.lost().to_string(), "$5.00", "no request may cost more than the budget");
    let mut header = page(0);
    header.so_far.rows = 990;
    header.so_far.reads = Reads { posts: 990, users: 0 };
    history.last_page = Some(header);
    assert_eq!(history.lost().to_string(), "$0.05", "ten tweets were left to ask for");
    history.last_turn_end = ended(Outcome::HandedBack).last_turn_end;
    assert_eq!(history.lost(), Usd::ZERO, "a turn that ended has lost nothing unknown");
}

#[test]
fn only_crashes_without_a_new_page_count_as_a_row() {
    let mut history = accepted();
    assert_eq!(history.crashes_in_a_row(), 0);
    turn(&mut history);
    history.last_turn.as_mut().unwrap().crashes = 2;
    assert_eq!(history.crashes_in_a_row(), 3);
    history.pages = 1;
    assert_eq!(history.crashes_in_a_row(), 0, "it got somewhere");
    let ended = ended(Outcome::HandedBack);
    assert_eq!(ended.crashes_in_a_row(), 0, "it ended");
}

#[test]
fn the_newest_budget_is_in_force() {
    let mut history = accepted();
    assert_eq!(history.budget(), None);
    history.created.spec.max_cost = Some("5".parse().unwrap());
    control(&mut history, ControlAction::Budget { max_cost: "9".parse().unwrap() });
    assert_eq!(history.budget(), Some("9".parse().unwrap()));
}
