//! Real answers, held against what the document promises of them.
//!
//! The document is read more strictly than callers need: an answer may have no field that is not
//! described.

use jsonschema::Validator;
use serde_json::{Map, json};

use super::super::routes::document;
use super::*;
use crate::model::record::{ControlAction, Outcome, Trouble, Turn, TurnEnd};
use crate::model::state::State;
use crate::model::{Usd, record};

const CSV: &str = "id,tweet\n2062875508879110287,a\n";

/// The document, in which no object may have a field that is not described.
fn strict_document() -> Value {
    let mut document = serde_json::to_value(document()).unwrap();
    close(&mut document["components"]["schemas"]);
    document
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the document says of the body of an answer: `operation` is `METHOD path`, as it is written
/// there.
fn promise(operation: &str, status: StatusCode) -> Validator {
    let (method, path) = operation.split_once(' ').unwrap();
    let document = strict_document();
    let responses = &document["paths"][path][method.to_ascii_lowercase()]["responses"];
    let content = &responses[status.as_str()]["content"];
    let types = content.as_object().unwrap_or_else(|| panic!("{operation}: {status} is not there"));
    let schema = types.values().next().unwrap()["schema"].clone();
    let root = json!({ "allOf": [schema], "components": document["components"] });
    jsonschema::draft202012::new(&root).unwrap()
}

/// Checks that an answer is what the document promises.
fn check(operation: &str, answer: &Answer) {
    check_value(operation, answer.status, &answer.json());
}

/// The same for a value that was part of an answer.
fn check_value(operation: &str, status: StatusCode, value: &Value) {
    let wrong: Vec<String> = promise(operation, status)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{operation} {status}\n{}\n{value:#}", wrong.join("\n"));
}

/// Begins the first turn.
async fn begin_turn(log: &Log) {
    let turn = Turn {
        version: VERSION,
        turn: 0,
        at: Timestamp::UNIX_EPOCH,
        writer: "test".into(),
        first_page: 0,
        lost: Usd::ZERO,
        crashes: 0,
        lease_ms: None,
        max_cost_usd: None,
    };
    log.begin_turn(&turn).await.unwrap();
}

/// The first turn, which ended like this.
async fn turn(log: &Log, outcome: Outcome) {
    begin_turn(log).await;
    let at = Timestamp::UNIX_EPOCH;
    let end = TurnEnd { version: VERSION, turn: 0, at, outcome, lost: Usd::from_micros(5_000) };
    log.end_turn(&end).await.unwrap();
}

fn trouble() -> Trouble {
    let (code, detail, hint) = ("token".into(), "X refuses it".into(), "mend it".into());
    Trouble { code, detail, hint }
}

/// Brings a collection into a state.
async fn bring(service: &Service, id: &CollectionId, state: State) {
    let log = Log::new(service.store(), id.clone());
    let app = &service.face.app;
    match state {
        State::Queued => {}
        State::Collecting => begin_turn(&log).await,
        State::Waiting => {
            let until = app.clock().now() + jiff::SignedDuration::from_hours(1);
            let reason = "the rate window is used up".into();
            turn(&log, Outcome::Waiting { until, reason, failures: 0 }).await;
        }
        State::Paused => app.intervene(id, ControlAction::Pause).await.unwrap(),
        State::Failed => turn(&log, Outcome::Failed(trouble())).await,
        State::Cancelled => app.intervene(id, ControlAction::Cancel).await.unwrap(),
        State::Storing => {
            let sealed = record::Sealed {
                version: VERSION,
                why: SealReason::LimitReached,
                pages: 0,
                parts: 1,
                totals: Totals::default(),
                last_page_at: Timestamp::UNIX_EPOCH,
            };
            log.seal(&sealed).await.unwrap();
        }
        State::Complete => {
            let receipt = service.store_part(id, CSV).await;
            service.complete(id, &[receipt]).await;
        }
    }
}

#[tokio::test]
async fn a_collection_in_every_state_is_what_the_document_promises() {
    let service = Service::new();
    for state in State::ALL {
        let id = service.start().await;
        bring(&service, &id, state).await;
        let answer = service.get(&format!("/api/v1/collections/{id}")).await;
        assert_eq!(answer.json()["state"], state.name());
        check("GET /api/v1/collections/{id}", &answer);
        let files = service.get(&format!("/api/v1/collections/{id}/files")).await;
        check("GET /api/v1/collections/{id}/files", &files);
        check_event(&service, &id).await;
    }
    check("GET /api/v1/collections", &service.get("/api/v1/collections").await);
}

/// The first event of a collection's stream is the collection.
async fn check_event(service: &Service, id: &CollectionId) {
    use futures::StreamExt;

    let request = to("GET", &format!("/api/v1/collections/{id}/events"));
    let response = service.router.clone().oneshot(request.body(Body::empty()).unwrap()).await;
    let mut stream = response.unwrap().into_body().into_data_stream();
    let piece = stream.next().await.unwrap().unwrap();
    let event = String::from_utf8(piece.to_vec()).unwrap();
    let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let value = serde_json::from_str(data).unwrap();
    check_value("GET /api/v1/collections/{id}/events", StatusCode::OK, &value);
}

#[tokio::test]
async fn a_collection_with_every_option_is_what_the_document_promises() {
    let service = Service::new();
    let body = json!({
        "query": "#rustlang lang:en", "num_results": "all", "max_cost_usd": 12.5,
        "partition_size": 7, "formats": ["jsonl.gz", "csv"], "profile": "twarc",
        "layout": "original", "archive": "recent", "authors": false, "referenced": true,
    });
    let answer = service.post("/api/v1/collections", &body.to_string()).await;
    check("POST /api/v1/collections", &answer);
    let shown = service.get(answer.header("location")).await;
    check("GET /api/v1/collections/{id}", &shown);
    assert_eq!(shown.json()["spec"]["formats"], body["formats"]);
    let resumed = format!("{}/resume", answer.header("location"));
    let resumed = service.post(&resumed, r#"{"max_cost_usd": 20}"#).await;
    check("POST /api/v1/collections/{id}/resume", &resumed);
}

#[tokio::test]
async fn lists_and_rows_are_what_the_document_promises() {
    let service = Service::new();
    let (stored, damaged) = (service.start().await, service.start().await);
    service.start().await;
    service.store_part(&stored, CSV).await;
    let sealed = Log::new(service.store(), damaged).layout().below("_log/sealed.json");
    service.store().create(&sealed, Bytes::from_static(b"?")).await.unwrap();
    let listed = service.get("/api/v1/collections?limit=2").await;
    assert!(listed.json()["next"].is_string() && listed.json()["unreadable"][0].is_object());
    check("GET /api/v1/collections", &listed);
    let rows = service.get(&format!("/api/v1/collections/{stored}/preview")).await;
    assert_eq!(rows.json()[0]["tweet"], "a");
    check("GET /api/v1/collections/{id}/preview", &rows);
}

#[tokio::test]
async fn the_service_and_its_errors_are_what_the_document_promises() {
    let service = Service::new();
    check("GET /healthz", &service.get("/healthz").await);
    check("GET /readyz", &service.get("/readyz").await);
    let wrong = service.post("/api/v1/collections", r#"{"hashtag": 1, "colour": 2}"#).await;
    check("POST /api/v1/collections", &wrong);
    let unknown = service.get("/api/v1/collections/none").await;
    check("GET /api/v1/collections/{id}", &unknown);
    check("POST /search/", &service.post("/search/", r#"{"hashtag": "a"}"#).await);
    check("POST /search/", &service.post("/search/", "{}").await);
}

#[test]
fn a_body_is_read_with_the_fields_that_the_document_describes() {
    use super::super::types::{NewCollection, RequestBody, Resumption, Search};

    let document = serde_json::to_value(document()).unwrap();
    let bodies = [
        ("NewCollection", NewCollection::FIELDS),
        ("Search", Search::FIELDS),
        ("Resumption", Resumption::FIELDS),
    ];
    for (name, fields) in bodies {
        let schema = &document["components"]["schemas"][name];
        let described: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        let mut known: Vec<&str> = fields.iter().map(|field| field.name).collect();
        known.sort_unstable();
        assert_eq!(described, known, "{name}");
    }
}

/// The command line shows the same fields by the same names: scripts read both.
#[tokio::test]
async fn the_command_line_shows_a_collection_as_the_api_does() {
    let service = Service::new();
    for state in State::ALL {
        let id = service.start().await;
        bring(&service, &id, state).await;
        let overview = service.face.app.overview(&id).await.unwrap().unwrap();
        let mut shown: Map<String, Value> = service
            .get(&format!("/api/v1/collections/{id}"))
            .await
            .json()
            .as_object()
            .unwrap()
            .clone();
        assert!(shown.remove("links").is_some());
        assert_eq!(serde_json::to_value(overview).unwrap(), Value::Object(shown));
    }
}
