//! Reading an object piece by piece.
//!
//! Back ends over the network give the pieces that come. Of a file they are read here, because
//! `object_store` 0.14.2 takes 8 KiB at a time, each by way of another thread: to wake it costs
//! several times what the read does.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{GetResult, GetResultPayload};

/// How much of a file is read at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// The pieces of a whole object.
pub(super) fn of(found: GetResult) -> BoxStream<'static, object_store::Result<Bytes>> {
    match found.payload {
        GetResultPayload::Stream(pieces) => pieces,
        GetResultPayload::File(file, path) => {
            let path = path.display().to_string();
            let failed = move |source: io::Error| object_store::Error::Generic {
                store: "LocalFileSystem",
                source: format!("{path}: {source}").into(),
            };
            stream::try_unfold(file, next).map_err(failed).boxed()
        }
    }
}

async fn next(file: File) -> io::Result<Option<(Bytes, File)>> {
    let read = move || {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        (&file).take(PIECE_BYTES as u64).read_to_end(&mut piece)?;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}
