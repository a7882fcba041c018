//! The order of lists: newest first, by the time at which a collection was accepted.
//!
//! An id begins with the day of that time, so only the times of the days that are shown are looked
//! up; they never change, so each is looked up once. A collection whose log can't be read has no
//! time: it comes last of its day, and hides no other.

use std::collections::BTreeMap;

use futures::StreamExt;
use jiff::Timestamp;

use super::App;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::store::{Log, StoreError};

/// Times that are looked up at a time.
const AT_ONCE: usize = 16;

/// Some of the collections, newest first.
#[derive(Debug, PartialEq, Eq)]
pub struct Newest {
    /// Their ids.
    pub ids: Vec<CollectionId>,
    /// Whether there are older ones.
    pub has_more: bool,
}

/// By what collections are ordered: the day, the time, the id.
type Place<'a> = (&'a str, Option<Timestamp>, &'a str);

/// The day that an id begins with, as eight digits.
fn day(id: &CollectionId) -> &str {
    id.as_str().get(..8).unwrap_or_default()
}

fn place(id: &CollectionId, at: Option<Timestamp>) -> Place<'_> {
    (day(id), at, id.as_str())
}

/// Puts collections that were read, or could not be, in the order of lists.
fn sort<E>(overviews: &mut [Result<Overview, (CollectionId, E)>]) {
    fn place_of<E>(read: &Result<Overview, (CollectionId, E)>) -> Place<'_> {
        match read {
            Ok(overview) => place(&overview.collection, Some(overview.created_at)),
            Err((id, _)) => place(id, None),
        }
    }
    overviews.sort_by(|a, b| place_of(b).cmp(&place_of(a)));
}

impl App {
    /// Every collection, newest first; those whose log can't be read with the reason.
    pub async fn overviews(
        &self,
    ) -> Result<Vec<Result<Overview, (CollectionId, StoreError)>>, StoreError> {
        self.store.check().await?;
        let found = self.store.collections().await?;
        let unusable = |(id, reason): (CollectionId, String)| {
            let key = id.to_string();
            Err((id, StoreError::Corrupt { key, reason }))
        };
        let mut overviews: Vec<_> = found.damaged.into_iter().map(unusable).collect();
        for id in found.ids {
            match self.overview(&id).await {
                Ok(overview) => overviews.extend(overview.map(Ok)),
                Err(error) => overviews.push(Err((id, error))),
            }
        }
        sort(&mut overviews);
        Ok(overviews)
    }

    /// At most `limit` collections that are older than `after`; `None` if there is no collection
    /// `after`. The order never changes, so going on after the last one leaves nothing out.
    pub async fn newest(
        &self,
        after: Option<&CollectionId>,
        limit: usize,
    ) -> Result<Option<Newest>, StoreError> {
        let mut days: BTreeMap<String, Vec<CollectionId>> = BTreeMap::new();
        self.store.check().await?;
        let found = self.store.collections().await?;
        let damaged = found.damaged.into_iter().map(|(id, _)| id);
        for id in found.ids.into_iter().chain(damaged) {
            days.entry(day(&id).to_owned()).or_default().push(id);
        }
        let mut ids = Vec::new();
        let mut is_known = after.is_none();
        let not_younger = |one: &str| after.is_none_or(|after| one <= day(after));
        for (_, unsorted) in days.into_iter().rev().filter(|(day, _)| not_younger(day)) {
            if ids.len() > limit {
                break;
            }
            let mut sorted = self.in_order(unsorted).await;
            if let Some(at) = sorted.iter().position(|id| Some(id) == after) {
                is_known = true;
                sorted.drain(..=at);
            }
            ids.extend(sorted);
        }
        let has_more = ids.len() > limit;
        ids.truncate(limit);
        Ok(is_known.then_some(Newest { ids, has_more }))
    }

