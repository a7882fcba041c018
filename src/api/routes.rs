//! Every route on one page, and the OpenAPI document that is made of them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::problem::{Kind, Problem};
use super::{
    Face, auth, collections, control, events, files, guard, health, page, preview, search,
};
use crate::model::clip;

/// What the OpenAPI document says about the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "mistnet",
        description = "Collects X posts for a hashtag and delivers them as CSV: nothing lost, \
            nothing paid twice, no bill without a ceiling.\n\nTimes are RFC 3339, UTC. Money is \
            in US dollars. Ids of posts are texts. Errors are problem+json (RFC 9457), except on \
            `/search/`, which has its own shape; every `type` resolves to an explanation. Every \
            answer has an `X-Request-Id`, which the log has too.\n\nIf the service has API keys, \
            send one as `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "search", description = "The predecessor's endpoint"),
        (name = "collections", description = "Start, watch and steer collections"),
        (name = "files", description = "What a collection delivers"),
        (name = "service", description = "How the service is"),
    ),
    security((), ("bearer" = []), ("key" = [])),
    modifiers(&Keys),
)]
struct Document;

/// The two ways to show a key that the document names.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let header = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
        components.add_security_scheme("key", SecurityScheme::ApiKey(header));
    }
}

/// The routes that the document describes.
fn described() -> OpenApiRouter<Face> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(search::search))
        .routes(routes!(collections::start, collections::list))
        .routes(routes!(collections::show))
        .routes(routes!(control::pause))
        .routes(routes!(control::resume))
        .routes(routes!(control::cancel))
        .routes(routes!(events::watch))
        .routes(routes!(files::list))
        .routes(routes!(preview::preview))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The OpenAPI document and every route.
fn all() -> (Router<Face>, utoipa::openapi::OpenApi) {
    let (router, mut document) = described().split_for_parts();
    // A wildcard is written in another way in OpenAPI, so the document gets this path by hand.
    document.merge(Download::openapi());
    let router = router
        .route("/search", post(search::search))
        .route("/api/v1/collections/{id}/files/{*path}", get(files::download))
        .route("/problems/{name}", get(problem))
        .route("/", get(page::page))
        .route("/page.css", get(page::style));
    (router, document)
}

/// The download's path in the document.
#[derive(OpenApi)]
#[openapi(paths(files::download))]
struct Download;

/// The OpenAPI document.
#[cfg(test)]
pub(super) fn document() -> utoipa::openapi::OpenApi {
    all().1
}

/// The whole service, without connections: `serve` adds those.
pub fn router(face: impl Into<Face>) -> Router {
    let face = face.into();
    let (router, document) = all();
    router
        .merge(swagger(document))
        .layer(DefaultBodyLimit::max(face.limits.body_bytes))
        // The last one is the first to see a request and the last to see its answer.
        .layer(from_fn_with_state(face.clone(), guard::in_time))
        .layer(CatchPanicLayer::custom(guard::after_panic))
        .layer(from_fn_with_state(face.clone(), auth::ask_for_key))
        .layer(CsrfLayer::new().with_rejection_response(guard::cross_origin))
        .layer(from_fn_with_state(face.clone(), guard::only_our_names))
        .layer(from_fn_with_state(face.clone(), guard::finish))
        .with_state(face)
}

/// What orchestrators ask, and nothing else: for a listener of its own, which needs no key because
/// it shows no data.
pub(super) fn health_router(face: Face) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .layer(from_fn_with_state(face.clone(), guard::in_time))
        .layer(CatchPanicLayer::custom(guard::after_panic))
        .layer(from_fn_with_state(face.clone(), guard::finish))
        .with_state(face)
}

/// Swagger UI at `/docs/` and the document at `/openapi.json`, all from this program.
fn swagger(document: utoipa::openapi::OpenApi) -> SwaggerUi {
    let config = Config::default()
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .validator_url("none");
    SwaggerUi::new("/docs").config(config).url("/openapi.json", document)
}

/// What a kind of problem means.
async fn problem(Path(name): Path<String>) -> Result<Response, Problem> {
    let known = Kind::ALL.into_iter().map(Kind::about).find(|about| about.name == name);
    let about = known.ok_or_else(|| {
        let shown = clip(&name);
        Problem::new(Kind::NotFound, format!("there is no kind of problem {shown:?}"))
    })?;
    let text = format!("{} ({})\n\n{}\n", about.title, about.status.as_u16(), about.meaning);
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}
