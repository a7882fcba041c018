//! What a collection will do and may cost, before it does: pure functions.

use std::fmt::Write;

use super::text;
use crate::model::Usd;
use crate::model::overview::Overview;
use crate::model::price::{self, POST, USER};
use crate::model::spec::{Archive, Spec};

/// The most that a collection costs: its budget, or its limit at the worst price. X returns at
/// least ten tweets a request, so the last page may bring, and charge, nine more than are wanted.
pub fn ceiling(spec: &Spec) -> Option<Usd> {
    let surplus = Archive::MIN_RESULTS - 1;
    let of_limit =
        spec.limit.map(|limit| price::worst_case(limit.saturating_add(surplus), spec.extras()));
    match (of_limit, spec.max_cost) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What will be done, for a person who decides whether it should be.
pub fn plan(spec: &Spec, dataset: &str) -> String {
    let mut lines = vec![
        ("query", spec.query.clone()),
        ("from", format!("{} (included)", text::instant(spec.window.start))),
        ("to", format!("{} (not included)", text::instant(spec.window.end))),
        ("tweets", limit(spec)),
        ("cost", cost(spec)),
    ];
    if let Some(budget) = spec.max_cost {
        lines
            .push(("budget", format!("{budget}: it pauses before a request that could exceed it")));
    }
    lines.push(("dataset", format!("below {dataset}")));
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{name:<8} {value}");
        text
    })
}

fn limit(spec: &Spec) -> String {
    let archive = match spec.archive {
        Archive::All => "",
        Archive::Recent => ", from the index of the last seven days",
    };
    match spec.limit {
        Some(limit) => format!("at most {limit}, the newest first{archive}"),
        None => format!("all there are{archive}"),
    }
}

/// The most that a collection costs, in words.
pub fn most(spec: &Spec) -> String {
    ceiling(spec).map_or("any amount".to_owned(), |most| format!("at most {most}"))
}

/// The most that a collection still costs from where it stands, in words; `budget` is the one that
/// will be in force.
pub fn rest(overview: &Overview, budget: Option<Usd>) -> String {
    let spec = &overview.spec;
    let limit = spec.limit.map(|limit| limit.saturating_sub(overview.rows));
    let spent = overview.cost_usd + overview.cost_perhaps_usd;
    let max_cost = budget.map(|budget| budget.minus(spent));
    most(&Spec { limit, max_cost, ..spec.clone() })
}

fn cost(spec: &Spec) -> String {
    let most = most(spec);
    let authors = if spec.expand.authors {
        format!(" and {USER} its author (--no-authors leaves them out)")
    } else {
        String::new()
    };
    let referenced = if spec.expand.referenced { ", and so for tweets it refers to" } else { "" };
    format!("{most}: {POST} a tweet{authors}{referenced}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::spec::tests::spec;

    #[test]
    fn a_plan_shows_instants_and_the_ceiling() {
        let all = Spec { limit: None, max_cost: Some(Usd::from_micros(50_000_000)), ..spec() };
        let plans = [plan(&spec(), "./data"), plan(&all, "/srv/tweets")];
        insta::assert_snapshot!(plans.join("\n"));
    }

    #[test]
    fn the_ceiling_is_the_lower_one_of_limit_and_budget() {
        let mut spec = spec();
        assert_eq!(ceiling(&spec).unwrap().to_string(), "$15.135");
        spec.max_cost = Some(Usd::from_micros(1));
        assert_eq!(ceiling(&spec), spec.max_cost);
        spec.limit = None;
        assert_eq!(ceiling(&spec), spec.max_cost);
    }
}