    /// The collections of a day, newest first; without those that were never accepted.
    async fn in_order(&self, ids: Vec<CollectionId>) -> Vec<CollectionId> {
        let dated = futures::stream::iter(ids).map(|id| async {
            match self.accepted_at(&id).await {
                Ok(None) => None,
                Ok(at) => Some((id, at)),
                // The reading of the whole log, which follows, says what is wrong.
                Err(_) => Some((id, None)),
            }
        });
        let dated = dated.buffer_unordered(AT_ONCE).filter_map(std::future::ready);
        let mut dated: Vec<(CollectionId, Option<Timestamp>)> = dated.collect().await;
        dated.sort_by(|(a, a_at), (b, b_at)| place(b, *b_at).cmp(&place(a, *a_at)));
        dated.into_iter().map(|(id, _)| id).collect()
    }

    /// When a collection was accepted; `None` if it was not.
    async fn accepted_at(&self, id: &CollectionId) -> Result<Option<Timestamp>, StoreError> {
        if let Some(at) = self.ages.known(id) {
            return Ok(Some(at));
        }
        let created = Log::new(&self.store, id.clone()).created().await?;
        let at = created.map(|created| created.created_at);
        if let Some(at) = at {
            self.ages.remember(id, at);
        }
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::Queues;
    use crate::config::Config;
    use crate::model::record::tests::created;
    use crate::store;

    /// A collection that was accepted at `at`, with a random part that says nothing about it.
    async fn accepted(app: &App, random: &str, at: &str) -> CollectionId {
        let at: Timestamp = at.parse().unwrap();
        let day = at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%d").to_string();
        let mut created = created();
        created.id = format!("{day}-{random}").parse().unwrap();
        created.created_at = at;
        Log::new(app.store(), created.id.clone()).create(&created).await.unwrap();
        created.id
    }

    fn app() -> App {
        let mut config = Config::defaults().unwrap();
        config.store = Arc::new(store::Memory);
        App::open_with(config, Queues::OfItsOwn).unwrap()
    }

    async fn write(app: &App, key: &str, content: &'static [u8]) {
        let key = object_store::path::Path::from(key);
        app.store().create(&key, bytes::Bytes::from_static(content)).await.unwrap();
    }

    #[tokio::test]
    async fn collections_of_a_day_are_listed_by_time_and_paged_without_a_gap() {
        let app = app();
        let mut expected = Vec::new();
        for (random, at) in [
            ("zz-0000000000", "2026-11-22T00:00:00Z"),
            ("aa-0000000000", "2026-11-22T23:59:59.999999Z"),
            ("mm-0000000000", "2026-11-23T08:00:00Z"),
            ("mm-1111111111", "2026-11-23T08:00:00Z"),
            ("bb-0000000000", "2026-11-23T08:00:00.000001Z"),
            ("aa-0000000000", "2026-11-23T09:30:00Z"),
        ] {
            expected.insert(0, accepted(&app, random, at).await);
        }
        for limit in 1..=7 {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = app.newest(after.as_ref(), limit).await.unwrap().unwrap();
                seen.extend(page.ids);
                after = seen.last().cloned();
                if !page.has_more {
                    break;
                }
            }
            assert_eq!(seen, expected, "{limit}");
        }
        let read = app.overviews().await.unwrap();
        let read: Vec<_> = read.into_iter().map(|one| one.unwrap().collection).collect();
        assert_eq!(read, expected);
    }

    #[tokio::test]
    async fn what_is_no_collection_is_not_listed_and_what_is_damaged_is_last_of_its_day() {
        let app = app();
        let young = accepted(&app, "aa-0000000000", "2026-11-23T01:00:00Z").await;
        let old = accepted(&app, "zz-0000000000", "2026-11-22T01:00:00Z").await;
        write(&app, "20261123-zz-0000000000/_log/created.json", b"{").await;
        write(&app, "20261123-never-accepted/notes.txt", b"?").await;
        let damaged: CollectionId = "20261123-zz-0000000000".parse().unwrap();
        let page = app.newest(None, 10).await.unwrap().unwrap();
        assert_eq!(page.ids, [young, damaged.clone(), old.clone()]);
        let page = app.newest(Some(&damaged), 10).await.unwrap().unwrap();
        assert_eq!(page, Newest { ids: vec![old], has_more: false });
        let unknown = "20261123-unknown-0000000000".parse().unwrap();
        assert_eq!(app.newest(Some(&unknown), 10).await.unwrap(), None);
    }
}
