//! Two ways to Azure: as the variables for proxies say, and directly.
//!
//! What is on this machine (an emulator, a stand-in for Entra ID) and the link-local address of a
//! managed identity are asked directly, and the rest as `HTTPS_PROXY` and its like say; each request
//! is judged by its own address ([`crate::proxy`]). Both ways have the same options otherwise.

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

use crate::proxy;

/// Makes clients that take the right way for each request.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Routes;

impl HttpConnector for Routes {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let (nobody, exceptions) = proxy::NOBODY;
        let never = options.clone().with_proxy_url(nobody).with_proxy_excludes(exceptions);
        let connector = ReqwestConnector::default();
        let (usual, direct) = (connector.connect(options)?, connector.connect(&never)?);
        Ok(HttpClient::new(Router { usual, direct }))
    }
}

#[derive(Debug)]
struct Router {
    usual: HttpClient,
    direct: HttpClient,
}

#[async_trait]
impl HttpService for Router {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_direct = request.uri().host().is_some_and(proxy::is_never_proxied_host);
        let way = if is_direct { &self.direct } else { &self.usual };
        way.execute(request).await
    }
}
