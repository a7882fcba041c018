//! One container as an `ObjectStore`: `object_store`'s own client, and around it
//!
//! * the container is made by the first write that finds none; reading makes nothing;
//! * every error is explained ([`super::answer`]), where credential and account are known;
//! * nothing of the client's `Debug`, which holds the key, is shown.
//!
//! Deliberately keeps `object_store`'s rule that a conditional create is not repeated after a
//! time-out: [`crate::store::Store::create`] settles what became of it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use object_store::azure::{AzureAuthorizer, MicrosoftAzure};
use object_store::client::{HttpClient, HttpRequest, HttpRequestBody};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
    UploadPart,
};

use super::account::Account;
use super::answer::{Explained, Kind, explain};

/// A container.
#[derive(Clone)]
pub(super) struct Container {
    blobs: Arc<MicrosoftAzure>,
    place: Arc<Place>,
    http: HttpClient,
}

/// Where it is.
struct Place {
    account: Arc<Account>,
    name: String,
}

impl Place {
    /// The same error, explained.
    fn explained(&self, error: Error) -> Error {
        if matches!(error, Error::NotModified { .. } | Error::NotImplemented { .. }) {
            return error;
        }
        let path = path_of(&error);
        let source = explain(&error, &self.account, &self.name);
        tracing::debug!(container = self.name, error = %source, "Azure did not do it");
        error_of(path, source)
    }
}

fn path_of(error: &Error) -> String {
    match error {
        Error::NotFound { path, .. }
        | Error::AlreadyExists { path, .. }
        | Error::Precondition { path, .. }
        | Error::PermissionDenied { path, .. }
        | Error::Unauthenticated { path, .. } => path.clone(),
        _ => String::new(),
    }
}

fn error_of(path: String, source: Explained) -> Error {
    let kind = source.kind;
    let source = Box::new(source);
    match kind {
        Kind::Refused => Error::PermissionDenied { path, source },
        Kind::NoObject | Kind::NoContainer => Error::NotFound { path, source },
        Kind::Exists => Error::AlreadyExists { path, source },
        Kind::Passing => Error::Generic { store: "Azure", source },
    }
}

/// Whether an explained error says that there is no container.
fn is_without_container(error: &Error) -> bool {
    let Error::NotFound { source, .. } = error else { return false };
    source.downcast_ref::<Explained>().is_some_and(|said| said.kind == Kind::NoContainer)
}

impl Container {
    pub(super) fn new(
        blobs: MicrosoftAzure,
        account: Arc<Account>,
        name: &str,
        http: HttpClient,
    ) -> Self {
        let place = Arc::new(Place { account, name: name.to_owned() });
        Self { blobs: Arc::new(blobs), place, http }
    }

    /// Makes the container; that another was faster is fine. `object_store` has no call for this, but
    /// the parts of one ("Create Container", REST reference, read 2026-11-22).
    async fn make(&self) -> Result<()> {
        let explained = |error| self.place.explained(error);
        let credential = self.blobs.credentials().get_credential().await.map_err(explained)?;
        let mut request = self.request().map_err(failed)?;
        AzureAuthorizer::new(&credential, &self.place.account.name).try_authorize(&mut request)?;
        let answer = self.http.execute(request).await;
        let answer = answer.map_err(|error| explained(failed(error)))?;
        let status = answer.status();
        let body = answer.into_body().bytes().await.map_err(|error| explained(failed(error)))?;
        let body = String::from_utf8_lossy(&body);
        if status.is_success()
            || status == StatusCode::CONFLICT && body.contains("ContainerAlreadyExists")
        {
            tracing::info!(container = self.place.name, "container made");
            return Ok(());
        }
        Err(explained(failed(format!("status code: {status}: {body}"))))
    }

    fn request(&self) -> std::result::Result<HttpRequest, http::uri::InvalidUri> {
        let url = self.place.account.container_url(&self.place.name);
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = format!("{url}?restype=container").parse::<Uri>()?;
        request.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        Ok(request)
    }
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic { store: "Azure", source: source.into() }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "container {} of account {}", self.place.name, self.place.account.name)
    }
}

#[async_trait]
impl ObjectStore for Container {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let put = async |payload, options| {
            let done = self.blobs.put_opts(location, payload, options).await;
            done.map_err(|error| self.place.explained(error))
        };
        match put(payload.clone(), options.clone()).await {
            Err(error) if is_without_container(&error) => {
                self.make().await?;
                put(payload, options).await
            }
            done => done,
        }
    }

    /// The container must be there: what is written in pieces follows from what was created.
    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.blobs.put_multipart_opts(location, options).await;
        let upload = upload.map_err(|error| self.place.explained(error))?;
        Ok(Box::new(Upload { upload, place: Arc::clone(&self.place) }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let found = self.blobs.get_opts(location, options).await;
        let found = found.map_err(|error| self.place.explained(error))?;
        let GetResult { payload, meta, range, attributes, extensions } = found;
        let payload = match payload {
            GetResultPayload::Stream(pieces) => {
                let place = Arc::clone(&self.place);
                let pieces = pieces.map_err(move |error| place.explained(error));
                GetResultPayload::Stream(pieces.boxed())
            }
            file @ GetResultPayload::File(..) => file,
        };
        Ok(GetResult { payload, meta, range, attributes, extensions })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let place = Arc::clone(&self.place);
        self.blobs.delete_stream(locations).map_err(move |error| place.explained(error)).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let place = Arc::clone(&self.place);
        self.blobs.list(prefix).map_err(move |error| place.explained(error)).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let found = self.blobs.list_with_delimiter(prefix).await;
        found.map_err(|error| self.place.explained(error))
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let done = self.blobs.copy_opts(from, to, options).await;
        done.map_err(|error| self.place.explained(error))
    }
}

/// An upload in pieces whose errors are explained.
struct Upload {
    upload: Box<dyn MultipartUpload>,
    place: Arc<Place>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upload")
    }
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (part, place) = (self.upload.put_part(data), Arc::clone(&self.place));
        Box::pin(async move { part.await.map_err(|error| place.explained(error)) })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.upload.complete().await.map_err(|error| self.place.explained(error))
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await.map_err(|error| self.place.explained(error))
    }
}
