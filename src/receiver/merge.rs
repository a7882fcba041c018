//! The files with all rows.
//!
//! Where a format allows it, its parts are appended to one another; where it does not
//! ([`Merging::Encode`]), the rows are encoded again from the pages. Either way every part is read
//! and held against its receipt: a manifest never names bytes that nobody has seen. Memory is a
//! page and a chunk, however large the file is.

use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;

use super::error::PartError;
use super::pages::{compute, on_page};
use crate::format::{Encoded, Merging, PartWriter, WithoutHeader, header, merging};
use crate::model::record::{Body, Created, Receipt, Sealed, StoredFile};
use crate::model::spec::FileFormat;
use crate::store::layout::single_file;
use crate::store::{Checksum, LargeWrite, Log, StoreError};
use crate::tweet;

/// Writes them, unless the collection is to have none.
pub(super) async fn merge_all(
    log: &Log,
    created: &Created,
    sealed: &Sealed,
    receipts: &[Receipt],
) -> Result<Vec<StoredFile>, PartError> {
    let mut merged = Vec::new();
    if created.spec.single_file {
        for format in &created.spec.formats {
            merged.push(merge(log, created, *format, sealed, receipts).await?);
        }
    }
    Ok(merged)
}

/// Writes the file with all rows of one format.
async fn merge(
    log: &Log,
    created: &Created,
    format: FileFormat,
    sealed: &Sealed,
    receipts: &[Receipt],
) -> Result<StoredFile, PartError> {
    let (path, columns) = (single_file(format), created.columns());
    let mut merged = Merged {
        out: log.store().write_large(&log.layout().below(&path)).await?,
        hash: Checksum::default(),
        bytes: 0,
    };
    if merging(format) == Merging::Append && !receipts.is_empty() {
        merged.write(&header(format, columns)).await?;
        for receipt in receipts {
            let part = PartFile::open(log, receipt, format).await?;
            merged.append(part, WithoutHeader::new(format, columns)).await?;
        }
    } else {
        for receipt in receipts {
            let mut part = PartFile::open(log, receipt, format).await?;
            while part.next().await?.is_some() {}
        }
        merged.encode(log, sealed, PartWriter::new(format, columns)?).await?;
    }
    merged.out.finish().await?;
    let rows = receipts.iter().map(|receipt| receipt.rows).sum();
    let (container, sha256) = (None, merged.hash.finish());
    Ok(StoredFile { container, path, format, rows, bytes: merged.bytes, sha256 })
}

/// A part that is read piece by piece, and held against its receipt at its end.
struct PartFile {
    pieces: BoxStream<'static, Result<Bytes, StoreError>>,
    key: String,
    hash: Checksum,
    expected: String,
}

impl PartFile {
    async fn open(log: &Log, receipt: &Receipt, format: FileFormat) -> Result<Self, StoreError> {
        let file = receipt.files.iter().find(|file| file.format == format).ok_or_else(|| {
            StoreError::Corrupt {
                key: log.layout().receipt(receipt.part).to_string(),
                reason: "a format is missing".into(),
            }
        })?;
        let (store, key) = log.place(file)?;
        let pieces = store.pieces(&key).await?;
        let pieces = pieces.ok_or_else(|| StoreError::Missing { key: key.to_string() })?;
        let (key, expected) = (key.to_string(), file.sha256.clone());
        Ok(Self { pieces, key, hash: Checksum::default(), expected })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        let piece = self.pieces.try_next().await?;
        if let Some(piece) = &piece {
            self.hash.update(piece);
        } else if std::mem::take(&mut self.hash).finish() != self.expected {
            let reason = "its checksum is not the one in its receipt".into();
            return Err(StoreError::Corrupt { key: self.key.clone(), reason });
        }
        Ok(piece)
    }
}

/// The file with all rows, so far.
struct Merged {
    out: LargeWrite,
    hash: Checksum,
    bytes: u64,
}

impl Merged {
    /// Appends the rows of a part.
    async fn append(
        &mut self,
        mut part: PartFile,
        mut without_header: WithoutHeader,
    ) -> Result<(), PartError> {
        while let Some(piece) = part.next().await? {
            self.write(without_header.rows(&piece)?).await?;
        }
        Ok(without_header.finish()?)
    }

    /// Writes the rows of all pages.
    async fn encode(
        &mut self,
        log: &Log,
        sealed: &Sealed,
        mut writer: PartWriter,
    ) -> Result<(), PartError> {
        for page in 0..sealed.pages {
            let record = log.page(page).await?;
            if record.header.body == Body::Answer && !record.header.counted.is_empty() {
                let (header, spans) = (&record.header, &record.header.counted);
                compute(|| {
                    let body = tweet::Body::new(&record.body);
                    on_page(header, &body, |page| Ok(writer.page(page, spans)?))
                })??;
                self.write(&writer.drain()).await?;
            }
        }
        let Encoded { bytes, rows } = compute(|| writer.finish())??;
        if rows != sealed.totals.rows {
            let key = log.layout().sealed().to_string();
            let reason = format!("it counts {} rows, the pages {rows}", sealed.totals.rows);
            return Err(StoreError::Corrupt { key, reason }.into());
        }
        Ok(self.write(&bytes).await?)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write(bytes).await
    }
}
