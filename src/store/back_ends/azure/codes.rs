//! The code of a refusal where the answer can have no body.
//!
//! Azure says why in the body's `<Code>`, and again in the header `x-ms-error-code`
//! (learn.microsoft.com, "Status and error codes", read 2026-11-23). An answer to a HEAD has only
//! the header, and `object_store` shows bodies and no headers. So the code is written into such an
//! answer's body, where [`super::answer`] looks for it.
//!
//! It changes no other answer, and takes from the header nothing but letters and digits.

use async_trait::async_trait;
use http::Method;
use object_store::client::{HttpClient, HttpError, HttpRequest, HttpResponse, HttpService};

/// The header with the code.
const HEADER: &str = "x-ms-error-code";

/// A client whose refusals of a HEAD say their code.
#[derive(Debug)]
pub(super) struct Coded(pub(super) HttpClient);

#[async_trait]
impl HttpService for Coded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_head = request.method() == Method::HEAD;
        let answer = self.0.execute(request).await?;
        Ok(if is_head { with_code(answer) } else { answer })
    }
}

fn with_code(answer: HttpResponse) -> HttpResponse {
    let status = answer.status();
    let code = answer.headers().get(HEADER).and_then(|code| code.to_str().ok());
    let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match code.map(|code| format!("<Error><Code>{code}</Code></Error>")) {
        Some(body) if status.is_client_error() || status.is_server_error() => {
            answer.map(|_| body.into())
        }
        Some(_) | None => answer,
    }
}
