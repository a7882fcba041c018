//! JSON Lines: one post in each line, with everything that belongs to it inside.
//!
//! The objects are those of `twarc2 flatten` ([`flatten`] says how), in the vocabulary of
//! `tweet.fields` whichever X spoke, so that what reads twarc's files reads these. UTF-8, no byte
//! order mark, each line ends with `\n`, no line break within.

mod flatten;
mod ids;
mod object;
mod rename;
#[cfg(test)]
mod tests;

use std::io::{self, BufReader, Write};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

use super::kind::{
    Content, Description, EncodeEntries, EncodeFile, EncodeRows, FileColumns, Format, Merging,
    Opening, ReadIds, Table, Taken,
};
use super::spare::{Buffer, Spare};
use super::{FormatError, Options};
use crate::columns::json::{array, push_string};
use crate::columns::{Cell, Column, Entry};
use crate::model::spec::{Columns, Profile};
use crate::tweet::{Page, Tweet};
use flatten::Flattener;
use object::ObjectWriter;

/// How hard zstd tries. 1 is the fastest ordinary level; higher ones cost CPU and save little
/// (measured on pages, see `store::page`).
const ZSTD_LEVEL: i32 = 1;

/// JSON Lines as they are.
pub(super) static JSONL: Jsonl = Jsonl(Packing::None);

/// JSON Lines, compressed by gzip: each chunk is a member.
pub(super) static JSONL_GZ: Jsonl = Jsonl(Packing::Gzip);

/// JSON Lines, compressed by Zstandard: the file is one frame.
pub(super) static JSONL_ZST: Jsonl = Jsonl(Packing::Zstd);

/// JSON Lines.
#[derive(Debug)]
pub(super) struct Jsonl(Packing);

/// How lines are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// How many bytes of text make a chunk, give or take a page: many enough to compress well, few
/// beside the pages that they are made of.
const CHUNK_BYTES: usize = 1 << 20;

impl Format for Jsonl {
    fn has_columns(&self) -> bool {
        false
    }

    fn merging(&self) -> Merging {
        match self.0 {
            Packing::None | Packing::Gzip => Merging::Append,
            Packing::Zstd => Merging::Encode,
        }
    }

    /// A file of no bytes is no gzip file.
    fn without_rows(&self) -> Result<Vec<u8>, FormatError> {
        match self.0 {
            Packing::Gzip => Ok(gzip_member(&[])?),
            Packing::None | Packing::Zstd => Ok(Vec::new()),
        }
    }

    fn rows(&self, _: Columns, _: Options) -> Box<dyn EncodeRows> {
        Box::new(Lines { packing: self.0, out: String::new() })
    }

    fn entries(&self, _: &'static [Column], _: Profile, _: Options) -> Box<dyn EncodeEntries> {
        Box::new(Lines { packing: self.0, out: String::new() })
    }

    fn file(&self, _: FileColumns) -> Result<Box<dyn EncodeFile>, FormatError> {
        Ok(match self.0 {
            Packing::None | Packing::Gzip => Box::new(Plain),
            Packing::Zstd => Box::new(Frame::new()?),
        })
    }

    fn ids(&self) -> ReadIds {
        ReadIds::Forward(match self.0 {
            Packing::None => |file| ids::ids(file),
            Packing::Gzip => |file| ids::ids(MultiGzDecoder::new(BufReader::new(file))),
            Packing::Zstd => |file| {
                zstd::Decoder::new(file).map_err(|error| error.to_string()).and_then(ids::ids)
            },
        })
    }

    /// Not `jsonl`: of what is called so, Frictionless 5.21 assumes that it is a table.
    fn description(&self) -> Description {
        let compression = (self.0 == Packing::Gzip).then_some("gz");
        let encoding = Some("utf-8");
        Description { format: "jsonlines", encoding, compression, table: Table::No }
    }

    fn how_to_open(&self, path: &str) -> Opening {
        Opening {
            pandas: format!("read_json('{path}', lines=True, dtype=False)"),
            duckdb: format!("read_json('{path}')"),
            spreadsheet: None,
        }
    }
}

