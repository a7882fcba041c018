//! The bytes of a page record: one zstd stream of a header line and the raw body.
//!
//! `zstd -dc page-000000.json.zst` shows both to a person. The stream carries a checksum, so that
//! a flipped bit is an error and not a wrong tweet.

use std::io::{Read, Write};

use bytes::Bytes;

use super::StoreError;
use crate::model::record::{PageHeader, VERSION};

/// How hard zstd tries. 1 is the fastest ordinary level: 550 MB/s and a ratio near 5 on pages of
/// 1.4 MB, measured 2026-11-22; higher levels cost CPU and save little.
const LEVEL: i32 = 1;

/// The most that a page record may unpack to, header included: twice what the X client accepts as
/// an answer. Larger ones are bombs, or not ours.
const MAX_UNPACKED_BYTES: u64 = 64 * 1024 * 1024;

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
    let line = serde_json::to_vec(header)?;
    let mut packer = zstd::Encoder::new(Vec::with_capacity(body.len() / 4 + 1024), LEVEL)?;
    packer.include_checksum(true)?;
    packer.write_all(&line)?;
    packer.write_all(b"\n")?;
    packer.write_all(body)?;
    packer.finish()
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

fn unpack(key: &str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    let corrupt = |error: std::io::Error| StoreError::corrupt(key, error);
    let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(6));
    let stream = zstd::Decoder::with_buffer(bytes).map_err(corrupt)?;
    stream.take(MAX_UNPACKED_BYTES + 1).read_to_end(&mut unpacked).map_err(corrupt)?;
    if unpacked.len() as u64 > MAX_UNPACKED_BYTES {
        return Err(StoreError::corrupt(key, format!("more than {MAX_UNPACKED_BYTES} bytes")));
    }
    Ok(unpacked)
}

/// Refuses a record of a newer version before its shape is looked at.
pub(super) fn check_version(key: &str, json: &[u8]) -> Result<(), StoreError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    let found = serde_json::from_slice::<Versioned>(json)
        .map_err(|error| StoreError::corrupt(key, error))?
        .version;
    if found > u64::from(VERSION) {
        return Err(StoreError::Newer { key: key.to_owned(), found, known: VERSION });
    }
    Ok(())
}
