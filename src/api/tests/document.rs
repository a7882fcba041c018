//! The OpenAPI document: what people read, and whether it is true.

use super::super::routes::document;
use super::*;

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
