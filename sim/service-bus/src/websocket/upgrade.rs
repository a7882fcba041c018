//! From HTTP to a web socket (RFC 6455, 4.2).

use std::io;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::WebSocket;

/// The longest request. The clients' have a few hundred bytes.
pub const MAX_HEAD_BYTES: usize = 8_192;

/// Where web sockets are accepted; clients may write `$` as `%24`.
const PATHS: [&str; 2] = ["/$servicebus/websocket", "/%24servicebus/websocket"];

/// What may be spoken inside: the standard's name (2.1 of the binding), and the one that Microsoft's
/// clients use.
const PROTOCOLS: [&str; 2] = ["amqp", "AMQPWSB10"];

/// What the server shows it has understood with (RFC 6455, 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether a connection that begins with these bytes wants an upgrade; AMQP and SASL begin otherwise.
pub fn is_http(start: [u8; 8]) -> bool {
    start.starts_with(b"GET ")
}

/// Makes a web socket of a connection on which `start` has arrived. An error has been answered, and
/// ends the connection.
pub async fn upgrade<S>(mut stream: S, mut start: BytesMut) -> io::Result<WebSocket<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let refusal = match head(&mut stream, &mut start).await? {
        Some(head) => match Request::parse(&head).and_then(|request| request.accept()) {
            Ok(answer) => {
                stream.write_all(answer.as_bytes()).await?;
                stream.flush().await?;
                return Ok(WebSocket::new(stream, start));
            }
            Err(refusal) => refusal,
        },
        None => "431 Request Header Fields Too Large",
    };
    let extra = if refusal.starts_with("426") { "Sec-WebSocket-Version: 13\r\n" } else { "" };
    let answer =
        format!("HTTP/1.1 {refusal}\r\n{extra}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    Err(io::Error::new(io::ErrorKind::InvalidData, refusal))
}

/// The request, without the empty line at its end; `None` if it is too long. What follows it stays in
/// `buffer`.
async fn head<S>(stream: &mut S, buffer: &mut BytesMut) -> io::Result<Option<BytesMut>>
where
    S: AsyncRead + Unpin,
{
    const END: &[u8] = b"\r\n\r\n";
    loop {
        let length = buffer.windows(END.len()).position(|bytes| bytes == END);
        if length.unwrap_or(buffer.len()) > MAX_HEAD_BYTES {
            return Ok(None);
        }
        if let Some(length) = length {
            let head = buffer.split_to(length);
            buffer.advance(END.len());
            return Ok(Some(head));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// A request, taken apart.
struct Request<'a> {
    path: &'a str,
    headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Request<'a> {
    fn parse(head: &'a [u8]) -> Result<Self, &'static str> {
        const BAD: &str = "400 Bad Request";
        let mut lines = std::str::from_utf8(head).map_err(|_| BAD)?.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some("GET"), Some(path), Some("HTTP/1.1"), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(BAD);
        };
        let header = |line: &'a str| {
            line.split_once(':').map(|(name, value)| (name, value.trim())).ok_or(BAD)
        };
        let headers = lines.map(header).collect::<Result<_, _>>()?;
        Ok(Self { path, headers })
    }

    /// The answer that makes it a web socket. Which statuses refuse it is as HTTP has them; the
    /// service's own are not known (guess).
    fn accept(&self) -> Result<String, &'static str> {
        if !PATHS.contains(&self.path) {
            return Err("404 Not Found");
        }
        if !self.has("Upgrade", "websocket") || !self.has("Connection", "upgrade") {
            return Err("400 Bad Request");
        }
        if !self.has("Sec-WebSocket-Version", "13") {
            return Err("426 Upgrade Required");
        }
        let key = self.items("Sec-WebSocket-Key").next().unwrap_or_default();
        if BASE64_STANDARD.decode(key).map(|key| key.len()) != Ok(16) {
            return Err("400 Bad Request");
        }
        let protocol = self
            .items("Sec-WebSocket-Protocol")
            .find(|name| PROTOCOLS.iter().any(|known| known.eq_ignore_ascii_case(name)));
        let protocol = protocol.ok_or("400 Bad Request")?;
        Ok(format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n",
            accept_key(key)
        ))
    }

    fn has(&self, name: &str, wanted: &str) -> bool {
        self.items(name).any(|item| item.eq_ignore_ascii_case(wanted))
    }

    /// The items of a header, which may be a list and may come more than once.
    fn items(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = move |(other, _): &&(&str, &str)| other.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).flat_map(|(_, value)| value.split(',')).map(str::trim)
    }
}

/// The proof that the key was understood.
pub(super) fn accept_key(key: &str) -> String {
    BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{GUID}").as_bytes()))
}
