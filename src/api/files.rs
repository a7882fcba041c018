//! The files of a dataset: what there is, and each one's content.
//!
//! A name in an address is only ever compared with names in the manifest, or in the receipt of the
//! part before there is a manifest; the path that is read comes from there. Nothing in the log can
//! be downloaded.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use utoipa::ToSchema;

use super::Face;
use super::input;
use super::problem::{Kind, Problem, ProblemBody};
use super::types::{Format, Word};
use crate::model::record::StoredFile;
use crate::model::{CollectionId, clip};
use crate::store::layout::{DATA_PACKAGE, MANIFEST, part_number};
use crate::store::{Log, StoreError};

/// Receipts that are read at a time.
const AT_ONCE: usize = 16;

/// The files of a dataset.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "public interface")]
pub(super) struct Files {
    /// The collection.
    #[schema(value_type = String, example = "20261122-rustlang-k3v9x2m7qa")]
    collection: CollectionId,
    /// Whether the dataset is complete; until then, more parts may come.
    complete: bool,
    /// Its files: the one with all rows first, then the parts.
    files: Vec<File>,
    /// Where the manifest is, if the dataset is complete.
    manifest: Option<String>,
    /// Where the description of the columns is (Frictionless Data), if the dataset is complete and
    /// has files below it.
    datapackage: Option<String>,
}

/// A file of a dataset.
#[derive(Debug, Serialize, ToSchema)]
struct File {
    /// The container beside the store that it is in (layout `original`); absent: it lies below the
    /// dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    /// Its path below the dataset, or in that container.
    #[schema(example = "parts/part-000000.csv")]
    path: String,
    /// Its format.
    format: Format,
    /// Rows, without the header.
    #[schema(example = 1000)]
    rows: u64,
    /// Its size in bytes.
    #[schema(example = 812_345)]
    bytes: u64,
    /// SHA-256 of its content.
    sha256: String,
    /// Where it can be downloaded.
    url: String,
}

impl File {
    fn of(id: &CollectionId, file: StoredFile) -> Self {
        let StoredFile { container, path, format, rows, bytes, sha256 } = file;
        let url = url(id, &path);
        Self { container, path, format: Word(format), rows, bytes, sha256, url }
    }
}

/// Where a file of a dataset can be downloaded.
pub(super) fn url(id: &CollectionId, path: &str) -> String {
    format!("/api/v1/collections/{id}/files/{path}")
}

/// List a dataset's files
///
/// Before the dataset is complete, these are the parts that are stored already. A file never
/// changes once it is listed.
#[utoipa::path(
    get, path = "/api/v1/collections/{id}/files", tag = "files", operation_id = "list_files",
    params(("id" = String, Path, description = "The collection's id")),
    responses(
        (status = 200, description = "The files", body = Files),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    State(face): State<Face>,
    Path(id): Path<String>,
) -> Result<Json<Files>, Problem> {
    let log = face.log(&id).await?;
    let manifest = log.manifest().await?;
    let complete = manifest.is_some();
    let files = match manifest {
        Some(manifest) => manifest.files,
        None => files_of_parts(&log).await?,
    };
    let id = log.layout().id();
    let described = complete && files.iter().any(|file| file.container.is_none());
    Ok(Json(Files {
        collection: id.clone(),
        complete,
        files: files.into_iter().map(|file| File::of(id, file)).collect(),
        manifest: complete.then(|| url(id, MANIFEST)),
        datapackage: described.then(|| url(id, DATA_PACKAGE)),
    }))
}

async fn files_of_parts(log: &Log) -> Result<Vec<StoredFile>, StoreError> {
    let stored = log.history().await?.map(|history| history.receipts).unwrap_or_default();
    let receipts = stored.into_iter().map(|part| log.receipt(part));
    let receipts: Vec<_> = futures::stream::iter(receipts).buffered(AT_ONCE).try_collect().await?;
    Ok(receipts.into_iter().flatten().flat_map(|receipt| receipt.files).collect())
}

/// Download a file of a dataset
#[utoipa::path(
    get, path = "/api/v1/collections/{id}/files/{path}", tag = "files", operation_id = "download_file",
    params(
        ("id" = String, Path, description = "The collection's id"),
        ("path" = String, Path, description = "The file's path as it is listed", example = "tweets.csv"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "text/csv", body = String,
            headers(("ETag" = String, description = "SHA-256 of the content, if it has rows"))),
        (status = 404, description = "The dataset has no such file (yet)", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn download(
    State(face): State<Face>,
    Path((id, path)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let log = face.log(&id).await?;
    let manifest = log.manifest().await?;
    if let Some(document) = [MANIFEST, DATA_PACKAGE].into_iter().find(|name| *name == path) {
        return match manifest {
            Some(_) => document_of(&log, document).await,
            None => Err(no_file(&path)),
        };
    }
    let file = match manifest {
        Some(manifest) => manifest.files.into_iter().find(|file| file.path == path),
        None => file_of_part(&log, &path).await?,
    };
    stream(&log, file.ok_or_else(|| no_file(&path))?).await
}

fn no_file(path: &str) -> Problem {
    let shown = clip(path);
    Problem::new(Kind::NotFound, format!("the dataset has no file {shown:?} (yet)"))
}

/// The file with this path in the receipt of the part that the path numbers.
async fn file_of_part(log: &Log, path: &str) -> Result<Option<StoredFile>, StoreError> {
    let Some(part) = part_number(path) else { return Ok(None) };
    let receipt = log.receipt(part).await?;
    Ok(receipt.and_then(|receipt| receipt.files.into_iter().find(|file| file.path == path)))
}

/// A document about the dataset; it is small.
async fn document_of(log: &Log, name: &'static str) -> Result<Response, Problem> {
    let content = log.store().get(&log.layout().below(name)).await?;
    let content = content.ok_or_else(|| no_file(name))?;
    let mut response = content.into_response();
    describe(response.headers_mut(), log.layout().id(), name, "application/json");
    Ok(response)
}

/// Sends a file piece by piece, so that its size does not matter.
async fn stream(log: &Log, file: StoredFile) -> Result<Response, Problem> {
    let (store, key) = log.place(&file)?;
    let pieces = store.pieces(&key).await?;
    let pieces = pieces.ok_or_else(|| StoreError::Missing { key: key.to_string() })?;
    // Once the answer has begun, only a cut can tell the reader of a failure.
    let pieces =
        pieces.inspect_err(move |error| tracing::warn!(%key, %error, "download cut short"));
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    describe(headers, log.layout().id(), &file.path, file.format.media_type());
    headers.insert(header::CONTENT_LENGTH, file.bytes.into());
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", file.sha256)) {
        headers.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Says what a file is and what to call it.
fn describe(headers: &mut HeaderMap, id: &CollectionId, path: &str, media_type: &'static str) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let name = format!("attachment; filename=\"{id}-{}\"", path.replace('/', "-"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
}

impl Face {
    /// The log of a collection that exists.
    pub(super) async fn log(&self, id: &str) -> Result<Log, Problem> {
        let log = Log::new(self.app.store(), input::id(id)?);
        match log.created().await? {
            Some(_) => Ok(log),
            None => Err(Problem::unknown_collection(id)),
        }
    }
}