/// Lines that are not in a chunk yet.
#[derive(Debug)]
struct Lines {
    packing: Packing,
    out: String,
}

impl EncodeRows for Lines {
    fn page<'p>(&mut self, page: &'p Page<'p>, tweets: &mut dyn Iterator<Item = &'p Tweet<'p>>) {
        let mut flattener = Flattener::new(page);
        for tweet in tweets {
            flattener.push(&mut self.out, tweet);
            self.out.push('\n');
        }
    }

    fn is_full(&self) -> bool {
        self.out.len() >= CHUNK_BYTES
    }

    fn take(&mut self, spare: &Spare) -> Result<Taken, FormatError> {
        if self.packing == Packing::Gzip {
            let member = gzip_member(self.out.as_bytes())?;
            self.out.clear();
            return Ok(Taken::bytes(member));
        }
        let mut out = std::mem::take(&mut self.out).into_bytes();
        let rows = spare.exchange(&mut out);
        // It is empty.
        self.out = String::from_utf8(out).unwrap_or_default();
        Ok(Taken::bytes(rows))
    }
}

impl EncodeEntries for Lines {
    fn push(&mut self, entry: &Entry<'_>) {
        let mut object = ObjectWriter::new(&mut self.out);
        entry.each_cell(|column, cell| push_cell(&mut object, column.name, cell));
        object.end();
        self.out.push('\n');
    }

    fn bytes(&self) -> usize {
        self.out.len()
    }

    fn take(&mut self) -> Result<Taken, FormatError> {
        let lines = std::mem::take(&mut self.out);
        Ok(Taken::bytes(match self.packing {
            Packing::Gzip => gzip_member(lines.as_bytes())?,
            Packing::None | Packing::Zstd => lines.into_bytes(),
        }))
    }
}

/// A file that is its chunks.
struct Plain;

impl EncodeFile for Plain {
    fn chunk(&mut self, content: Content, out: &mut dyn Write) -> Result<(), FormatError> {
        Ok(out.write_all(&bytes(content)?)?)
    }
}

/// A file of one Zstandard frame with a checksum. After the first frame, some readers stop and say
/// nothing (`decompress` of Python's zstandard 0.25.0, tried 2026-11-23).
struct Frame(zstd::Encoder<'static, Vec<u8>>);

impl Frame {
    fn new() -> io::Result<Self> {
        let mut frame = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
        frame.include_checksum(true)?;
        Ok(Self(frame))
    }
}

impl EncodeFile for Frame {
    fn chunk(&mut self, content: Content, out: &mut dyn Write) -> Result<(), FormatError> {
        self.0.write_all(&bytes(content)?)?;
        let packed = self.0.get_mut();
        out.write_all(packed)?;
        packed.clear();
        Ok(())
    }

    fn finish(self: Box<Self>, out: &mut dyn Write) -> Result<(), FormatError> {
        Ok(out.write_all(&self.0.finish()?)?)
    }
}

fn bytes(content: Content) -> Result<Buffer, FormatError> {
    match content {
        Content::Bytes(lines) => Ok(lines),
        Content::Gathered(_) => Err(FormatError::OtherFormat),
    }
}

/// Compresses into a gzip member; several in a row are a gzip file (RFC 1952, 2.2). It tells no
/// time and no operating system, so that equal rows are equal bytes.
fn gzip_member(bytes: &[u8]) -> io::Result<Vec<u8>> {
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

/// Adds a field, if its cell has a value.
fn push_cell(object: &mut ObjectWriter<'_>, name: &str, cell: &Cell<'_>) {
    match cell {
        Cell::Absent | Cell::Misfit(_) => {}
        Cell::Text(text) | Cell::Id(text) | Cell::DateTime(text) => {
            push_string(object.key(name), text);
        }
        Cell::Integer(value) => object.key(name).push_str(itoa::Buffer::new().format(*value)),
        Cell::Boolean(value) => object.key(name).push_str(if *value { "true" } else { "false" }),
        Cell::Json(json) => object.key(name).push_str(json),
        Cell::List(list) => object.key(name).push_str(&array(list.clone())),
    }
}
