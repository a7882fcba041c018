//! The OpenAPI document: what people read, and whether it is true.

use super::super::input;
use super::super::routes::document;
use super::*;
use crate::model::request::Request as Wanted;

fn json() -> Value {
    serde_json::to_value(document()).unwrap()
}

#[test]
fn the_document_is_as_people_know_it() {
    let mut document = document();
    document.info.version = "VERSION".into();
    insta::assert_snapshot!(document.to_pretty_json().unwrap());
}

#[test]
fn references_lead_somewhere() {
    let document = json();
    let text = document.to_string();
    assert_eq!(document["openapi"], "3.1.0");
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

/// The names of a schema's properties.
fn properties(schema: &str) -> Vec<String> {
    let document = json();
    let schema = &document["components"]["schemas"][schema];
    let properties = schema["properties"].as_object();
    let mut names: Vec<String> =
        properties.unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect();
    names.sort();
    names
}

fn names(value: &Value) -> Vec<String> {
    let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    names.sort();
    names
}

#[tokio::test]
async fn documented_fields_are_the_real_ones() {
    let request = serde_json::to_value(Wanted::default()).unwrap();
    assert_eq!(properties("NewCollection"), names(&request));
    let mut known: Vec<&str> = input::REQUEST.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(properties("NewCollection"), known);
    let mut search = input::SEARCH;
    search.sort_unstable();
    assert_eq!(properties("Search"), search);

    let service = Service::new();
    let id = service.start().await;
    let shown = service.get(&format!("/api/v1/collections/{id}")).await.json();
    assert_eq!(properties("Collection"), names(&shown));
    assert_eq!(properties("Specification"), names(&shown["spec"]));
    assert_eq!(properties("Window"), names(&shown["spec"]["window"]));
    assert_eq!(properties("Expand"), names(&shown["spec"]["expand"]));
    assert_eq!(properties("Links"), names(&shown["links"]));
    let waiting =
        crate::model::overview::Waiting { until: Timestamp::UNIX_EPOCH, reason: String::new() };
    assert_eq!(properties("Waiting"), names(&serde_json::to_value(waiting).unwrap()));
    let trouble = crate::model::record::Trouble {
        code: String::new(),
        detail: String::new(),
        hint: String::new(),
    };
    assert_eq!(properties("Trouble"), names(&serde_json::to_value(trouble).unwrap()));
    let problem = service.post("/api/v1/collections", "{}").await.json();
    assert_eq!(properties("Problem"), names(&problem));
    assert_eq!(properties("FieldError"), names(&problem["errors"][0]));
}

#[tokio::test]
async fn examples_work_as_they_stand() {
    let service = Service::new();
    let document = json();
    let example = |name: &str| document["components"]["schemas"][name]["example"].to_string();
    let answer = service.post("/search/", &example("Search")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let answer = service.post("/api/v1/collections", &example("NewCollection")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let resume = format!("{}/resume", answer.header("location"));
    let answer = service.post(&resume, &example("Resumption")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

#[tokio::test]
async fn swagger_ui_is_served_by_this_program_alone() {
    let service = Service::new();
    assert_eq!(service.get("/docs").await.header("location"), "/docs/");
    let page = service.get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("https://"), "{}", page.text());
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js"] {
        let answer = service.get(&format!("/docs/{file}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{file}");
    }
    let set_up = service.get("/docs/swagger-initializer.js").await.text();
    assert!(set_up.contains("/openapi.json") && set_up.contains("tryItOutEnabled"), "{set_up}");
    assert_eq!(service.get("/openapi.json").await.json(), json());
}
