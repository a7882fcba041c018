//! The bytes of a page record: one zstd stream of a header line and the raw body.
//!
//! `zstd -dc page-000000.json.zst` shows both to a person. The stream carries a checksum, so that
//! a flipped bit is an error and not a wrong tweet.

use std::io::Read;

use bytes::Bytes;

use super::StoreError;
use crate::model::record::{PageHeader, VERSION};

/// How hard zstd tries. 1 is the fastest ordinary level: 550 MB/s and a ratio near 5 on pages of
/// 1.4 MB, measured 2026-11-22; higher levels cost CPU and save little.
const LEVEL: i32 = 1;

/// The most that a page record may unpack to, header included: twice what the X client accepts as
/// an answer. Larger ones are bombs, or not ours.
const MAX_UNPACKED_BYTES: usize = 64 * 1024 * 1024;

/// The most bytes of a page record as it is stored: what can't be packed gets a little longer, by
/// one part in 256 and some bytes (`ZSTD_compressBound`, facebook/zstd, read 2026-11-30).
pub(super) const MOST_PACKED_BYTES: u64 = (MAX_UNPACKED_BYTES + MAX_UNPACKED_BYTES / 128) as u64;

/// A page as it was stored.
#[derive(Debug, Clone)]
pub struct PageRecord {
    /// What the sender decided about it.
    pub header: PageHeader,
    /// The body as X sent it.
    pub body: Bytes,
}

/// Packs a page.
pub fn encode_page(header: &PageHeader, body: &[u8]) -> Result<Bytes, StoreError> {
    pack(header, body).map(Bytes::from).map_err(|error| StoreError::Unavailable {
        action: "pack",
        what: "a page".into(),
        reason: error.to_string(),
    })
}

fn pack(header: &PageHeader, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut record = serde_json::to_vec(header)?;
    record.reserve_exact(1 + body.len());
    record.push(b'\n');
    record.extend_from_slice(body);
    // In one piece, which is a quarter faster than as a stream, and notes the size.
    let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
    packer.include_checksum(true)?;
    packer.compress(&record)
}

/// Unpacks a page; `key` is for the error.
pub fn decode_page(key: &str, bytes: &[u8]) -> Result<PageRecord, StoreError> {
    let unpacked = Bytes::from(unpack(key, bytes)?);
    let line_end = unpacked.iter().position(|&b| b == b'\n');
    let line_end = line_end.ok_or_else(|| StoreError::corrupt(key, "no header line"))?;
    let line = unpacked.get(..line_end).unwrap_or_default();
    check_version(key, line)?;
    let header = serde_json::from_slice(line).map_err(|error| StoreError::corrupt(key, error))?;
    let body = unpacked.slice(line_end + 1..);
    Ok(PageRecord { header, body })
}

/// Bits of a frame's descriptor, the byte behind its magic number, that stand for nothing and are 0
/// (RFC 8878, 3.1.1.1.1, read 2026-11-30). Decoders do not look at one of them.
const UNUSED_BITS: u8 = 0b0001_1000;

fn unpack(key: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.get(4).is_some_and(|descriptor| descriptor & UNUSED_BITS != 0) {
        return Err(StoreError::corrupt(key, "its frame has bits set that stand for nothing"));
    }
    let corrupt = |error: std::io::Error| StoreError::corrupt(key, error);
    let too_large = || StoreError::corrupt(key, format!("more than {MAX_UNPACKED_BYTES} bytes"));
    let noted = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten();
    match noted.map(usize::try_from) {
        Some(Ok(size)) if size <= MAX_UNPACKED_BYTES => {
            zstd::bulk::decompress(bytes, size).map_err(corrupt)
        }
        Some(_) => Err(too_large()),
        // Earlier records were packed as streams, which do not note their size.
        None => {
            let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(6));
            let stream = zstd::Decoder::with_buffer(bytes).map_err(corrupt)?;
            let most = MAX_UNPACKED_BYTES as u64 + 1;
            stream.take(most).read_to_end(&mut unpacked).map_err(corrupt)?;
            let whole = unpacked.len() <= MAX_UNPACKED_BYTES;
            if whole { Ok(unpacked) } else { Err(too_large()) }
        }
    }
}

/// Refuses a record of a newer version before its shape is looked at.
pub(crate) fn check_version(key: &str, json: &[u8]) -> Result<(), StoreError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    let found = serde_json::from_slice::<Versioned>(json)
        .map_err(|error| StoreError::corrupt(key, error))?
        .version;
    if found == 0 {
        return Err(StoreError::corrupt(key, "there is no version 0"));
    }
    if found > u64::from(VERSION) {
        return Err(StoreError::Newer { key: key.to_owned(), found, known: VERSION });
    }
    Ok(())
}
