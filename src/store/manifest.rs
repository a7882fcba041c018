//! The manifest: the commit of a dataset.
//!
//! A dataset is complete if and only if its manifest exists, and then every file that it names is
//! there with that checksum. It is a pure function of the log, so that two receivers which finish
//! at the same time write the same bytes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::price::Reads;
use crate::model::record::{Created, Provenance, Receipt, SealReason, Sealed, StoredFile, VERSION};
use crate::model::spec::Columns;
use crate::model::{CollectionId, Spec, TweetId, Usd};
use crate::tweet::drift;

/// What a dataset is: how it came about, and every file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this record.
    pub version: u32,
    /// The collection.
    pub collection: CollectionId,
    /// What was asked for.
    pub spec: Spec,
    /// Why fetching ended: `exhausted` means that the dataset has everything in the window.
    pub outcome: SealReason,
    /// When the collection was accepted.
    pub created_at: Timestamp,
    /// When the last page came from X.
    pub last_page_at: Timestamp,
    /// Rows of the dataset.
    pub rows: u64,
    /// Parts of the dataset.
    pub parts: u64,
    /// Pages in the log.
    pub pages: u64,
    /// Tweets that X returned, the ones over the limit included.
    pub tweets: u64,
    /// The smallest id.
    pub lowest_id: Option<TweetId>,
    /// The largest id.
    pub highest_id: Option<TweetId>,
    /// Paid resources that X returned.
    pub reads: Reads,
    /// What they cost at list price; the true bill is not higher.
    pub cost_usd: Usd,
    /// What answers may have cost that were lost on the way, at worst.
    pub cost_perhaps_usd: Usd,
    /// Both together: what the brake counts. Manifests of earlier versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_worst_usd: Option<Usd>,
    /// What X is likely to bill, by its rule that a resource is charged once a day (UTC); not
    /// known of pages that earlier versions fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_likely_usd: Option<Usd>,
    /// The version of the columns of its files; earlier versions had only the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u32>,
    /// How the collection came about, as its record of acceptance says.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// The parameters of the first request, as sent: query, window, order, fields, expansions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request: Vec<(String, String)>,
    /// SHA-256 of each page's record in the log, in the order of the pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page_sha256: Vec<String>,
    /// Names of fields that X sent and that have no column; their values are in `extra`, if the
    /// profile has it, and in the pages.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub unknown_fields: BTreeSet<String>,
    /// Every file with rows, the merged one first.
    pub files: Vec<StoredFile>,
}

/// What the pages add to a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pages {
    /// The parameters of the first request, as sent.
    pub request: Vec<(String, String)>,
    /// SHA-256 of each page's record, in order.
    pub sha256: Vec<String>,
}

impl Manifest {
    /// The manifest of a collection whose parts are all stored. `merged` are the files with all
    /// rows; `receipts` are all receipts in order.
    pub fn new(
        created: &Created,
        sealed: &Sealed,
        pages: Pages,
        merged: Vec<StoredFile>,
        receipts: &[Receipt],
    ) -> Self {
        let parts = receipts.iter().flat_map(|receipt| receipt.files.iter().cloned());
        let mut unknown_fields = BTreeSet::new();
        let unknown = receipts.iter().flat_map(|receipt| receipt.unknown_fields.iter().cloned());
        drift::join(&mut unknown_fields, unknown);
        Self {
            version: VERSION,
            collection: created.id.clone(),
            spec: created.spec.clone(),
            outcome: sealed.why,
            created_at: created.created_at,
            last_page_at: sealed.last_page_at,
            rows: sealed.totals.rows,
            parts: sealed.parts,
            pages: sealed.pages,
            tweets: sealed.totals.tweets,
            lowest_id: sealed.totals.lowest_id,
            highest_id: sealed.totals.highest_id,
            reads: sealed.totals.reads,
            cost_usd: sealed.totals.reads.cost(),
            cost_perhaps_usd: sealed.totals.lost,
            cost_worst_usd: Some(sealed.totals.reads.cost() + sealed.totals.lost),
            cost_likely_usd: sealed.totals.likely.map(Reads::cost),
            columns: Some(created.columns),
            provenance: created.provenance.clone(),
            request: pages.request,
            page_sha256: pages.sha256,
            unknown_fields,
            files: merged.into_iter().chain(parts).collect(),
        }
    }

    /// The columns of its files.
    pub fn columns(&self) -> Columns {
        Columns { profile: self.spec.profile, version: self.columns.unwrap_or(1) }
    }
}
