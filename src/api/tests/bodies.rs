//! What callers send, and what they are told about it.

use super::*;

#[tokio::test]
async fn the_readme_command_starts_a_collection() {
    let service = Service::new();
    for path in ["/search/", "/search"] {
        for content_type in ["application/x-www-form-urlencoded", "application/json", "text/plain"]
        {
            let request = to("POST", path).header("content-type", content_type);
            let body = Body::from(r##"{"hashtag":"#rustlang"}"##);
            let answer = service.send(request.body(body).unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            let json = answer.json();
            assert_eq!(json["Status"], "Success");
            assert_eq!(json["Message"], "Your data is being loaded");
            let id: CollectionId = json["request_id"].as_str().unwrap().parse().unwrap();
            assert!(service.face.app.overview(&id).await.unwrap().is_some());
        }
    }
    assert_eq!(service.store().collections().await.unwrap().ids.len(), 6);
}

/// Bodies that make no sense, and what the answer has to name.
const WRONG: &[(&str, &[&str])] = &[
    ("", &["body", "JSON object"]),
    ("{", &["body", "line 1"]),
    ("[]", &["body"]),
    ("null", &["body"]),
    ("hashtag=%23rustlang", &["body", "hashtag=%23rustlang"]),
    (r##"{"hashtag": "#a b"}"##, &["hashtag", "#a b"]),
    (r#"{"hashtag": 7}"#, &["hashtag", "7", "string"]),
    (r#"{"hashtag": ""}"#, &["hashtag"]),
    ("{}", &["hashtag", "nothing to search for"]),
    (r#"{"hashtag": "a", "num_results": 0}"#, &["num_results", "0", "use"]),
    (r#"{"hashtag": "a", "num_results": -5}"#, &["num_results", "-5"]),
    (r#"{"hashtag": "a", "num_results": "all"}"#, &["num_results", "max_cost_usd"]),
    (r#"{"hashtag": "a", "partition_size": 0}"#, &["partition_size", "0", "100000"]),
    (r#"{"hashtag": "a", "partition_size": "many"}"#, &["partition_size", "many"]),
    (r#"{"hashtag": "a", "start_date": "yesterday"}"#, &["start_date", "yesterday"]),
    (r#"{"hashtag": "a", "hastag": "b"}"#, &["hastag", "unknown field", "hashtag, "]),
    (r#"{"hashtag": "a", "hashtag": "b"}"#, &["duplicate field", "hashtag"]),
];

#[tokio::test]
async fn wrong_bodies_are_refused_with_field_value_reason_and_fix() {
    let service = Service::new();
    for (body, named) in WRONG {
        let answer = service.post("/search/", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json()["Status"], "Error");
        let message = answer.json()["Message"].as_array().unwrap()[0].as_str().unwrap().to_owned();
        assert!(named.iter().all(|part| message.contains(part)), "{body}: {message}");

        let answer = service.post("/api/v1/collections", body).await;
        assert_eq!(answer.problem(), "invalid-request", "{body}");
        let error = &answer.json()["errors"][0];
        for part in ["field", "value", "reason", "fix"] {
            assert!(error[part].is_string(), "{body}: {error}");
        }
        assert!(!error["fix"].as_str().unwrap().is_empty(), "{body}: {error}");
    }
    assert_eq!(service.store().folders().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let body = r#"{"hashtag": 1, "color": "red", "partition_size": "x"}"#;
    let answer = Service::new().post("/api/v1/collections", body).await;
    let errors = answer.json()["errors"].clone();
    let fields: Vec<&str> =
        errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["color", "hashtag", "partition_size"]);
}

#[tokio::test]
async fn the_predecessors_endpoint_takes_its_own_fields_only() {
    let service = Service::new();
    let body = r#"{"hashtag": "a", "num_results": 30, "partition_size": 10, "query": "b"}"#;
    let answer = service.post("/search/", body).await;
    let message = answer.json()["Message"][0].as_str().unwrap().to_owned();
    assert!(message.starts_with("query \"b\": unknown field"), "{message}");
    let body = r#"{"hashtag": "a", "num_results": 30, "partition_size": 10}"#;
    assert_eq!(service.post("/search/", body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let service = Service::new();
    let body = format!(r#"{{"hashtag": "{}"}}"#, "a".repeat(64 * 1024));
    assert_eq!(service.post("/api/v1/collections", &body).await.problem(), "body-too-large");
    let answer = service.post("/search/", &body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json()["Status"], "Error");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems() {
    let service = Service::new();
    assert_eq!(service.get("/nowhere").await.problem(), "not-found");
    assert_eq!(service.get("/docs/nowhere.js").await.problem(), "not-found");
    let answer = service.post("/healthz", "").await;
    assert_eq!(answer.problem(), "method-not-allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD");
    let answer = service.get("/search/").await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
    assert_eq!(answer.json()["Status"], "Error");
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let service = Service::new();
    for (query, named) in
        [("limit=0", "limit"), ("limit=101", "1 to 100"), ("limit=x", "\"x\""), ("page=2", "page")]
    {
        let answer = service.get(&format!("/api/v1/collections?{query}")).await;
        assert_eq!(answer.problem(), "invalid-request", "{query}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(named), "{query}");
    }
}

#[tokio::test]
async fn every_kind_of_problem_is_explained_at_its_type() {
    let service = Service::new();
    for kind in super::super::problem::Kind::ALL {
        let answer = service.get(&format!("/problems/{}", kind.about().name)).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.text().contains(kind.about().title));
    }
    assert_eq!(service.get("/problems/other").await.problem(), "not-found");
}

/// A service whose store has gone away.
fn stranded() -> (tempfile::TempDir, Service) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    let path = folder.path().join("canary-folder");
    config.store = Arc::new(FolderConfig::new(path.clone()));
    let service = Service::of(config, Limits::default());
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, "no folder").unwrap();
    (folder, service)
}

#[tokio::test]
async fn a_store_that_is_away_is_said_so_in_both_shapes() {
    let (_folder, service) = stranded();
    let body = r##"{"hashtag": "#rustlang"}"##;
    let answer = service.post("/search/", body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.json()["Status"], "Error");
    assert_eq!(answer.header("retry-after"), "5");
    let answer = service.post("/api/v1/collections", body).await;
    assert_eq!(answer.problem(), "unavailable");
    assert!(!answer.text().contains("canary-folder"), "{}", answer.text());
    let answer = service.get("/readyz").await;
    assert_eq!(answer.problem(), "not-ready");
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("store: "), "{answer:?}");
    assert_eq!(service.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_service_that_works_is_ready() {
    let service = Service::new();
    let answer = service.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK);
    let names: Vec<Value> =
        answer.json()["checks"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, ["store", "queue collect", "queue store"]);
}

#[tokio::test(start_paused = true)]
async fn answers_that_take_too_long_are_given_up() {
    let service = Service::new();
    let never = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    let answer = service.send(to("POST", "/api/v1/collections").body(never).unwrap()).await;
    assert_eq!(answer.problem(), "timed-out");
}
