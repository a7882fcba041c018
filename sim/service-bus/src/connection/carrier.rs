//! What carries AMQP: the connection itself, or a web socket on it.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};

use super::super::websocket::{WebSocket, is_http, upgrade};

/// See the module.
pub enum Carrier<S> {
    /// The connection, and what was read from it.
    Bare(S, BytesMut),
    /// A web socket.
    WebSocket(WebSocket<S>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Carrier<S> {
    /// Tells by the first eight bytes: a request of HTTP, or the name of a protocol.
    pub async fn of(mut stream: S) -> io::Result<Self> {
        let mut start = BytesMut::new();
        loop {
            match start.first_chunk() {
                Some(eight) if is_http(*eight) => {
                    return upgrade(stream, start).await.map(Self::WebSocket);
                }
                Some(_) => return Ok(Self::Bare(stream, start)),
                None => {
                    if stream.read_buf(&mut start).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
    }
}
