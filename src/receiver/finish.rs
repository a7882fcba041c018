//! Finishing a dataset: when sealed and every receipt is there, merge, describe, commit, tell.
//!
//! Everything here follows from files and records that never change, so two receivers that finish
//! at the same moment write the same bytes. Parts are read again for the merge and checked against
//! their receipts: a manifest never names bytes that nobody has seen.

use bytes::Bytes;
use futures::TryStreamExt;

use super::{PartError, Receiver};
use crate::format::{self, WithoutHeader};
use crate::model::record::{Created, Receipt, Sealed, StoredFile};
use crate::model::spec::FileFormat;
use crate::store::layout::{DATA_PACKAGE, single_file};
use crate::store::manifest::Manifest;
use crate::store::{Checksum, LargeWrite, Log, StoreError};

impl Receiver {
    /// Finishes the dataset if fetching has ended and every part is stored, and sees to it that
    /// others are told. `message` is the key of the message in hand.
    pub(super) async fn finish_if_all_in(&self, log: &Log, message: &str) -> Result<(), PartError> {
        let Some(sealed) = log.sealed().await? else { return Ok(()) };
        if !log.store().exists(&log.layout().manifest()).await? {
            let Some(receipts) = all_receipts(log, &sealed).await? else { return Ok(()) };
            finish(log, &sealed, &receipts).await?;
        }
        self.tell_others(log, message).await
    }
}

/// Finishes a dataset whose parts are all stored.
async fn finish(log: &Log, sealed: &Sealed, receipts: &[Receipt]) -> Result<(), PartError> {
    let missing = || StoreError::Missing { key: log.layout().created().to_string() };
    let created = log.created().await?.ok_or_else(missing)?;
    let merged = merge_all(log, &created, receipts).await?;
    let manifest = Manifest::new(&created, sealed, merged, receipts);
    if let Some(package) = package(&manifest) {
        let key = log.layout().below(DATA_PACKAGE);
        log.store().create(&key, Bytes::from(package)).await?;
    }
    log.create_manifest(&manifest).await?;
    tracing::info!(collection.id = %created.id, rows = manifest.rows, "dataset complete");
    Ok(())
}

/// The description of the files below the dataset, if there are any: a data package must not
/// point outside of its folder.
fn package(manifest: &Manifest) -> Option<String> {
    let below = manifest.files.iter().filter(|file| file.container.is_none());
    let files: Vec<_> = below.cloned().collect();
    if files.is_empty() && !manifest.files.is_empty() {
        return None;
    }
    let value = format::data_package(&format::Package {
        name: manifest.collection.as_str(),
        title: &format!("Posts on X for {}", manifest.spec.query),
        created: manifest.last_page_at,
        profile: manifest.spec.profile,
        files: &files,
    });
    Some(format!("{value:#}\n"))
}

/// All receipts in order, or `None` if one is missing. Looks for the last one first, because that
/// is the one most likely to be missing.
async fn all_receipts(log: &Log, sealed: &Sealed) -> Result<Option<Vec<Receipt>>, StoreError> {
    let mut receipts = Vec::new();
    for part in (0..sealed.parts).rev() {
        match log.receipt(part).await? {
            Some(receipt) => receipts.push(receipt),
            None => return Ok(None),
        }
    }
    receipts.reverse();
    Ok(Some(receipts))
}

async fn merge_all(
    log: &Log,
    created: &Created,
    receipts: &[Receipt],
) -> Result<Vec<StoredFile>, PartError> {
    let mut merged = Vec::new();
    if created.spec.single_file {
        for format in &created.spec.formats {
            merged.push(merge(log, created, *format, receipts).await?);
        }
    }
    Ok(merged)
}

/// Writes the file with all rows of one format.
async fn merge(
    log: &Log,
    created: &Created,
    format: FileFormat,
    receipts: &[Receipt],
) -> Result<StoredFile, PartError> {
    let (path, profile) = (single_file(format), created.spec.profile);
    let mut merged = Merged {
        out: log.store().write_large(&log.layout().below(&path)).await?,
        hash: Checksum::default(),
        bytes: 0,
    };
    merged.write(&format::header(format, profile)?).await?;
    for receipt in receipts {
        merged.append(log, receipt, format, WithoutHeader::new(format, profile)?).await?;
    }
    merged.out.finish().await?;
    let rows = receipts.iter().map(|receipt| receipt.rows).sum();
    let (container, sha256) = (None, merged.hash.finish());
    Ok(StoredFile { container, path, format, rows, bytes: merged.bytes, sha256 })
}

/// The file with all rows, so far.
struct Merged {
    out: LargeWrite,
    hash: Checksum,
    bytes: u64,
}

impl Merged {
    /// Appends the rows of a part, and holds the part against its receipt.
    async fn append(
        &mut self,
        log: &Log,
        receipt: &Receipt,
        format: FileFormat,
        mut without_header: WithoutHeader,
    ) -> Result<(), PartError> {
        let corrupt =
            |key: String, reason: &str| StoreError::Corrupt { key, reason: reason.into() };
        let file = receipt.files.iter().find(|file| file.format == format).ok_or_else(|| {
            corrupt(log.layout().receipt(receipt.part).to_string(), "a format is missing")
        })?;
        let (store, key) = log.place(file)?;
        let pieces = store.pieces(&key).await?;
        let mut pieces = pieces.ok_or_else(|| StoreError::Missing { key: key.to_string() })?;
        let mut hash = Checksum::default();
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            self.write(without_header.rows(&piece)?).await?;
        }
        if hash.finish() != file.sha256 {
            let reason = "its checksum is not the one in its receipt";
            return Err(corrupt(key.to_string(), reason).into());
        }
        Ok(without_header.finish()?)
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write(bytes).await
    }
}
