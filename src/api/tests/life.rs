//! A collection's life as callers see it.

use futures::StreamExt;

use super::*;
use crate::model::Usd;

const BODY: &str = r##"{"hashtag": "#rustlang"}"##;

async fn start_with_key(service: &Service, key: &str, body: &'static str) -> Answer {
    let request = to("POST", "/api/v1/collections").header("idempotency-key", key);
    service.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_started_collection_is_at_its_location() {
    let service = Service::new();
    let answer = service.post("/api/v1/collections", BODY).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let location = answer.header("location").to_owned();
    assert_eq!(answer.json()["links"]["self"], location);
    let shown = service.get(&location).await.json();
    assert_eq!(shown["state"], "queued");
    assert_eq!(shown["spec"]["query"], "#rustlang");
    assert_eq!(shown["cost_usd"], 0.0);
    assert_eq!(shown["links"]["files"], format!("{location}/files"));
}

#[tokio::test]
async fn a_repeated_idempotency_key_starts_nothing() {
    let service = Service::new();
    let first = start_with_key(&service, "key-1", BODY).await;
    let again = start_with_key(&service, "key-1", BODY).await;
    assert_eq!((first.status, again.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    assert_eq!(first.json(), again.json());
    let other = start_with_key(&service, "key-2", BODY).await;
    assert_ne!(first.json()["collection"], other.json()["collection"]);
    let listed = service.get("/api/v1/collections").await.json();
    assert_eq!(listed["collections"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_misused_idempotency_key_is_refused() {
    let service = Service::new();
    start_with_key(&service, "key-1", BODY).await;
    let misused = start_with_key(&service, "key-1", r#"{"hashtag": "other"}"#).await;
    assert_eq!(misused.problem(), "idempotency-key-reused");
    assert_eq!(misused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for wrong in ["", "a b", &"k".repeat(256)] {
        let answer = start_with_key(&service, wrong, BODY).await;
        assert_eq!(answer.json()["errors"][0]["field"], "Idempotency-Key", "{wrong:?}");
    }
}

#[tokio::test]
async fn a_list_has_every_collection_once_page_by_page() {
    let service = Service::new();
    let mut started = Vec::new();
    for _ in 0..7 {
        started.push(service.start().await.to_string());
    }
    started.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/collections?limit=3".to_owned();
    loop {
        let answer = service.get(&path).await;
        let json = answer.json();
        let ids = json["collections"].as_array().unwrap().iter();
        seen.extend(ids.map(|one| one["collection"].as_str().unwrap().to_owned()));
        let Some(next) = json.get("next") else { break };
        path = format!("/api/v1/collections?limit=3&after={}", next.as_str().unwrap());
        assert_eq!(answer.header("link"), format!("<{path}>; rel=\"next\""));
    }
    assert_eq!(seen, started, "newest first");
    for unknown in ["20261122-none-0000000000", "..", ""] {
        let answer = service.get(&format!("/api/v1/collections?after={unknown}")).await;
        assert_eq!(answer.json()["errors"][0]["field"], "after", "{unknown:?}");
    }
}

#[tokio::test]
async fn a_damaged_log_is_named_and_hides_no_other() {
    let service = Service::new();
    let (fine, damaged) = (service.start().await, service.start().await);
    let log = Log::new(service.store(), damaged.clone());
    let key = log.layout().below("_log/sealed.json");
    service.store().create(&key, Bytes::from_static(b"?")).await.unwrap();
    let listed = service.get("/api/v1/collections").await.json();
    assert_eq!(listed["collections"][0]["collection"], fine.as_str());
    assert_eq!(listed["unreadable"][0]["collection"], damaged.as_str());
    assert!(listed["unreadable"][0]["reason"].as_str().unwrap().contains("sealed.json"));
    let answer = service.get(&format!("/api/v1/collections/{damaged}")).await;
    assert_eq!(answer.problem(), "damaged-log");
    let page = service.get("/").await.text();
    assert!(page.contains("sealed.json") && page.contains(fine.as_str()), "{page}");
}

#[tokio::test]
async fn interventions_show_in_the_collection() {
    let service = Service::new();
    let id = service.start().await;
    let path = |verb: &str| format!("/api/v1/collections/{id}/{verb}");
    assert_eq!(service.post(&path("pause"), "").await.json()["state"], "paused");
    let resumed = service.post(&path("resume"), r#"{"max_cost_usd": 12.5}"#).await.json();
    assert_eq!((&resumed["state"], &resumed["max_cost_usd"]), (&"queued".into(), &12.5.into()));
    let overview = service.face.app.overview(&id).await.unwrap().unwrap();
    assert_eq!(overview.max_cost_usd, Some(Usd::from_micros(12_500_000)));
    for wrong in [r#"{"max_cost_usd": -1}"#, r#"{"budget": 1}"#, "[]", "x"] {
        let answer = service.post(&path("resume"), wrong).await;
        assert_eq!(answer.problem(), "invalid-request", "{wrong}");
    }
    assert_eq!(service.post(&path("cancel"), "").await.json()["state"], "cancelled");
    let answer = service.post(&path("pause"), "").await;
    assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::CONFLICT, "conflict"));
    let unknown = service.post("/api/v1/collections/20261122-none-0000000000/pause", "").await;
    assert_eq!(unknown.problem(), "not-found");
}

/// Reads a stream of events until `done` is in it, or to its end.
async fn read_until(stream: &mut axum::body::BodyDataStream, text: &mut String, done: &str) {
    while !text.contains(done) {
        let Some(piece) = stream.next().await else { break };
        text.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
    }
}

async fn watch(service: &Service, id: &CollectionId) -> axum::body::BodyDataStream {
    let path = format!("/api/v1/collections/{id}/events");
    let request = to("GET", &path).body(Body::empty()).unwrap();
    let response = service.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_tells_every_change_and_ends_at_completion() {
    let service = Service::new();
    let id = service.start().await;
    let mut stream = watch(&service, &id).await;
    let mut text = String::new();
    read_until(&mut stream, &mut text, "\n\n").await;
    assert!(text.starts_with("event: overview\ndata: {") && text.contains("\"queued\""), "{text}");
    service.complete(&id, &[]).await;
    read_until(&mut stream, &mut text, "no such text").await;
    assert!(text.contains("\"state\":\"complete\""), "{text}");
    assert!(text.ends_with("event: end\ndata: {}\n\n"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_stays_open_as_long_as_a_collection_can_be_resumed() {
    let service = Service::new();
    let id = service.start().await;
    let mut stream = watch(&service, &id).await;
    let mut text = String::new();
    for (verb, state) in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")] {
        service.post(&format!("/api/v1/collections/{id}/{verb}"), "").await;
        read_until(&mut stream, &mut text, &format!("\"state\":\"{state}\"")).await;
        assert!(!text.contains("event: end"), "{verb}: {text}");
        // Some signs of life later it is still open.
        read_until(&mut stream, &mut text, "\n\n:\n\n").await;
        assert!(text.contains(&format!("\"state\":\"{state}\"")), "{text}");
        text.clear();
    }
    service.complete(&id, &[]).await;
    read_until(&mut stream, &mut text, "no such text").await;
    assert!(text.ends_with("event: end\ndata: {}\n\n"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn streams_of_events_are_limited_for_each_key() {
    let limits = Limits { subscribers: 2, ..Limits::default() };
    let service = Service::of(Service::with_key().face.app.config().clone(), limits);
    let start = to("POST", "/api/v1/collections").header("x-api-key", KEY);
    let started = service.send(start.body(Body::from(BODY)).unwrap()).await.json();
    let path = started["links"]["events"].as_str().unwrap().to_owned();
    let open = async |key: &str| {
        let request = to("GET", &path).header("x-api-key", key).body(Body::empty()).unwrap();
        service.router.clone().oneshot(request).await.unwrap()
    };
    let first = [open(KEY).await, open(KEY).await];
    assert_eq!(open(KEY).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    let other = [open("another-key").await, open("another-key").await];
    assert!(first.iter().chain(&other).all(|answer| answer.status() == StatusCode::OK));
    drop(first);
    assert_eq!(open(KEY).await.status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn streams_of_events_live_through_silence_and_are_limited() {
    let limits = Limits { subscribers: 2, ..Limits::default() };
    let service = Service::of(config(), limits);
    let id = service.start().await;
    let mut first = watch(&service, &id).await;
    let second = watch(&service, &id).await;
    let path = format!("/api/v1/collections/{id}/events");
    assert_eq!(service.get(&path).await.problem(), "too-many-subscribers");
    let mut text = String::new();
    read_until(&mut first, &mut text, "\n\n:").await;
    assert!(text.contains("\n\n:"), "no sign of life: {text}");
    drop(second);
    drop(watch(&service, &id).await);
}

#[tokio::test]
async fn the_page_escapes_what_users_supply_and_links_to_documents() {
    let service = Service::new();
    let empty = service.get("/").await;
    assert!(empty.header("content-type").starts_with("text/html"));
    assert!(empty.text().contains("/docs/"));
    let id = hostile_collection(&service).await;
    service.complete(&id, &[]).await;
    let page = service.get("/").await.text();
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains(&format!("/api/v1/collections/{id}/files")), "{page}");
    assert_eq!(service.get("/page.css").await.header("content-type"), "text/css; charset=utf-8");
}

/// A collection whose log has markup in it, however it got there.
async fn hostile_collection(service: &Service) -> CollectionId {
    let mut created = crate::model::record::tests::created();
    created.spec.query = "<script>alert(1)</script>".into();
    let log = Log::new(service.store(), created.id.clone());
    log.create(&created).await.unwrap();
    created.id
}
