//! Readers of logs for those who watch: one for each collection, however many watch it.
//!
//! The log is the truth and may be written by any process, so it is read again and again, less
//! often while nothing changes. A store that is away for a while ends nothing. A reader ends when
//! the last watcher has left, when nothing more can happen, or when the log can't be read.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::problem::Problem;
use crate::app::App;
use crate::clock::Clock;
use crate::model::CollectionId;
use crate::model::overview::Overview;
use crate::store::StoreError;

/// How soon the log is read again after a change: soon enough to look live.
const SOONEST: Duration = Duration::from_millis(500);

/// How late the log is read again while nothing changes: each reading costs a listing.
const LATEST: Duration = Duration::from_secs(2);

/// What is known of a collection.
#[derive(Debug, Clone)]
pub(super) enum News {
    /// Nothing yet.
    None,
    /// How it is.
    Overview(Arc<Overview>),
    /// Its log can't be read, and is not read again.
    Problem(Problem),
}

type Reader = watch::Sender<News>;

/// The readers that are at work.
#[derive(Debug, Default)]
pub(super) struct Watchers(Mutex<HashMap<CollectionId, Weak<Reader>>>);

impl Watchers {
    /// News of a collection, by the one reader of its log, until `stop`.
    pub(super) fn news(
        self: &Arc<Self>,
        app: &App,
        stop: &CancellationToken,
        id: CollectionId,
    ) -> watch::Receiver<News> {
        let (app, clock) = (app.clone(), Arc::clone(app.clock()));
        let read = async move |id: &CollectionId| app.overview(id).await;
        self.watch(id, |id, reader| {
            let (watchers, stop) = (Arc::clone(self), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = follow(&watchers, &id, &reader, read, &*clock) => {}
                    () = stop.cancelled() => {}
                }
                watchers.forget(&id, &reader);
            });
        })
    }

    /// News of a collection; `begin` starts its reader if there is none.
    fn watch(
        &self,
        id: CollectionId,
        begin: impl FnOnce(CollectionId, Arc<Reader>),
    ) -> watch::Receiver<News> {
        let mut readers = self.lock();
        if let Some(reader) = readers.get(&id).and_then(Weak::upgrade) {
            return reader.subscribe();
        }
        let (reader, news) = watch::channel(News::None);
        let reader = Arc::new(reader);
        readers.insert(id.clone(), Arc::downgrade(&reader));
        begin(id, reader);
        news
    }

    /// Ends a reader, so that the next watcher begins a new one.
    fn forget(&self, id: &CollectionId, reader: &Arc<Reader>) {
        let mut readers = self.lock();
        if readers.get(id).is_some_and(|other| other.as_ptr() == Arc::as_ptr(reader)) {
            readers.remove(id);
        }
    }

    /// The same if nobody watches any more. Says whether it was done.
    fn forget_unwatched(&self, id: &CollectionId, reader: &Reader) -> bool {
        let mut readers = self.lock();
        let is_unwatched = reader.receiver_count() == 0;
        if is_unwatched {
            readers.remove(id);
        }
        is_unwatched
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CollectionId, Weak<Reader>>> {
        self.0.lock()
    }
}

/// Reads until there is no more to read, or nobody to read for.
async fn follow(
    watchers: &Watchers,
    id: &CollectionId,
    reader: &Reader,
    read: impl AsyncFn(&CollectionId) -> Result<Option<Overview>, StoreError>,
    clock: &dyn Clock,
) {
    let mut wait = SOONEST;
    loop {
        let is_known = matches!(*reader.borrow(), News::Overview(_));
        match read(id).await {
            Ok(Some(overview)) => {
                let is_over = overview.is_over();
                let is_news = publish(reader, overview);
                if is_over {
                    return;
                }
                wait = if is_news { SOONEST } else { (wait * 3 / 2).min(LATEST) };
            }
            Err(error) if is_known && error.is_passing() => wait = LATEST,
            Err(error) => return drop(reader.send_replace(News::Problem(error.into()))),
            Ok(None) => {
                let problem = Problem::unknown_collection(id.as_str());
                return drop(reader.send_replace(News::Problem(problem)));
            }
        }
        tokio::select! {
            () = clock.sleep(wait) => {}
            () = reader.closed() => if watchers.forget_unwatched(id, reader) {
                return;
            },
        }
    }
}

