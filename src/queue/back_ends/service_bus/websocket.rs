//! AMQP inside a web socket: for networks that let HTTPS out and nothing else.
//!
//! After the upgrade, AMQP's bytes travel in binary messages, cut anywhere: they are one stream
//! (OASIS, "AMQP WebSocket Binding (WSB) Version 1.0"). Pings are answered, a close is the end of the
//! stream. The web socket itself is `tungstenite`'s.
//!
//! `tungstenite` writes whole messages, and so tokens, to `log` at the level `trace`; this program
//! listens to `tracing` alone, and must not be made to listen to `log`.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::{Sink, Stream as _};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::{HeaderValue, StatusCode, Uri};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::endpoint::{Endpoint, Security};
use super::stream::{DialError, Stream};

/// Where a namespace takes web sockets (learn.microsoft.com, "AMQP 1.0 in Azure Service Bus and Event
/// Hubs protocol guide", read 2026-11).
const PATH: &str = "/$servicebus/websocket";

/// What is spoken inside (the binding, 2.1).
const PROTOCOL: HeaderValue = HeaderValue::from_static("amqp");

/// The largest message that is sent: about a frame of AMQP.
const MAX_SENT_BYTES: usize = 64 * 1024;

/// The largest message that is taken. Frames of AMQP have up to 64 KiB, and hardly anybody puts more
/// than a few into one message (guess); a larger one ends the connection.
const MAX_TAKEN_BYTES: usize = 4 * 1024 * 1024;

/// Makes a web socket of a stream to `endpoint`.
pub(super) async fn open<S: Stream>(
    stream: S,
    endpoint: &Endpoint,
) -> Result<WebSocket<S>, DialError> {
    let scheme = match endpoint.security {
        Security::Tls => "wss",
        Security::Clear => "ws",
    };
    let (host, port) = (&endpoint.host, endpoint.port());
    let uri = Uri::try_from(format!("{scheme}://{host}:{port}{PATH}")).map_err(io::Error::other)?;
    let mut request = uri.into_client_request().map_err(failed)?;
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    let config = WebSocketConfig::default()
        .read_buffer_size(MAX_SENT_BYTES)
        // What is written goes out at once, as on any other stream: AMQP collects frames itself.
        .write_buffer_size(0)
        .max_message_size(Some(MAX_TAKEN_BYTES))
        .max_frame_size(Some(MAX_TAKEN_BYTES));
    let opened = client_async_with_config(request, stream, Some(config)).await;
    let (socket, _) = opened.map_err(failed)?;
    Ok(WebSocket { socket, taken: Bytes::new(), is_closed: false })
}

/// Why there is no web socket, by whether it may work later.
fn failed(error: Error) -> DialError {
    match error {
        Error::Http(answer) if is_passing(answer.status()) => {
            let status = answer.status();
            io::Error::other(format!("the web socket was refused with HTTP {status}")).into()
        }
        Error::Http(answer) => DialError::WebSocket(format!("HTTP {}", answer.status())),
        Error::Io(error) => error.into(),
        Error::Protocol(ProtocolError::HandshakeIncomplete) => {
            io::Error::from(io::ErrorKind::UnexpectedEof).into()
        }
        other => DialError::WebSocket(other.to_string()),
    }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
}

/// A web socket as a stream of bytes.
pub(super) struct WebSocket<S> {
    socket: WebSocketStream<S>,
    /// The rest of the last message.
    taken: Bytes,
    /// Whether the peer has closed: nothing more comes, even if the connection stays.
    is_closed: bool,
}

/// What is under way contains tokens.
impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSocket")
    }
}

impl<S: Stream> AsyncRead for WebSocket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.taken.is_empty() {
            if this.is_closed {
                // The answer to the close goes out if there is room; nobody waits for it.
                drop(Pin::new(&mut this.socket).poll_flush(cx));
                return Poll::Ready(Ok(()));
            }
            match ready!(Pin::new(&mut this.socket).poll_next(cx)) {
                Some(Ok(Message::Binary(bytes))) => this.taken = bytes,
                Some(Ok(Message::Close(_))) => this.is_closed = true,
                // Pings are answered by reading on.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    let text = "a text in a web socket that carries AMQP";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
                }
                // A connection that ends without a close is the end as well.
                None | Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                    return Poll::Ready(Ok(()));
                }
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
            }
        }
        let count = this.taken.len().min(buf.remaining());
        buf.put_slice(&this.taken[..count]);
        this.taken.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncWrite for WebSocket<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let socket = &mut self.get_mut().socket;
        ready!(Pin::new(&mut *socket).poll_ready(cx)).map_err(broken)?;
        let count = buf.len().min(MAX_SENT_BYTES);
        let message = Message::Binary(Bytes::copy_from_slice(&buf[..count]));
        Pin::new(socket).start_send(message).map_err(broken)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(cx).map_err(broken)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let socket = &mut self.get_mut().socket;
        ready!(Pin::new(&mut *socket).poll_close(cx)).map_err(broken)?;
        Pin::new(socket.get_mut()).poll_shutdown(cx)
    }
}

/// Why an open web socket is over.
fn broken(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        Error::ConnectionClosed | Error::AlreadyClosed => io::ErrorKind::BrokenPipe.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    }
}
