//! AMQP inside a web socket (RFC 6455; OASIS, "AMQP WebSocket Binding (WSB) Version 1.0").
//!
//! A connection that begins with an HTTP request is upgraded, at `/$servicebus/websocket` only, and
//! its binary messages are one stream of AMQP's bytes, cut anywhere. A request for anything else is
//! refused with a status of HTTP and the reason. Memory is bounded: a request of [`MAX_HEAD_BYTES`],
//! messages of [`MAX_MESSAGE_BYTES`].
//!
//! It deliberately reads and writes neither HTTP nor frames itself: that is done by hyper and by
//! `tokio-websockets`, which shares no code for web sockets with mistnet's client. It compresses
//! nothing, sends no pings of its own, and serves nothing else by HTTP. A client that sends pings and
//! never reads is not stopped: the answers wait in memory.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio_util::io::{CopyToBytes, SinkWriter, StreamReader};
use tokio_websockets::{Error, Limits, Message, ServerBuilder};

/// The longest request. The clients' have a few hundred bytes.
const MAX_HEAD_BYTES: usize = 8_192;
/// The largest message of a web socket. Clients send a frame of AMQP in each, or a few.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Where web sockets are accepted, with a slash after it or without. Clients may write `$` as `%24`.
const PATHS: [&str; 2] = ["/$servicebus/websocket", "/%24servicebus/websocket"];

/// What may be spoken inside: the standard's name (2.1 of the binding), and the one that Microsoft's
/// clients use.
const PROTOCOLS: [&str; 2] = ["amqp", "AMQPWSB10"];

/// What the server shows it has understood with (RFC 6455, 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A status and the reason.
type Refusal = (StatusCode, &'static str);

/// Whether a connection begins with a request of HTTP. It is told by the first byte: `GET` is the
/// only method that opens a web socket, and AMQP begins with its name.
pub async fn is_requested<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<bool> {
    Ok(stream.fill_buf().await?.first() == Some(&b'G'))
}

/// Answers the request with which a connection begins. Gives the stream of AMQP's bytes inside the web
/// socket; `None` if the request was refused, or the client is gone.
pub async fn accept<S>(stream: S) -> Option<impl AsyncRead + AsyncWrite + Unpin + Send + 'static>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let upgrade = OnceLock::new();
    let service = service_fn(|mut request: Request<Incoming>| {
        let answer = answer(&request);
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            upgrade.get_or_init(|| hyper::upgrade::on(&mut request));
        }
        ready(Ok::<_, Infallible>(answer))
    });
    let mut http = http1::Builder::new();
    http.max_buf_size(MAX_HEAD_BYTES);
    http.serve_connection(TokioIo::new(stream), service).with_upgrades().await.ok()?;
    let upgraded = upgrade.into_inner()?.await.ok()?;
    Some(bytes_inside(TokioIo::new(upgraded)))
}

/// The stream of bytes that a web socket carries.
fn bytes_inside<S>(stream: S) -> impl AsyncRead + AsyncWrite + Unpin + Send + 'static
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = Limits::default().max_payload_len(Some(MAX_MESSAGE_BYTES));
    let socket = ServerBuilder::new().limits(limits).serve(stream);
    let socket = socket
        .filter_map(|received| ready(piece(received)))
        .sink_map_err(io::Error::other)
        .with(|piece: Bytes| ready(io::Result::Ok(Message::binary(piece))));
    SinkWriter::new(StreamReader::new(CopyToBytes::new(socket)))
}

/// What a message adds to the stream. An error ends the stream at once. A client that breaks the rules
/// adds nothing: it is told so by the library, which then ends the stream, as it does after a close.
fn piece(received: Result<Message, Error>) -> Option<io::Result<Bytes>> {
    match received {
        Ok(message) if message.is_binary() => Some(Ok(message.into_payload().into())),
        Ok(message) if message.is_text() => Some(Err(io::ErrorKind::InvalidData.into())),
        Err(Error::PayloadTooLong { .. }) => Some(Err(io::ErrorKind::InvalidData.into())),
        Ok(_) | Err(_) => None,
    }
}

/// The answer to a request. Every refusal ends the connection, and names the version of web sockets
/// that is spoken (RFC 6455, 4.4).
fn answer<B>(request: &Request<B>) -> Response {
    match switched(request) {
        Ok(headers) => (StatusCode::SWITCHING_PROTOCOLS, headers).into_response(),
        Err((status, reason)) => {
            let headers = [(header::CONNECTION, "close"), (header::SEC_WEBSOCKET_VERSION, "13")];
            (status, headers, reason).into_response()
        }
    }
}

/// The headers that make a web socket of the connection (RFC 6455, 4.2). Which statuses refuse it is
/// as HTTP has them; the service's own are not known (guess).
fn switched<B>(request: &Request<B>) -> Result<[(HeaderName, String); 4], Refusal> {
    const BAD: StatusCode = StatusCode::BAD_REQUEST;
    let headers = request.headers();
    let path = request.uri().path();
    if !PATHS.contains(&path.strip_suffix('/').unwrap_or(path)) {
        return Err((StatusCode::NOT_FOUND, "Web sockets are at /$servicebus/websocket."));
    }
    let can_upgrade = request.method() == Method::GET && request.version() == Version::HTTP_11;
    let asks =
        has(headers, &header::UPGRADE, "websocket") && has(headers, &header::CONNECTION, "upgrade");
    if !can_upgrade || !asks {
        return Err((BAD, "This is no request for a web socket."));
    }
    if !has(headers, &header::SEC_WEBSOCKET_VERSION, "13") {
        return Err((StatusCode::UPGRADE_REQUIRED, "The version of web sockets is 13."));
    }
    let key = items(headers, &header::SEC_WEBSOCKET_KEY).next().unwrap_or_default();
    if BASE64_STANDARD.decode(key).map(|key| key.len()) != Ok(16) {
        return Err((BAD, "The key is not 16 bytes in base64."));
    }
    let protocol = items(headers, &header::SEC_WEBSOCKET_PROTOCOL)
        .find(|name| PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .ok_or((BAD, "The subprotocol is amqp or AMQPWSB10."))?;
    Ok([
        (header::UPGRADE, "websocket".to_owned()),
        (header::CONNECTION, "Upgrade".to_owned()),
        (header::SEC_WEBSOCKET_ACCEPT, accept_key(key)),
        (header::SEC_WEBSOCKET_PROTOCOL, protocol.to_owned()),
    ])
}

fn has(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    items(headers, name).any(|item| item.eq_ignore_ascii_case(wanted))
}

/// The items of a header, which may be a list and may come more than once.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// The proof that the key was understood.
fn accept_key(key: &str) -> String {
    BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{GUID}").as_bytes()))
}
