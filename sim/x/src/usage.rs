//! `GET /2/usage/tweets`: post reads against the monthly cap.
//!
//! Numbers are strings in the current dialect (OpenAPI 2.167) and integers in the
//! legacy one (2.166). A billing cycle is a calendar month here.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::clock::{answer_time, timestamp};
use super::errors::{Invalid, Refusal};
use super::options::Dialect;
use super::request::{Pairs, check_names, number, value};
use super::search::Answer;
use super::world::World;

const DAY_MS: i64 = 86_400_000;
/// Post reads in a billing cycle (docs.x.com, post cap, read 2026-08-22).
const CAP: u64 = 3_000_000;
const PROJECT: &str = "1234567";

/// Reads so far in the month of `now_ms`.
pub fn this_month(reads_by_day: &BTreeMap<i64, u64>, now_ms: i64) -> u64 {
    let date = timestamp(now_ms).to_zoned(jiff::tz::TimeZone::UTC).date();
    let first = now_ms.div_euclid(DAY_MS) - i64::from(date.day() - 1);
    reads_by_day.range(first..).map(|(_, reads)| reads).sum()
}

/// Answers with the usage so far.
pub fn usage(world: &World<'_>, pairs: &Pairs) -> Result<Answer, Refusal> {
    let dialect = world.options.dialect;
    let days = read(pairs).map_err(|invalid| invalid.refusal(dialect))?;
    let count = |number: u64| dialect.pick(json!(number), json!(number.to_string()));
    let today = world.now_ms.div_euclid(DAY_MS);
    let daily: Vec<Value> = (world.reads_by_day.range(today - days as i64 + 1..))
        .map(|(day, reads)| json!({"date": answer_time(day * DAY_MS), "usage": count(*reads)}))
        .collect();
    let mut all = Map::new();
    all.insert("cap_reset_day".to_owned(), json!(1));
    all.insert("project_id".to_owned(), json!(PROJECT));
    all.insert("project_cap".to_owned(), count(world.options.post_cap.unwrap_or(CAP)));
    let used = this_month(world.reads_by_day, world.now_ms);
    all.insert("project_usage".to_owned(), count(used));
    if !daily.is_empty() {
        insert_daily(&mut all, &daily, dialect);
    }
    let asked = value(pairs, "usage.fields").unwrap_or_default();
    if asked.is_empty() {
        all.retain(|key, _| !key.starts_with("daily_"));
    } else {
        all.retain(|key, _| asked.split(',').any(|name| name == key));
    }
    Ok(Answer { body: json!({"data": all}).into(), ..Answer::default() })
}

fn insert_daily(all: &mut Map<String, Value>, daily: &[Value], dialect: Dialect) {
    let project = dialect.pick(json!(1_234_567), json!(PROJECT));
    all.insert("daily_project_usage".to_owned(), json!({"project_id": project, "usage": daily}));
    let app =
        json!([{"client_app_id": "29876543", "usage": daily, "usage_result_count": daily.len()}]);
    all.insert("daily_client_app_usage".to_owned(), app);
}

fn read(pairs: &Pairs) -> Result<u64, Invalid> {
    check_names(pairs, &["days", "usage.fields"])?;
    number(pairs, "days", 1..91, 7)
}
