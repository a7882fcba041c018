//! An open web socket as a stream of bytes.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::frame::{Frames, Incoming, Masked, Violation, write_binary, write_close, write_pong};

/// The largest message that is sent, and how much may wait to be sent.
const MAX_SENT_BYTES: usize = 65_536;
/// How much is read at once.
const READ_BYTES: usize = 16_384;
/// How a connection ends that did what it was for (RFC 6455, 7.4.1).
const NORMAL: u16 = 1000;

/// The server's end.
pub struct WebSocket<S> {
    stream: S,
    frames: Frames,
    /// What came and was not looked at.
    received: BytesMut,
    /// The piece of a message that is being read.
    piece: Masked,
    /// What has to go out.
    out: BytesMut,
    /// Whether the client has closed, or was closed: nothing more is read.
    is_closed: bool,
    /// Whether a close was sent: nothing more is said.
    has_closed: bool,
}

/// What is under way contains tokens.
impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebSocket")
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// A web socket whose client sent `received` after its request.
    pub fn new(stream: S, received: BytesMut) -> Self {
        Self {
            stream,
            frames: Frames::default(),
            received,
            piece: Masked::default(),
            out: BytesMut::new(),
            is_closed: false,
            has_closed: false,
        }
    }

    /// Hands out what is there of the current piece. False if nothing is.
    fn take(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let left = usize::try_from(self.piece.left).unwrap_or(usize::MAX);
        let count = left.min(self.received.len()).min(buf.remaining());
        let mut bytes = self.received.split_to(count);
        self.piece.unmask(&mut bytes);
        buf.put_slice(&bytes);
        count > 0
    }

    /// Looks at the next frame. False if too little of it is there.
    fn advance(&mut self) -> Result<bool, Violation> {
        match self.frames.next(&mut self.received)? {
            None => return Ok(false),
            Some(Incoming::Piece(piece)) => self.piece = piece,
            // A client that pings and does not read is not kept in memory.
            Some(Incoming::Ping(payload)) if self.out.len() < MAX_SENT_BYTES => {
                write_pong(&mut self.out, &payload);
            }
            Some(Incoming::Ping(_) | Incoming::Pong) => {}
            Some(Incoming::Close) => {
                self.is_closed = true;
                self.close(NORMAL);
            }
        }
        Ok(true)
    }

    fn close(&mut self, status: u16) {
        if !self.has_closed {
            self.has_closed = true;
            write_close(&mut self.out, status);
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, &self.out))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.out.advance(count),
            }
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Sends answers to pings and closes, as far as that goes without waiting.
    fn send_answers(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        match self.poll_send(cx) {
            Poll::Ready(sent) => sent,
            Poll::Pending => Ok(()),
        }
    }

    /// Reads from below. False at the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut bytes = [0; READ_BYTES];
        let mut buf = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf))?;
        self.received.extend_from_slice(buf.filled());
        Poll::Ready(Ok(!buf.filled().is_empty()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocket<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.is_closed || this.take(buf) {
                return Poll::Ready(this.send_answers(cx));
            }
            // Inside a piece there is no frame to look at.
            let advanced = if this.piece.left > 0 { Ok(false) } else { this.advance() };
            match advanced {
                Ok(true) => {}
                Ok(false) => {
                    this.send_answers(cx)?;
                    if !ready!(this.poll_fill(cx))? {
                        return Poll::Ready(Ok(()));
                    }
                }
                Err(violation) => {
                    this.is_closed = true;
                    this.close(violation as u16);
                }
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocket<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.has_closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if this.out.len() >= MAX_SENT_BYTES {
            ready!(this.poll_send(cx))?;
        }
        let count = buf.len().min(MAX_SENT_BYTES);
        write_binary(&mut this.out, &buf[..count]);
        this.send_answers(cx)?;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_send(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.close(NORMAL);
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
