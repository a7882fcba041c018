//! Every kind of fault does what it says, when it says, and is charged as it says.

use mistnet_sim_x::{Fault, Form, ScheduledFault, Simulator, Stage, When};
use serde_json::{Value, json};

use crate::support::*;

const TAG: (&str, &str) = ("query", "#cumpleaños");
const PAIRS: [(&str, &str); 3] =
    [TAG, FLOOR, ("tweet.fields", "lang,public_metrics,created_at,possibly_sensitive")];

async fn with(fault: Fault) -> (Simulator, Got) {
    let sim = Simulator::new(full_pages(100, 1));
    sim.faults(vec![ScheduledFault::nth(1, fault)]);
    let got = get(&sim, ALL, &PAIRS).await;
    let (before, after) = (sim.ledger().billed.posts, get(&sim, ALL, &PAIRS).await);
    assert_eq!(after.status, 200, "the fault acts once");
    assert_eq!(sim.ledger().requests[0].faults.len(), 1);
    let refused = got.status != 200 || got.bytes.is_empty() || got.bytes.starts_with(b"<");
    let charged_anyway = fault == Fault::Reset { stage: Stage::AfterWork };
    assert_eq!(before, if refused && !charged_anyway { 0 } else { 10 }, "{fault:?}");
    (sim, got)
}

#[tokio::test(start_paused = true)]
async fn refusals_have_the_recorded_status_and_body() {
    for (fault, status, title) in [
        (Fault::OnePerSecond, 429, "Too Many Requests"),
        (Fault::RateWindow { reset_in_seconds: 60, form: Form::Json }, 429, "Too Many Requests"),
        (Fault::UsageCap, 429, "UsageCapExceeded"),
        (Fault::CreditsDepleted { form: Form::Json }, 402, "Payment Required"),
        (Fault::CreditsDepleted { form: Form::OldJson }, 402, "CreditsDepleted"),
        (Fault::SpendCap, 403, "SpendCapReached"),
        (Fault::NotEnrolled, 403, "Client Forbidden"),
        (Fault::Unauthorized, 401, "Unauthorized"),
        (Fault::ServerError { status: 500, form: Form::Json }, 500, "Internal Server Error"),
        (Fault::ServerError { status: 503, form: Form::Json }, 503, "Service Unavailable"),
    ] {
        let (_, got) = with(fault).await;
        assert_eq!(got.status, status, "{fault:?}");
        assert_eq!(got.json()["title"], title, "{fault:?}");
    }
    let (_, got) = with(Fault::SpendCap).await;
    assert_eq!(got.json()["reset_date"], "2026-10-01");
    let (_, got) = with(Fault::CreditsDepleted { form: Form::OldJson }).await;
    assert_eq!(got.json()["account_id"], 1_949_003_093_120_876_544_u64);
}

