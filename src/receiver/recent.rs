//! Pages that more than one part needs.
//!
//! Parts are cut by rows and pages by X, so most parts begin on the page on which the one before
//! ended. To unpack and index a page is half of what its rows cost, so such a page is kept until
//! all of its rows were taken, or until others need the room.
//!
//! It is a shortcut and nothing else: what is not here is read from the log, where a page never
//! changes. Whether rows were really stored is not its business.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::error::PartError;
use super::pages::compute;
use crate::model::CollectionId;
use crate::model::record::PageHeader;
use crate::store::{Checksum, Log};
use crate::tweet;

/// The most bytes of text that are kept, beside the newest page; an index takes as much again.
/// X's pages have up to 1.5 MB, and as many of them are of use as there are collections at
/// a time, by default 4. With room for fewer, each page would go before it is wanted again.
const MOST_BYTES: usize = 6 << 20;

/// A page, unpacked and indexed.
#[derive(Debug)]
pub(super) struct Indexed {
    /// What the sender decided about it.
    pub(super) header: PageHeader,
    /// What X sent.
    pub(super) body: tweet::Body<'static>,
    /// SHA-256 of the record.
    pub(super) sha256: String,
    bytes: usize,
}

/// The pages that are kept; see the module.
#[derive(Default)]
pub(super) struct Recent {
    pages: Mutex<VecDeque<Kept>>,
}

struct Kept {
    collection: CollectionId,
    page: Arc<Indexed>,
    /// Rows that no part has taken.
    rows_left: u64,
}

impl Recent {
    /// A page, which must be in the log.
    pub(super) async fn page(&self, log: &Log, number: u64) -> Result<Arc<Indexed>, PartError> {
        let here = self.find(log, number);
        match here {
            Some(page) => Ok(page),
            None => read(log, number).await.map(Arc::new),
        }
    }

    fn find(&self, log: &Log, number: u64) -> Option<Arc<Indexed>> {
        let pages = self.pages();
        let kept = pages.iter().find(|kept| kept.is(log, number))?;
        Some(Arc::clone(&kept.page))
    }

    /// Says that a part has taken so many rows of a page.
    pub(super) fn taken(&self, log: &Log, page: Arc<Indexed>, rows: u64) {
        let mut pages = self.pages();
        let known = pages.iter().position(|kept| kept.is(log, page.header.page));
        let known = known.and_then(|at| pages.remove(at));
        let before = known.map_or(page.header.rows(), |kept| kept.rows_left);
        let rows_left = before.saturating_sub(rows);
        if rows_left > 0 && rows > 0 {
            let collection = log.layout().id().clone();
            pages.push_back(Kept { collection, page, rows_left });
        }
        while pages.len() > 1 && bytes(&pages) > MOST_BYTES {
            pages.pop_front();
        }
    }

    fn pages(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.pages.lock()
    }
}

impl Kept {
    fn is(&self, log: &Log, number: u64) -> bool {
        self.page.header.page == number && self.collection == *log.layout().id()
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").field("pages", &self.pages().len()).finish_non_exhaustive()
    }
}

async fn read(log: &Log, number: u64) -> Result<Indexed, PartError> {
    let packed = log.page_bytes(number).await?;
    let record = log.decode_page(number, &packed)?;
    compute(move || Indexed {
        bytes: record.body.len(),
        header: record.header,
        body: tweet::Body::owned(record.body.into()),
        sha256: Checksum::of(&packed),
    })
}

fn bytes(pages: &VecDeque<Kept>) -> usize {
    pages.iter().map(|kept| kept.page.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Span;
    use crate::model::record::tests::page;
    use crate::store::Store;

    const BODY: &[u8] = br#"{"data":[{"id":"1"},{"id":"2"}],"meta":{}}"#;

    async fn log_of(pages: u64, body: &[u8]) -> Log {
        let log = Log::new(&Store::memory(), "20260905-a-aaaaaaaaaa".parse().unwrap());
        for number in 0..pages {
            let header = PageHeader { counted: vec![Span { from: 0, to: 2 }], ..page(number) };
            log.create_page(&header, body).await.unwrap();
        }
        log
    }

    #[tokio::test]
    async fn a_page_is_kept_until_its_last_row_is_taken() {
        let (recent, log) = (Recent::default(), log_of(2, BODY).await);
        let first = recent.page(&log, 0).await.unwrap();
        recent.taken(&log, Arc::clone(&first), 1);
        assert!(Arc::ptr_eq(&first, &recent.page(&log, 0).await.unwrap()));
        recent.taken(&log, first, 1);
        assert!(recent.find(&log, 0).is_none());

        let whole = recent.page(&log, 1).await.unwrap();
        recent.taken(&log, whole, 2);
        assert!(recent.find(&log, 1).is_none(), "nobody else needs it");
    }

    #[tokio::test]
    async fn pages_of_other_collections_are_other_pages() {
        let (recent, log) = (Recent::default(), log_of(1, BODY).await);
        let page = recent.page(&log, 0).await.unwrap();
        recent.taken(&log, page, 1);
        let other = Log::new(log.store(), "20260905-b-bbbbbbbbbb".parse().unwrap());
        assert!(recent.page(&other, 0).await.is_err());
    }

    #[tokio::test]
    async fn the_oldest_pages_go_when_the_room_is_used_up() {
        let body = [BODY, &vec![b' '; MOST_BYTES / 2]].concat();
        let (recent, log) = (Recent::default(), log_of(3, &body).await);
        for number in 0..3 {
            let page = recent.page(&log, number).await.unwrap();
            recent.taken(&log, page, 1);
        }
        let kept: Vec<_> = (0..3).filter(|number| recent.find(&log, *number).is_some()).collect();
        assert_eq!(kept, [2]);
    }
}