/// Tells how the collection is, if that is news.
fn publish(reader: &Reader, overview: Overview) -> bool {
    reader.send_if_modified(|news| {
        let is_news = !matches!(news, News::Overview(known) if **known == overview);
        if is_news {
            *news = News::Overview(Arc::new(overview));
        }
        is_news
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::clock::SystemClock;
    use crate::model::record::ControlAction;
    use crate::model::state::State;

    /// Watchers of collections of an [`crate::app::App`], and how often logs were read.
    struct Rig {
        app: crate::app::App,
        watchers: Arc<Watchers>,
        reads: Arc<AtomicUsize>,
    }

    impl Rig {
        async fn new() -> (Self, CollectionId) {
            let mut config = crate::config::Config::defaults().unwrap();
            config.store = Arc::new(crate::store::Memory);
            config.queue = Arc::new(crate::queue::memory::Memory);
            let app = crate::app::App::open(config).unwrap();
            let request = crate::model::request::Request {
                hashtag: Some("rustlang".into()),
                ..Default::default()
            };
            let id = app.collect(app.specify(&request).unwrap(), None).await.unwrap();
            (Self { app, watchers: Arc::default(), reads: Arc::default() }, id)
        }

        fn watch(&self, id: &CollectionId) -> watch::Receiver<News> {
            let (app, reads) = (self.app.clone(), Arc::clone(&self.reads));
            let watchers = Arc::clone(&self.watchers);
            let read = async move |id: &CollectionId| {
                reads.fetch_add(1, Ordering::Relaxed);
                app.overview(id).await
            };
            self.watchers.watch(id.clone(), |id, reader| {
                tokio::spawn(async move {
                    follow(&watchers, &id, &reader, read, &SystemClock::new()).await;
                    watchers.forget(&id, &reader);
                });
            })
        }

        fn reads(&self) -> usize {
            self.reads.swap(0, Ordering::Relaxed)
        }
    }

    async fn state(news: &mut watch::Receiver<News>, wanted: State) {
        let is_so = |news: &News| matches!(news, News::Overview(seen) if seen.state == wanted);
        let _ = news.wait_for(is_so).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_is_read_once_for_all_who_watch_and_not_at_all_for_nobody() {
        let (rig, id) = Rig::new().await;
        let mut all: Vec<_> = (0..50).map(|_| rig.watch(&id)).collect();
        for news in &mut all {
            state(news, State::Queued).await;
        }
        assert_eq!(rig.reads(), 1);
        rig.app.intervene(&id, ControlAction::Pause).await.unwrap();
        for news in &mut all {
            state(news, State::Paused).await;
        }
        assert_eq!(rig.reads(), 1);
        all.truncate(1);
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert!((25..40).contains(&rig.reads()), "once in two seconds");
        all.clear();
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert!(rig.reads() <= 1);
        assert!(rig.watchers.lock().is_empty());
        state(&mut rig.watch(&id), State::Paused).await;
        assert_eq!(rig.reads(), 1, "who comes later begins anew");
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_collection_is_a_problem_for_all_who_ask() {
        let (rig, _) = Rig::new().await;
        let unknown = "20261122-none-0000000000".parse().unwrap();
        let mut both = [rig.watch(&unknown), rig.watch(&unknown)];
        for news in &mut both {
            let is_problem = |news: &News| matches!(news, News::Problem(_));
            assert!(news.wait_for(is_problem).await.is_ok());
        }
        assert_eq!(rig.reads(), 1);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(rig.watchers.lock().is_empty());
    }
}
