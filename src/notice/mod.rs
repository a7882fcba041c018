//! Notices: telling others that a dataset is complete.
//!
//! A [`Notice`] is told on each configured channel by a [`Notifier`]: at least once, always with
//! the same id and, whoever sends it, in the same words. Who hears it twice knows it by its id.
//!
//! | a try ends with | then |
//! |---|---|
//! | success | nothing more on this channel |
//! | [`NoticeError::Passing`] | it is tried again after [`next_try`], for three days, and not before the other side asked for |
//! | [`NoticeError::Refused`] | nothing more on this channel; a person reads why in the log |
//!
//! A notice never decides over a dataset: it is sent after the manifest, and whatever becomes of
//! it, the dataset is complete.
//!
//! This room knows neither queues nor stores. When a notice is due and what was told already is
//! the receiver's business; the channel that is a queue is put together in [`crate::app`].

pub mod cloud_event;
pub mod guard;
pub mod original;
mod patience;
pub mod signature;
pub mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::model::record::{Channel, SealReason, StoredFile};
use crate::model::{CollectionId, Usd};

pub use patience::{PATIENCE, next_try};

/// A dataset is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Of which collection.
    pub collection: CollectionId,
    /// When it was first known to be complete.
    pub completed_at: Timestamp,
    /// Why fetching ended.
    pub outcome: SealReason,
    /// What was asked for.
    pub query: String,
    /// The hashtag, if the query was just one.
    pub hashtag: Option<String>,
    /// Rows of the dataset.
    pub rows: u64,
    /// Pages in the log.
    pub pages: u64,
    /// What X charges for them at list price; the true bill is not higher.
    pub cost: Usd,
    /// Where all datasets lie.
    pub root: Root,
    /// The files with rows, the merged one first.
    pub files: Vec<StoredFile>,
}

/// Where datasets lie, in the words of whoever reads the notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Path or address, without a slash at its end.
    pub address: String,
    /// What holds them all: a folder, a container, a bucket.
    pub container: String,
    /// Where in it they lie, without slashes around; empty for the top.
    pub folder: String,
}

impl Notice {
    /// Its id, the same at every try and from every process. It has no full stop, as Standard
    /// Webhooks asks for (a signature separates by them).
    pub fn id(&self) -> String {
        format!("{}-complete", self.collection)
    }

    /// Path or address of the dataset.
    pub fn dataset(&self) -> String {
        format!("{}/{}", self.root.address, self.collection)
    }

    /// The files with all rows, one for each format, if there are any.
    pub fn merged(&self) -> impl Iterator<Item = &StoredFile> {
        self.files
            .iter()
            .filter(|file| file.container.is_none() && !file.path.starts_with("parts/"))
    }
}

/// Why a notice was not delivered, by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// It may be taken later; perhaps it was taken, and only the answer got lost.
    #[error("not delivered: {reason}")]
    Passing {
        /// What happened.
        reason: String,
        /// How long the other side asks to be left alone, if it says so; not to be believed without
        /// a limit.
        retry_after: Option<Duration>,
    },
    /// It will never be taken as it is.
    #[error("refused: {reason}")]
    Refused {
        /// Why.
        reason: String,
    },
}

impl NoticeError {
    /// What a later try may get over, with nothing said about when.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self::Passing { reason: reason.into(), retry_after: None }
    }
}

/// A way to tell others.
#[async_trait]
pub trait Notifier: Send + Sync + std::fmt::Debug {
    /// Which way it is.
    fn channel(&self) -> Channel;

    /// Tells them, once.
    async fn tell(&self, notice: &Notice) -> Result<(), NoticeError>;
}

/// Who is told, and how they reach a dataset.
#[derive(Debug, Clone)]
pub struct Notices {
    /// Where datasets lie.
    pub root: Root,
    /// One for each channel, at least one.
    pub notifiers: Vec<Arc<dyn Notifier>>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::spec::FileFormat;

    /// A notice about so many parts.
    pub(crate) fn notice(parts: u64) -> Notice {
        let file = |path: String, rows| StoredFile {
            container: None,
            path,
            format: FileFormat::Csv,
            rows,
            bytes: 812 * rows,
            sha256: "5f".repeat(32),
        };
        let merged = file("tweets.csv".into(), 1000 * parts);
        let parts = (0..parts).map(|part| file(format!("parts/part-{part:06}.csv"), 1000));
        Notice {
            collection: "20261122-rustlang-k3v9x2m7qa".parse().unwrap(),
            completed_at: "2026-11-22T12:00:05Z".parse().unwrap(),
            outcome: SealReason::Exhausted,
            query: "#rustlang".into(),
            hashtag: Some("rustlang".into()),
            rows: merged.rows,
            pages: 2,
            cost: Usd::from_micros(7_575_000),
            root: Root {
                address: "/srv/mistnet".into(),
                container: "/srv/mistnet".into(),
                folder: String::new(),
            },
            files: [merged].into_iter().chain(parts).collect(),
        }
    }

    #[test]
    fn a_notice_has_an_id_without_a_full_stop() {
        assert_eq!(notice(1).id(), "20261122-rustlang-k3v9x2m7qa-complete");
    }
}
