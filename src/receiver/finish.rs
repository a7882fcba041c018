//! Finishing a dataset: when sealed and every receipt is there, merge, describe, commit.
//!
//! Everything here follows from files and records that never change, so two receivers that finish
//! at the same moment write the same bytes.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::Receiver;
use super::error::PartError;
use super::merge::merge_all;
use crate::format;
use crate::model::record::{Receipt, Sealed};
use crate::store::layout::DATA_PACKAGE;
use crate::store::manifest::{Manifest, Pages};
use crate::store::{Checksum, Log, StoreError};
use crate::telemetry;

impl Receiver {
    /// Finishes the dataset if fetching has ended and every part is stored: whether it is complete.
    pub(super) async fn finish_if_all_in(&self, log: &Log) -> Result<bool, PartError> {
        let Some(sealed) = log.sealed().await? else { return Ok(false) };
        if !log.store().exists(&log.layout().manifest()).await? {
            let id = log.layout().id();
            // Thousands of receipts need not be read to learn that it is somebody else's turn.
            if self.remembered.is_finishing(id) {
                return Err(PartError::Finishing);
            }
            let Some(receipts) = all_receipts(log, &sealed).await? else { return Ok(false) };
            let _turn = self.remembered.finishing(id).ok_or(PartError::Finishing)?;
            // Another worker may have had the turn since the first look.
            if !log.store().exists(&log.layout().manifest()).await? {
                finish(log, &sealed, &receipts).await?;
            }
        }
        Ok(true)
    }
}

/// Finishes a dataset whose parts are all stored.
async fn finish(log: &Log, sealed: &Sealed, receipts: &[Receipt]) -> Result<(), PartError> {
    let missing = || StoreError::Missing { key: log.layout().created().to_string() };
    let created = log.created().await?.ok_or_else(missing)?;
    let merged = merge_all(log, &created, sealed, receipts).await?;
    let pages = pages(log, sealed, receipts).await?;
    let manifest = Manifest::new(&created, sealed, pages, merged, receipts);
    if let Some(package) = package(&manifest) {
        let key = log.layout().below(DATA_PACKAGE);
        log.store().create(&key, Bytes::from(package)).await?;
    }
    log.create_manifest(&manifest).await?;
    if let Err(error) = log.store().remove_half_written(log.layout(), Duration::ZERO).await {
        tracing::debug!(collection.id = %created.id, %error, "half-written files are left");
    }
    tracing::info!(collection.id = %created.id, rows = manifest.rows, "dataset complete");
    if !manifest.unknown_fields.is_empty() {
        let fields: Vec<_> = manifest.unknown_fields.iter().map(String::as_str).collect();
        tracing::warn!(
            target: telemetry::NEWS,
            { collection.id = %created.id, unknown_fields = fields.join(", ") },
            "X sent fields that have no column; nothing of them is lost"
        );
    }
    Ok(())
}

/// What the manifest says of the pages. The receipts know most of them; those without rows belong
/// to no part, and receipts of earlier versions say nothing.
pub(crate) async fn pages(
    log: &Log,
    sealed: &Sealed,
    receipts: &[Receipt],
) -> Result<Pages, StoreError> {
    let of_receipts = receipts.iter().flat_map(|receipt| &receipt.pages);
    let known: BTreeMap<u64, &str> =
        of_receipts.map(|sum| (sum.page, sum.sha256.as_str())).collect();
    let mut pages = Pages::default();
    for page in 0..sealed.pages {
        let sha256 = match known.get(&page) {
            Some(sha256) => (*sha256).to_owned(),
            None => Checksum::of(&log.page_bytes(page).await?),
        };
        pages.sha256.push(sha256);
    }
    if sealed.pages > 0 {
        pages.request = log.page(0).await?.header.request;
    }
    Ok(pages)
}

/// The description of the files below the dataset, if there are any: a data package must not
/// point outside of its folder.
pub fn package(manifest: &Manifest) -> Option<String> {
    let below = manifest.files.iter().filter(|file| file.container.is_none());
    let files: Vec<_> = below.cloned().collect();
    if files.is_empty() && !manifest.files.is_empty() {
        return None;
    }
    let value = format::data_package(&format::Package {
        name: manifest.collection.as_str(),
        title: &format!("Posts on X for {}", manifest.spec.query),
        created: manifest.last_page_at,
        columns: manifest.columns(),
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
