//! What tells a connection's seat how it goes: a stream and bodies that pass everything on as it
//! is, and note when something was taken, has to wait, or has ended.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::seats::Seat;
use super::standing::Standing;

/// The stream of a connection, which notes what its caller sends and reads.
#[derive(Debug)]
pub(super) struct WatchedStream {
    stream: TcpStream,
    seat: Arc<Seat>,
}

impl WatchedStream {
    /// This stream, watched for `seat`.
    pub(super) fn new(stream: TcpStream, seat: Arc<Seat>) -> Self {
        Self { stream, seat }
    }

    fn noted(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => self.seat.note(|one, now| one.took(*bytes as u64, now)),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.seat.note(Standing::blocks),
        }
        written
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            self.seat.was_read();
        }
        read
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.noted(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// What happens to a connection when a body has ended.
type Ended = fn(&mut Standing, std::time::Duration);

/// A body that notes its end: when all of it was read, or nobody wants the rest.
#[derive(Debug)]
pub(super) struct WatchedBody<B> {
    body: B,
    seat: Arc<Seat>,
    ended: Ended,
}

impl<B> WatchedBody<B> {
    /// This body, whose end is noted as `ended`.
    pub(super) fn new(body: B, seat: Arc<Seat>, ended: Ended) -> Self {
        Self { body, seat, ended }
    }
}

impl<B> Drop for WatchedBody<B> {
    fn drop(&mut self) {
        self.seat.note(self.ended);
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for WatchedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
