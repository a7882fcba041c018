//! A file that lies under a part's name without a receipt.
//!
//! An earlier version of this program may have written it and died before the receipt; its other
//! columns may then differ, and a file never changes, so it is kept. But it may also be cut, be
//! another part's, or be a stranger's. So the ids of its rows are held against those of the pages,
//! one by one, before a receipt says that it is the part.

use object_store::path::Path;

use super::Receiver;
use super::error::{InvalidPart, PartError};
use super::found::{Found, find};
use super::pages::{on_page, spans_within};
use crate::format::ids::first_difference;
use crate::model::TweetId;
use crate::model::parts::Part;
use crate::model::spec::FileFormat;
use crate::store::{Log, Store};

/// How much larger than ours a file may be that holds the same rows with other columns. A larger one
/// is not read: it would cost memory and time, and can't be the part.
const MOST_TIMES: u64 = 4;

/// What is added to that for small parts: headers and the ends of Parquet files do not shrink.
const MOST_BESIDE: u64 = 1 << 20;

/// A file that is there, and what we would have written in its place.
pub(super) struct There<'a> {
    pub(super) store: &'a Store,
    pub(super) key: &'a Path,
    pub(super) format: FileFormat,
    /// The size of our file.
    pub(super) bytes: u64,
}

impl Receiver {
    /// Takes the file that is there for the part if its rows are those of the part.
    pub(super) async fn keep_if_same_rows(
        &self,
        log: &Log,
        part: Part,
        partition_size: u64,
        there: There<'_>,
    ) -> Result<Found, PartError> {
        let There { store, key, format, bytes } = there;
        let other = |reason: String| InvalidPart::OtherFile {
            file: key.to_string(),
            part: part.part,
            reason,
        };
        let most = bytes.saturating_mul(MOST_TIMES).saturating_add(MOST_BESIDE);
        let size = store.size(key).await?.unwrap_or_default();
        if size > most {
            return Err(other(format!("it has {size} bytes, and ours has {bytes}")).into());
        }
        let expected = self.ids_of(log, part, partition_size).await?;
        let found = find(store, key, format).await?;
        let difference = match &found.ids {
            Ok(ids) => first_difference(ids, &expected),
            Err(reason) => Some(reason.clone()),
        };
        if let Some(difference) = difference {
            return Err(other(difference).into());
        }
        tracing::warn!(%key, "a file of an earlier version with the same rows is kept");
        Ok(found)
    }

    /// The ids of the part's rows, from its pages.
    async fn ids_of(
        &self,
        log: &Log,
        part: Part,
        partition_size: u64,
    ) -> Result<Vec<TweetId>, PartError> {
        let first_row = part.part.saturating_mul(partition_size);
        let mut ids = Vec::new();
        for number in part.first_page..=part.last_page {
            let page = self.remembered.recent.page(log, number).await?;
            let spans = spans_within(&page.header, first_row, part.rows);
            if spans.is_empty() {
                continue;
            }
            on_page(&page.header, &page.body, |tweets| {
                let tweets = (0_u64..).zip(&tweets.tweets);
                let counted = tweets
                    .filter(|(at, _)| spans.iter().any(|span| (span.from..span.to).contains(at)));
                ids.extend(counted.filter_map(|(_, tweet)| tweet.id()));
                Ok(())
            })?;
        }
        Ok(ids)
    }
}
