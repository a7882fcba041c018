//! Writing an object whose size does not matter for memory.
//!
//! One piece is being filled while one is on its way: two buffers of one fixed size, used again and
//! again, whatever the object is. (New ones for each piece would scatter over the heaps of the
//! allocator, one a thread, and stay there.) Deliberately does not write pieces side by side: the
//! merge reads as fast as it writes, and memory is what this is for.

use bytes::{Bytes, BytesMut};
use object_store::MultipartUpload;
use object_store::path::Path;
use tokio::task::JoinHandle;

use super::StoreError;

/// An object that is being written piece by piece. Dropped unfinished, it leaves nothing behind
/// under its key.
#[derive(Debug)]
pub struct LargeWrite {
    key: Path,
    upload: Box<dyn MultipartUpload>,
    piece: BytesMut,
    piece_bytes: usize,
    under_way: Option<(Bytes, JoinHandle<object_store::Result<()>>)>,
}

impl LargeWrite {
    /// Begins an object in pieces of that many bytes.
    pub(super) fn new(key: Path, upload: Box<dyn MultipartUpload>, piece_bytes: usize) -> Self {
        let piece = BytesMut::with_capacity(piece_bytes);
        Self { key, upload, piece, piece_bytes, under_way: None }
    }

    /// Appends bytes.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        while !bytes.is_empty() {
            let room = self.piece_bytes - self.piece.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == self.piece_bytes {
                self.send_piece().await?;
            }
        }
        Ok(())
    }

    /// Makes the object visible, durably.
    pub async fn finish(mut self) -> Result<(), StoreError> {
        if !self.piece.is_empty() {
            self.send_piece().await?;
        }
        self.arrived().await?;
        self.upload.complete().await.map(drop).map_err(|source| self.failed(source))
    }

    async fn send_piece(&mut self) -> Result<(), StoreError> {
        let next = self.arrived().await?;
        let piece = std::mem::replace(&mut self.piece, next).freeze();
        let part = self.upload.put_part(piece.clone().into());
        self.under_way = Some((piece, tokio::spawn(part)));
        Ok(())
    }

    /// Waits for the piece that is on its way; its buffer, empty again.
    async fn arrived(&mut self) -> Result<BytesMut, StoreError> {
        let Some((piece, part)) = self.under_way.take() else { return Ok(self.empty()) };
        part.await.map_err(Into::into).flatten().map_err(|source| self.failed(source))?;
        Ok(piece.try_into_mut().map_or_else(|_| self.empty(), cleared))
    }

    fn empty(&self) -> BytesMut {
        BytesMut::with_capacity(self.piece_bytes)
    }

    fn failed(&self, source: object_store::Error) -> StoreError {
        StoreError::from_backend("write", self.key.as_ref(), source)
    }
}

fn cleared(mut buffer: BytesMut) -> BytesMut {
    buffer.clear();
    buffer
}