#[tokio::test(start_paused = true)]
async fn refusals_may_be_pages_or_nothing() {
    for (form, start) in [(Form::Html, &b"<!DOCTYPE"[..]), (Form::Empty, b"")] {
        for fault in [
            Fault::ServerError { status: 502, form },
            Fault::RateWindow { reset_in_seconds: 5, form },
            Fault::CreditsDepleted { form },
        ] {
            let (_, got) = with(fault).await;
            assert!(got.status >= 400 && got.bytes.starts_with(start), "{fault:?}");
            assert_eq!(got.bytes.is_empty(), form == Form::Empty);
        }
    }
    let (_, got) = with(Fault::HtmlBody).await;
    assert_eq!((got.status, got.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let (_, got) = with(Fault::EmptyBody).await;
    assert_eq!((got.status, got.bytes.len(), got.whole), (200, 0, true));
    let (_, got) = with(Fault::RateWindow { reset_in_seconds: 5, form: Form::OldJson }).await;
    assert_eq!(got.json(), json!({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}));
}

#[tokio::test(start_paused = true)]
async fn rate_headers_follow_the_fault() {
    let (sim, got) = with(Fault::RateWindow { reset_in_seconds: -30, form: Form::Json }).await;
    assert_eq!(got.number("x-rate-limit-remaining"), 0);
    assert_eq!(got.number("x-rate-limit-reset"), sim.now_ms() / 1000 - 30);
    assert_eq!(sim.ledger().throttled.window, 1);
    let (_, got) = with(Fault::OnePerSecond).await;
    assert!(got.number("x-rate-limit-remaining") > 0);
    let (_, got) = with(Fault::NoRateHeaders).await;
    assert_eq!(got.header("x-rate-limit-reset"), None);
    let (_, got) = with(Fault::ClockSkew { seconds: -3_600 }).await;
    assert_eq!(got.header("date"), Some("Tue, 01 Sep 2026 11:00:00 GMT"));
}

#[tokio::test(start_paused = true)]
async fn broken_deliveries_never_look_whole() {
    let (_, got) = with(Fault::CutBody { percent: 50 }).await;
    assert!(!got.whole && got.number("content-length") as usize >= 2 * got.bytes.len());
    assert!(serde_json::from_slice::<Value>(&got.bytes).is_err());
    let (_, got) = with(Fault::TruncatedGzip).await;
    assert_eq!(got.header("content-encoding"), Some("gzip"));
    assert!(got.whole && gunzip(&got.bytes).is_err());
    for stage in [Stage::BeforeWork, Stage::AfterWork] {
        let (_, got) = with(Fault::Reset { stage }).await;
        assert!(!got.whole && got.bytes.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn slow_and_large_bodies_are_whole() {
    let before = tokio::time::Instant::now();
    let (_, got) = with(Fault::SlowBody { bytes_per_second: 100 }).await;
    let seconds = before.elapsed().as_secs() as usize;
    assert_eq!(seconds, got.bytes.len().div_ceil(100));
    assert_eq!(got.ids().len(), 10);
    let (_, got) = with(Fault::LargeBody { bytes: 1_000_000 }).await;
    assert!(got.bytes.len() > 1_000_000 && got.ids().len() == 10);
}

#[tokio::test(start_paused = true)]
async fn posts_may_be_strange() {
    let (_, got) = with(Fault::UnknownFields).await;
    assert!(got.json()["data"][0]["new_field_of_2027"].is_object());
    let (_, got) = with(Fault::LoneSurrogates).await;
    let text = String::from_utf8(got.bytes).expect("UTF-8");
    assert_eq!(text.matches("\\ud83d\"").count(), 10);
    assert!(serde_json::from_str::<Value>(&text).is_err());
    let (_, got) = with(Fault::WrongTypes).await;
    let body = got.json();
    assert!(body["data"][0]["lang"].is_number() && body["data"][1]["created_at"].is_number());
}

#[tokio::test(start_paused = true)]
async fn metrics_grow_between_two_looks() {
    let sim = Simulator::new(full_pages(100, 1));
    let likes = |got: &Got| {
        got.json()["data"][0]["public_metrics"]["like_count"].as_u64().expect("a count")
    };
    let first = likes(&get(&sim, ALL, &PAIRS).await);
    assert_eq!(first, likes(&get(&sim, ALL, &PAIRS).await));
    sim.faults(vec![ScheduledFault::always(Fault::ChangeMetrics)]);
    assert!(likes(&get(&sim, ALL, &PAIRS).await) > first);
}

async fn second_page(fault: Fault) -> (Got, Got, Got) {
    let sim = Simulator::new(full_pages(100, 1));
    let first = get(&sim, ALL, &[TAG, FLOOR]).await;
    sim.faults(vec![ScheduledFault::nth(1, fault)]);
    let token = first.next_token().expect("more");
    let next = [TAG, FLOOR, ("next_token", token.as_str())];
    let second = get(&sim, ALL, &next).await;
    (first, second, get(&sim, ALL, &next).await)
}

#[tokio::test(start_paused = true)]
async fn pages_may_repeat_loop_overlap_or_turn_round() {
    let (first, second, third) = second_page(Fault::RepeatPage).await;
    assert_eq!((first.ids(), first.next_token()), (second.ids(), second.next_token()));
    assert_ne!(third.ids(), second.ids());

    let (first, second, third) = second_page(Fault::LoopToken).await;
    assert_eq!(second.next_token(), first.next_token());
    assert_eq!(second.ids(), third.ids());

    let (first, second, third) = second_page(Fault::DuplicatePosts { count: 3 }).await;
    let expected = [&first.ids()[7..], &third.ids()[..7]].concat();
    assert_eq!(second.ids(), expected);
    assert_eq!(second.json()["meta"]["result_count"], 10, "no more than were asked for");

    let (first, second, third) = second_page(Fault::EmptyPage).await;
    assert_eq!(second.json()["meta"]["result_count"], 0);
    assert!(second.json().get("data").is_none());
    assert_ne!(second.next_token(), first.next_token());
    let token = second.next_token().expect("more");
    let sim = Simulator::new(full_pages(100, 1));
    assert_eq!(get(&sim, ALL, &[TAG, FLOOR, ("next_token", &token)]).await.ids(), third.ids());

    let (_, second, third) = second_page(Fault::OutOfOrder).await;
    assert_eq!(second.ids(), third.ids().into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_a_400_and_only_with_a_token() {
    let sim = Simulator::new(full_pages(100, 1));
    sim.faults(vec![ScheduledFault::always(Fault::TokenRefused)]);
    let first = get(&sim, ALL, &[TAG, FLOOR]).await;
    let token = first.next_token().expect("more");
    let message = get(&sim, ALL, &[TAG, FLOOR, ("next_token", &token)]).await.message();
    assert!(message.contains("next_token"));
    let lowest = first.ids()[9].to_string();
    let resumed = get(&sim, ALL, &[TAG, FLOOR, ("until_id", &lowest)]).await;
    assert!(resumed.status == 200 && resumed.ids()[0] < first.ids()[9]);
}

#[tokio::test(start_paused = true)]
async fn deleted_posts_vanish_from_search_lookup_and_truth() {
    let sim = Simulator::new(full_pages(500, 1));
    let before = sim.matching_ids("#cumpleaños").expect("a query");
    sim.faults(vec![ScheduledFault::nth(3, Fault::DeletePosts { permille: 200, seed: 4 })]);
    let ids = walked_ids(&sim, ALL, &[TAG, FLOOR, ("max_results", "100")]).await;
    let after = sim.matching_ids("#cumpleaños").expect("a query");
    assert_eq!(ids[..200], before[..200]);
    assert_eq!(ids[200..], after[after.len() - (ids.len() - 200)..]);
    assert!((350..450).contains(&after.len()), "{}", after.len());
    let gone = before.iter().find(|id| !after.contains(id)).expect("a deleted post");
    let got = get(&sim, "/2/tweets", &[("ids", &gone.to_string())]).await.json();
    assert_eq!(got["errors"][0]["title"], "Not Found Error");
    sim.reset();
    assert_eq!(sim.matching_ids("#cumpleaños").expect("a query"), before);
}

#[tokio::test(start_paused = true)]
async fn schedules_count_match_and_repeat() {
    let statuses = async |scheduled: ScheduledFault| {
        let sim = Simulator::new(full_pages(10, 1));
        sim.faults(vec![scheduled]);
        get(&sim, "/2/usage/tweets", &[]).await;
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(get(&sim, ALL, &[TAG]).await.status);
        }
        statuses
    };
    let fault = Fault::Unauthorized;
    let scheduled = |when, path: Option<&str>, count| ScheduledFault {
        fault,
        when,
        path: path.map(str::to_owned),
        count,
    };
    assert_eq!(
        statuses(scheduled(When::Nth { n: 2 }, None, None)).await,
        [401, 200, 200, 200, 200, 200]
    );
    assert_eq!(
        statuses(scheduled(When::Nth { n: 2 }, Some("/2/tweets"), None)).await,
        [200, 401, 200, 200, 200, 200]
    );
    assert_eq!(
        statuses(scheduled(When::Between { from: 2, to: 3 }, Some(ALL), None)).await,
        [200, 401, 401, 200, 200, 200]
    );
    assert_eq!(
        statuses(scheduled(When::Always, Some(ALL), Some(2))).await,
        [401, 401, 200, 200, 200, 200]
    );
    let chance = |seed| scheduled(When::Chance { probability: 0.5, seed }, None, None);
    assert_eq!(statuses(chance(3)).await, statuses(chance(3)).await);
}

#[tokio::test(start_paused = true)]
async fn every_fault_can_be_written_as_json() {
    let text = r#"[
        {"fault": {"kind": "server_error", "status": 503, "form": "html"}, "when": {"on": "nth", "n": 3}},
        {"fault": {"kind": "reset", "stage": "after_work"}, "when": {"on": "chance", "probability": 0.1, "seed": 7}},
        {"fault": {"kind": "loop_token"}, "when": {"on": "between", "from": 2, "to": 9}, "path": "/2/tweets/search", "count": 2},
        {"fault": {"kind": "rate_window", "reset_in_seconds": -3}}
    ]"#;
    let faults: Vec<ScheduledFault> = serde_json::from_str(text).expect("faults");
    assert_eq!(faults[0].fault, Fault::ServerError { status: 503, form: Form::Html });
    assert_eq!(faults[3].when, When::Always);
    let again: Vec<ScheduledFault> = serde_json::from_value(json!(faults)).expect("faults");
    assert_eq!(again, faults);
    assert!(
        serde_json::from_str::<ScheduledFault>(r#"{"fault": {"kind": "earthquake"}}"#).is_err()
    );
}

/// Asks for a page with a fault: what came, and how many posts were charged.
async fn charged(fault: Fault) -> (Got, u64) {
    let sim = Simulator::new(full_pages(100, 1));
    sim.faults(vec![ScheduledFault::nth(1, fault)]);
    let got = get(&sim, ALL, &PAIRS).await;
    (got, sim.ledger().billed.posts)
}

#[tokio::test(start_paused = true)]
async fn a_200_may_hold_a_refusal_or_nothing_and_is_free() {
    for status in [401, 402, 403, 429, 500, 503] {
        let (got, posts) = charged(Fault::ProblemIn200 { status }).await;
        let (body, named) = (got.json(), json!(status));
        assert_eq!((got.status, posts), (200, 0));
        let says_it = body["status"] == named || body["title"] == "Client Forbidden";
        assert!(says_it && body.get("data").is_none(), "{body}");
    }
    let (got, posts) = charged(Fault::EmptyObject).await;
    assert_eq!((got.status, got.json(), posts), (200, json!({}), 0));
    let (got, posts) = charged(Fault::ErrorsOnly).await;
    let body = got.json();
    assert_eq!((got.status, posts), (200, 0));
    assert_eq!(body["errors"][0]["title"], "Authorization Error");
    assert_eq!(body.as_object().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_page_may_have_holes_or_lack_its_meta_and_is_charged() {
    let (got, posts) = charged(Fault::NullEntries { count: 3 }).await;
    let body = got.json();
    let data = body["data"].as_array().unwrap();
    let nulls: Vec<usize> = (0..data.len()).filter(|at| data[*at].is_null()).collect();
    assert_eq!((data.len(), nulls, posts), (13, vec![0, 2, 4], 10));
    assert!(body["meta"]["next_token"].is_string());
    let (got, posts) = charged(Fault::NoMeta).await;
    let body = got.json();
    assert_eq!((body["data"].as_array().unwrap().len(), posts), (10, 10));
    assert!(body.get("meta").is_none());
}

#[test]
fn faults_have_the_names_that_they_are_scheduled_by() {
    for fault in [
        Fault::ProblemIn200 { status: 503 },
        Fault::EmptyObject,
        Fault::ErrorsOnly,
        Fault::NullEntries { count: 2 },
        Fault::NoMeta,
        Fault::OutOfOrder,
    ] {
        let json = serde_json::to_value(fault).unwrap();
        assert_eq!(json["kind"], fault.name());
        assert_eq!(serde_json::from_value::<Fault>(json).unwrap(), fault);
    }
}
