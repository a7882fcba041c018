//! What the contract can't say: containers that are missing, answers that are lost, refusals.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use object_store::path::Path;

use super::account::{Account, Credential, endpoint};
use super::azurite;
use crate::store::{Creation, Store, StoreError};

#[tokio::test]
#[ignore = "needs Azurite: scripts/test azurite"]
async fn a_container_is_made_by_writing_and_not_by_reading() {
    let store = azurite::store();
    let key = Path::from("a/b.json");
    assert!(!store.is_there().await.unwrap());
    assert_eq!(store.get(&key).await.unwrap(), None);
    assert!(!store.exists(&key).await.unwrap());
    assert_eq!(store.folders().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.list(&Path::from("a")).await.unwrap(), []);
    assert!(store.try_writing().await.is_err());
    assert!(!store.is_there().await.unwrap());
    assert_eq!(store.create(&key, "one".into()).await.unwrap(), Creation::Created);
    assert!(store.is_there().await.unwrap());
}

#[tokio::test]
#[ignore = "needs Azurite: scripts/test azurite"]
async fn many_first_writers_make_one_container() {
    let store = azurite::store();
    let writes = (0..8).map(|n| {
        let store = store.clone();
        async move { store.create(&Path::from(format!("k/{n}")), "x".into()).await }
    });
    for done in futures::future::join_all(writes).await {
        assert_eq!(done.unwrap(), Creation::Created);
    }
}

#[tokio::test]
#[ignore = "needs Azurite: scripts/test azurite"]
async fn a_wrong_key_is_refused_with_the_setting_to_correct() {
    let account = Account { credential: Credential::key("QUFB").unwrap(), ..azurite::account() };
    let store = Store::azure(&account, &azurite::container(), "").unwrap();
    let key = Path::from("k.json");
    let errors = [
        store.create(&key, "x".into()).await.unwrap_err(),
        store.get(&key).await.unwrap_err(),
        store.folders().await.unwrap_err(),
        store.try_writing().await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        assert!(error.is_passing(), "the work waits for a person");
        assert!(error.to_string().contains("AZURE_STORAGE_KEY"), "{error}");
    }
    let headless = store.exists(&key).await.unwrap_err().to_string();
    assert!(headless.contains("AZURE_STORAGE_KEY"), "{headless}");
    assert!(headless.contains("(403 AuthorizationFailure)"), "Azurite says: {headless}");
}

#[tokio::test]
async fn a_refused_look_says_the_code_that_only_a_header_has() {
    let app = Router::new().fallback(async || {
        let code = [("x-ms-error-code", "AuthorizationPermissionMismatch")];
        (StatusCode::FORBIDDEN, code)
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = store_at(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let error = store.exists(&Path::from("k.json")).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("(403 AuthorizationPermissionMismatch)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_there_is_named_and_may_come_back() {
    let store = store_at("http://127.0.0.1:9");
    let error = store.get(&Path::from("k")).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(text.contains("http://127.0.0.1:9/dev can't be reached"), "{text}");
}

#[test]
fn a_store_shows_no_credential() {
    for credential in [Credential::key("Q0FOQVJZ"), Credential::sas("sp=r&sig=CANARY")] {
        let address = endpoint("http://127.0.0.1:9/dev").unwrap();
        let account = Account::at("dev", Some(address), credential.unwrap()).unwrap();
        let store = Store::azure(&account, "data", "p").unwrap();
        let shown = format!("{store:?} {store:#?} {account:?} {}", store.shown());
        assert!(!shown.contains("CANARY") && !shown.contains("Q0FOQVJZ"), "{shown}");
        assert!(!shown.contains("67, 65"), "nor its bytes: {shown}");
        assert_eq!(store.shown(), "az://data/p");
    }
}

/// A blob service that carries out a write and then answers as it is told.
#[derive(Default)]
struct Forgetful {
    blobs: Mutex<HashMap<String, Bytes>>,
    puts: AtomicU32,
    answers: Vec<StatusCode>,
}

async fn answer(
    State(service): State<Arc<Forgetful>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = uri.path().to_owned();
    let mut blobs = service.blobs.lock().unwrap();
    if method != Method::PUT {
        let meta = [("etag", "\"1\""), ("last-modified", "Sun, 22 Nov 2026 21:00:00 GMT")];
        return match blobs.get(&key) {
            Some(bytes) => (meta, bytes.clone()).into_response(),
            None => error(StatusCode::NOT_FOUND, "BlobNotFound"),
        };
    }
    assert_eq!(headers["if-none-match"], "*", "every write is a create");
    let put = service.puts.fetch_add(1, Ordering::SeqCst) as usize;
    if blobs.contains_key(&key) {
        return error(StatusCode::CONFLICT, "BlobAlreadyExists");
    }
    blobs.insert(key, body);
    match service.answers.get(put) {
        Some(status) => error(*status, "InternalError"),
        None => (StatusCode::CREATED, [("etag", "\"1\"")]).into_response(),
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    (status, format!("<Error><Code>{code}</Code><Message>No.</Message></Error>")).into_response()
}

fn store_at(address: &str) -> Store {
    let address = endpoint(&format!("{address}/dev")).unwrap();
    let account = Account::at("dev", Some(address), Credential::key("QUFB").unwrap()).unwrap();
    Store::azure(&account, "data", "").unwrap()
}

async fn serve(service: Forgetful) -> (Store, Arc<Forgetful>) {
    let service = Arc::new(service);
    let app = Router::new().fallback(answer).with_state(Arc::clone(&service));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = store_at(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (store, service)
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_recognised_as_ours() {
    for lost in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE] {
        let (store, service) = serve(Forgetful { answers: vec![lost], ..<_>::default() }).await;
        let key = Path::from("k.json");
        // The client repeats it and is told "already exists": it does, and it is ours.
        assert_eq!(store.create(&key, "one".into()).await.unwrap(), Creation::Same);
        assert_eq!(service.puts.load(Ordering::SeqCst), 2);
        assert_eq!(store.create(&key, "two".into()).await.unwrap(), Creation::Differs);
        assert_eq!(store.get(&key).await.unwrap().unwrap(), "one");
    }
}

#[tokio::test]
async fn a_conflict_with_nothing_there_is_an_error_that_passes() {
    let app = Router::new().fallback(async |method: Method| match method {
        Method::PUT => error(StatusCode::CONFLICT, "ContainerBeingDeleted"),
        _ => error(StatusCode::NOT_FOUND, "ContainerNotFound"),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let store = store_at(&format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let error = store.create(&Path::from("k.json"), "one".into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains("is being deleted"), "{error}");
}
