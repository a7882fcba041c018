//! JSON Lines: one post in each line, with everything that belongs to it inside.
//!
//! The objects are those of `twarc2 flatten` ([`flatten`] says how), in the vocabulary of
//! `tweet.fields` whichever X spoke, so that what reads twarc's files reads these. UTF-8, no byte
//! order mark, each line ends with `\n`, no line break within.

mod flatten;
mod object;
mod rename;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};

use super::spare::{Buffer, Spare};
use crate::model::spec::FileFormat;
use crate::tweet::{Page, Tweet};
use flatten::Flattener;
pub(super) use object::ObjectWriter;

/// How hard zstd tries. 1 is the fastest ordinary level; higher ones cost CPU and save little
/// (measured on pages, see `store::page`).
const ZSTD_LEVEL: i32 = 1;

/// Encodes rows as JSON Lines.
#[derive(Debug)]
pub(super) struct JsonlEncoder {
    format: FileFormat,
    out: String,
}

impl JsonlEncoder {
    pub(super) fn new(format: FileFormat) -> Self {
        Self { format, out: String::new() }
    }

    pub(super) fn page<'p>(
        &mut self,
        page: &'p Page<'p>,
        tweets: impl Iterator<Item = &'p Tweet<'p>>,
    ) {
        let mut flattener = Flattener::new(page);
        for tweet in tweets {
            flattener.push(&mut self.out, tweet);
            self.out.push('\n');
        }
    }

    /// Bytes since the last [`JsonlEncoder::take`], before they are compressed.
    pub(super) fn bytes(&self) -> usize {
        self.out.len()
    }

    /// The rows since the last call.
    pub(super) fn take(&mut self, spare: &Spare) -> io::Result<Buffer> {
        if self.format == FileFormat::JsonlGz {
            let member = gzip_member(self.out.as_bytes());
            self.out.clear();
            return member.map(Buffer::from);
        }
        let mut out = std::mem::take(&mut self.out).into_bytes();
        let rows = spare.exchange(&mut out);
        // It is empty.
        self.out = String::from_utf8(out).unwrap_or_default();
        Ok(rows)
    }
}

/// Compresses into a gzip member; several in a row are a gzip file (RFC 1952, 2.2). It tells no
/// time and no operating system, so that equal rows are equal bytes.
pub(super) fn gzip_member(bytes: &[u8]) -> io::Result<Vec<u8>> {
    const UNKNOWN_SYSTEM: u8 = 255;
    let out = Vec::with_capacity(bytes.len() / 4 + 64);
    let builder = GzBuilder::new().operating_system(UNKNOWN_SYSTEM);
    let mut member = builder.write(out, Compression::new(GZIP_LEVEL));
    member.write_all(bytes)?;
    member.finish()
}

/// How hard gzip tries, from 1 to 9: on generated pages, level 3 makes 130 MB/s a 5.7th, level 1
/// 300 MB/s a 4.2th, level 4 110 MB/s a 5.9th (zlib-rs 0.6.8, measured 2026-11-23).
const GZIP_LEVEL: u32 = 3;

/// A Zstandard frame with a checksum.
pub(super) fn zstd_frame<W: Write>(sink: W) -> io::Result<zstd::Encoder<'static, W>> {
    let mut frame = zstd::Encoder::new(sink, ZSTD_LEVEL)?;
    frame.include_checksum(true)?;
    Ok(frame)
}
