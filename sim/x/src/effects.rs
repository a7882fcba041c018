//! What each kind of fault does to a request and its answer.
//!
//! In order: some faults refuse before any work ([`before_work`]), some change the
//! JSON of the answer ([`on_answer`]), and the rest break its delivery
//! ([`super::delivery`]). Refusals are free of charge; broken deliveries are not.

use serde_json::{Value, json};

use super::errors::{self, Refusal};
use super::faults::{Fault, Form, Stage};
use super::ledger::Served;
use super::options::Dialect;
use super::request::{Pairs, dialect_of, refused_token, value};
use super::search::Answer;

/// Replaced by `\ud83d` after serialisation: JSON values cannot hold a lone surrogate.
pub const SURROGATE_MARK: char = '\u{F8FE}';

/// The refusal that a fault puts in place of an answer, if it is one that refuses.
pub fn before_work(fault: Fault, pairs: &Pairs, open: Dialect, now_ms: i64) -> Option<Refusal> {
    Some(match fault {
        Fault::RateWindow { form, .. } => match form {
            Form::Json => errors::too_many_requests(),
            Form::OldJson => errors::rate_limit_code_88(),
            Form::Html => errors::html(429),
            Form::Empty => errors::empty(429),
        },
        Fault::OnePerSecond => errors::too_many_requests(),
        Fault::UsageCap => errors::usage_capped(),
        Fault::CreditsDepleted { form: Form::OldJson } => errors::credits_depleted(),
        Fault::CreditsDepleted { form: Form::Html } => errors::html(402),
        Fault::CreditsDepleted { form: Form::Empty } => errors::empty(402),
        Fault::CreditsDepleted { form: Form::Json } => errors::payment_required(),
        Fault::SpendCap => errors::spend_cap_reached(now_ms),
        Fault::NotEnrolled => errors::client_not_enrolled(),
        Fault::Unauthorized => errors::unauthorized(),
        Fault::TokenRefused => token_refused(pairs, open)?,
        Fault::ServerError { status, form } => match form {
            Form::Json | Form::OldJson => errors::server_error(status),
            Form::Html => errors::html(status),
            Form::Empty => errors::empty(status),
        },
        Fault::ProblemIn200 { status } => errors::in_200(status),
        Fault::EmptyObject => errors::empty_object(),
        Fault::ErrorsOnly => errors::errors_only(dialect_of(pairs, open)),
        Fault::HtmlBody => errors::html(200),
        Fault::EmptyBody | Fault::Reset { stage: Stage::BeforeWork } => errors::empty(200),
        Fault::CutBody { .. }
        | Fault::TruncatedGzip
        | Fault::SlowBody { .. }
        | Fault::LargeBody { .. }
        | Fault::Reset { stage: Stage::AfterWork }
        | Fault::RepeatPage
        | Fault::LoopToken
        | Fault::EmptyPage
        | Fault::DeletePosts { .. }
        | Fault::ChangeMetrics
        | Fault::NoRateHeaders
        | Fault::ClockSkew { .. }
        | Fault::UnknownFields
        | Fault::LoneSurrogates
        | Fault::WrongTypes
        | Fault::DuplicatePosts { .. }
        | Fault::OutOfOrder
        | Fault::NullEntries { .. }
        | Fault::NoMeta => return None,
    })
}

fn token_refused(pairs: &Pairs, open: Dialect) -> Option<Refusal> {
    let given = |name: &&str| value(pairs, name).is_some();
    let name = ["next_token", "pagination_token"].into_iter().find(given)?;
    let invalid = refused_token(name, value(pairs, name)?);
    Some(invalid.refusal(dialect_of(pairs, open)))
}

/// Changes the JSON of an answer. `before` is the page before it on the same walk.
pub fn on_answer(fault: Fault, answer: &mut Answer, before: Option<&Answer>) {
    match fault {
        Fault::RepeatPage => {
            if let Some(before) = before {
                *answer = before.clone();
            }
        }
        Fault::LoopToken => {
            if let Some(place) = &answer.place {
                answer.body.change(|body| body["meta"]["next_token"] = json!(place.token));
            }
        }
        Fault::EmptyPage => {
            if let Some(place) = &answer.place {
                let meta = json!({"result_count": 0, "next_token": place.after_empty});
                answer.body = json!({"meta": meta}).into();
                answer.served = Served::default();
            }
        }
        Fault::DuplicatePosts { count } => {
            if let Some(before) = before {
                duplicate(answer, before, count);
            }
        }
        Fault::OutOfOrder => answer.body.change(|body| {
            if let Some(Value::Array(data)) = body.get_mut("data") {
                data.reverse();
            }
        }),
        Fault::NullEntries { count } => answer.body.change(|body| {
            if let Some(Value::Array(data)) = body.get_mut("data") {
                for nth in 0..count {
                    data.insert((2 * nth).min(data.len()), Value::Null);
                }
            }
        }),
        Fault::NoMeta => answer.body.change(|body| {
            if let Value::Object(page) = body {
                page.remove("meta");
            }
        }),
        Fault::UnknownFields => each_post(answer, |post, nth| {
            post["new_field_of_2027"] = json!({"nested": [1, "two", null], "nth": nth});
        }),
        Fault::LoneSurrogates => each_post(answer, |post, _| {
            let text = post["text"].as_str().unwrap_or_default();
            post["text"] = json!(format!("{text} {SURROGATE_MARK}"));
        }),
        Fault::WrongTypes => each_post(answer, wrong_types),
        _ => {}
    }
}

fn each_post(answer: &mut Answer, mut change: impl FnMut(&mut Value, usize)) {
    answer.body.change(|body| {
        if let Some(Value::Array(data)) = body.get_mut("data") {
            for (nth, post) in data.iter_mut().enumerate().filter(|(_, post)| post.is_object()) {
                change(post, nth);
            }
        }
    });
}

fn wrong_types(post: &mut Value, nth: usize) {
    if nth.is_multiple_of(2) {
        post["lang"] = json!(7);
        post["possibly_sensitive"] = json!("false");
        post["entities"] = json!([]);
    } else {
        post["public_metrics"] = json!({"like_count": "12", "reply_count": null});
        post["created_at"] = json!(1_780_000_000);
    }
}

fn duplicate(answer: &mut Answer, before: &Answer, count: usize) {
    let before = before.body.tree();
    let Some(Value::Array(old)) = before.get("data") else { return };
    let again: Vec<Value> = old.iter().rev().take(count).rev().cloned().collect();
    let ids: Vec<u64> = again.iter().filter_map(|post| post["id"].as_str()?.parse().ok()).collect();
    answer.body.change(|body| {
        let new = body["data"].as_array().cloned().unwrap_or_default();
        let all: Vec<Value> = again.into_iter().chain(new).collect();
        body["meta"]["result_count"] = json!(all.len());
        if let Some(newest) = ids.iter().max() {
            body["meta"]["newest_id"] = json!(newest.to_string());
        }
        if body["meta"]["oldest_id"].is_null() {
            body["meta"]["oldest_id"] = json!(ids.iter().min().map(u64::to_string));
        }
        body["data"] = Value::Array(all);
    });
    answer.served.data.extend(ids);
}
