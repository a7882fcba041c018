//! The service called as a service, without sockets; `connections` uses real ones.

mod answers;
mod bodies;
mod connections;
mod datasets;
mod document;
mod doors;
mod life;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;
use tower::ServiceExt;

use super::{Face, Limits, router};
use crate::app::App;
use crate::config::Config;
use crate::model::CollectionId;
use crate::model::record::{Receipt, SealReason, Sealed, StoredFile, Totals, VERSION};
use crate::model::spec::FileFormat;
use crate::queue::memory;
use crate::store::manifest::{Manifest, Pages};
use crate::store::{self, Checksum, FolderConfig, Log, Store};

/// A key that is valid where a test says so.
const KEY: &str = "canary-key-0123456789abcdef0123456789abcdef";

/// A service on memory.
struct Service {
    face: Face,
    router: Router,
}

/// An answer, complete.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

fn config() -> Config {
    let mut config = Config::defaults().unwrap();
    config.store = Arc::new(store::Memory);
    config.queue = Arc::new(memory::Memory);
    config
}

impl Service {
    fn new() -> Self {
        Self::of(config(), Limits::default())
    }

    fn with_key() -> Self {
        let mut config = config();
        config.http.api_keys = vec![SecretString::from("another-key"), SecretString::from(KEY)];
        config.x.bearer_token = Some(SecretString::from("canary-token"));
        Self::of(config, Limits::default())
    }

    fn of(config: Config, limits: Limits) -> Self {
        let face = Face::new(App::open(config).unwrap()).with_limits(limits);
        Self { router: router(face.clone()), face }
    }

    fn store(&self) -> &Store {
        self.face.app.store()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: head.status, headers: head.headers, body }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(to("GET", path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: &str) -> Answer {
        self.send(to("POST", path).body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Starts a collection and returns its id.
    async fn start(&self) -> CollectionId {
        let answer = self.post("/api/v1/collections", r##"{"hashtag": "#rustlang"}"##).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        answer.json()["collection"].as_str().unwrap().parse().unwrap()
    }

    /// Stores the first part of a collection.
    async fn store_part(&self, id: &CollectionId, csv: &'static str) -> Receipt {
        let log = Log::new(self.store(), id.clone());
        let path = "parts/part-000000.csv".to_owned();
        let content = Bytes::from_static(csv.as_bytes());
        self.store().create(&log.layout().below(&path), content).await.unwrap();
        let files = vec![stored_file(path, csv)];
        let (stored_at, writer) = (Timestamp::UNIX_EPOCH, "test".into());
        let unknown_fields = BTreeSet::new();
        let receipt = Receipt {
            version: VERSION,
            part: 0,
            rows: 2,
            files,
            unknown_fields,
            pages: Vec::new(),
            stored_at,
            writer,
        };
        log.create_receipt(&receipt).await.unwrap();
        receipt
    }

    /// Completes a collection that has these parts.
    async fn complete(&self, id: &CollectionId, receipts: &[Receipt]) {
        let log = Log::new(self.store(), id.clone());
        let sealed = Sealed {
            version: VERSION,
            why: SealReason::Exhausted,
            pages: 0,
            parts: receipts.len() as u64,
            totals: Totals::default(),
            last_page_at: Timestamp::UNIX_EPOCH,
        };
        log.seal(&sealed).await.unwrap();
        let created = log.created().await.unwrap().unwrap();
        let manifest = Manifest::new(&created, &sealed, Pages::default(), Vec::new(), receipts);
        log.create_manifest(&manifest).await.unwrap();
    }
}

fn stored_file(path: String, csv: &str) -> StoredFile {
    let sha256 = Checksum::of(csv.as_bytes());
    let container = None;
    StoredFile {
        container,
        path,
        format: FileFormat::Csv,
        rows: 2,
        bytes: csv.len() as u64,
        sha256,
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last segment of a problem's type, after a look at its form.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned()
    }
}

/// A request as `curl` on the same machine makes it.
fn to(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:8889")
}
