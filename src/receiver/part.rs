//! Storing one part: its pages to rows, rows to files, files to a receipt.
//!
//! The message says where to look; what is there decides. A part that the log does not bear out
//! (a forged message, a wrong range) is refused and nothing is written.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::Receiver;
use super::error::{InvalidPart, PartError};
use super::found::Found;
use super::kept::There;
use super::pages::{compute, on_page, spans_within};
use crate::format::{FormatError, PartWriter};
use crate::model::parts;
use crate::model::parts::Part;
use crate::model::record::{Created, PageHeader, PageSum, Receipt, StoredFile, VERSION};
use crate::model::spec::FileFormat;
use crate::store::layout::{PartName, PartNames};
use crate::store::{Checksum, Creation, Log};
use crate::telemetry;
use crate::tweet::{self, Drift};

impl Receiver {
    /// Stores a part unless it is stored.
    pub(super) async fn store_part(&self, log: &Log, part: Part) -> Result<(), PartError> {
        let created = log.created().await?.ok_or(InvalidPart::UnknownCollection)?;
        check_rows(log, &created, part).await?;
        if log.has_receipt(part.part).await? {
            return Ok(());
        }
        let Encoded { by_format, unknown_fields, pages } = self.encode(log, &created, part).await?;
        let mut files = Vec::new();
        for (format, encoded) in by_format {
            files.push(self.store_file(log, &created, part, format, encoded).await?);
        }
        let receipt = Receipt {
            version: VERSION,
            part: part.part,
            rows: part.rows,
            files,
            unknown_fields,
            pages,
            stored_at: self.clock.now(),
            writer: self.writer.clone(),
        };
        if log.create_receipt(&receipt).await? == Creation::Created {
            metrics::counter!(telemetry::PARTS_STORED).increment(1);
        }
        tracing::debug!(collection.id = %created.id, part.number = part.part, rows = part.rows, "part stored");
        Ok(())
    }

    /// Encodes the part in every format, page by page.
    async fn encode(&self, log: &Log, created: &Created, part: Part) -> Result<Encoded, PartError> {
        let mut encoder = Encoder::new(created, part)?;
        for number in part.first_page..=part.last_page {
            let page = self.remembered.recent.page(log, number).await?;
            encoder.pages.push(PageSum { page: number, sha256: page.sha256.clone() });
            let rows = compute(|| encoder.page(&page.header, &page.body))??;
            self.remembered.recent.taken(log, page, rows);
        }
        compute(|| encoder.finish())?
    }

    /// Stores one file of a part. If other bytes are there, they are the part only if they hold its
    /// rows.
    async fn store_file(
        &self,
        log: &Log,
        created: &Created,
        part: Part,
        format: FileFormat,
        encoded: Vec<Bytes>,
    ) -> Result<StoredFile, PartError> {
        let Created { id, created_at, spec, .. } = created;
        let names = PartNames { id, created_at: *created_at, layout: spec.layout };
        let PartName { container, path } = names.part(part.part, format);
        let (store, key) = log.place_of(container.as_deref(), &path)?;
        let bytes = encoded.iter().map(|piece| piece.len() as u64).sum();
        let rows = part.rows;
        match store.create_of_pieces(&key, &encoded).await? {
            Creation::Created | Creation::Same => {
                let sha256 = checksum(&encoded);
                Ok(StoredFile { container, path, format, rows, bytes, sha256 })
            }
            Creation::Differs => {
                let there = There { store: &store, key: &key, format, bytes };
                let kept = self.keep_if_same_rows(log, part, spec.partition_size, there).await?;
                let Found { bytes, sha256, .. } = kept;
                Ok(StoredFile { container, path, format, rows, bytes, sha256 })
            }
        }
    }
}

fn checksum(pieces: &[Bytes]) -> String {
    let mut checksum = Checksum::default();
    for piece in pieces {
        checksum.update(piece);
    }
    checksum.finish()
}

/// A part is full, or it is the last of a sealed collection and holds the rest.
async fn check_rows(log: &Log, created: &Created, part: Part) -> Result<(), PartError> {
    let size = created.spec.partition_size;
    let wrong = InvalidPart::Rows { part: part.part, rows: part.rows };
    if part.rows == 0 || part.rows > size || part.last_page < part.first_page {
        return Err(wrong.into());
    }
    if part.rows < size {
        let sealed = log.sealed().await?.ok_or_else(|| wrong.clone())?;
        let rest = sealed.totals.rows.checked_sub(part.part.saturating_mul(size));
        let last = parts::count(sealed.totals.rows, size).checked_sub(1);
        if last != Some(part.part) || rest != Some(part.rows) {
            return Err(wrong.into());
        }
    }
    Ok(())
}

/// Turns the pages of a part into files, with one page in memory at a time.
struct Encoder {
    part: Part,
    first_row: u64,
    found: u64,
    writers: Vec<(FileFormat, PartWriter)>,
    drift: Drift,
    pages: Vec<PageSum>,
}

/// A part as files, and what about its pages is new.
struct Encoded {
    by_format: Vec<(FileFormat, Vec<Bytes>)>,
    unknown_fields: BTreeSet<String>,
    pages: Vec<PageSum>,
}

impl Encoder {
    fn new(created: &Created, part: Part) -> Result<Self, FormatError> {
        let (spec, columns) = (&created.spec, created.columns());
        let writer = |format: &FileFormat| Ok((*format, PartWriter::new(*format, columns)?));
        let writers = spec.formats.iter().map(writer).collect::<Result<_, FormatError>>()?;
        // The first part tells nearly always, and may be the only one.
        let drift = if part.part == 0 { Drift::thorough() } else { Drift::sampling() };
        Ok(Self {
            part,
            first_row: part.part.saturating_mul(spec.partition_size),
            found: 0,
            writers,
            drift,
            pages: Vec::new(),
        })
    }

    /// Adds the rows of the part that are on a page, and says how many there are.
    fn page(&mut self, header: &PageHeader, body: &tweet::Body<'_>) -> Result<u64, PartError> {
        let spans = spans_within(header, self.first_row, self.part.rows);
        if spans.is_empty() {
            return Ok(0);
        }
        on_page(header, body, |page| {
            self.drift.page(page);
            self.writers.iter_mut().try_for_each(|(_, writer)| Ok(writer.page(page, &spans)?))
        })?;
        let rows = spans.iter().map(|span| span.to - span.from).sum::<u64>();
        self.found += rows;
        Ok(rows)
    }

    fn finish(self) -> Result<Encoded, PartError> {
        let Part { part, first_page, last_page, rows } = self.part;
        if self.found != rows {
            let found = self.found;
            return Err(InvalidPart::Pages { part, first_page, last_page, found, rows }.into());
        }
        let finish =
            |(format, writer): (FileFormat, PartWriter)| Ok((format, writer.finish_in_pieces()?));
        let by_format = self.writers.into_iter().map(finish).collect::<Result<_, PartError>>()?;
        Ok(Encoded { by_format, unknown_fields: self.drift.into_names(), pages: self.pages })
    }
}
