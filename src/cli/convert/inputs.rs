//! What people name, to what can be read: files, standard input, and logs in folders and stores.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use object_store::path::Path as Key;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::waiting::Waiting;
use crate::app::open_store;
use crate::cli::context::{Context, existing_store, store_is_there};
use crate::cli::report::{Exit, failure};
use crate::convert::{Input, LogPage, Source};
use crate::model::CollectionId;
use crate::store::layout::{LOG, RecordName, page_name};
use crate::store::{Store, StoreError, StoreUrl};

/// The most pages of a log that may be missing while it is still read: a copy of a part of a log is
/// worth reading, and each missing page is named. Our choice.
const MOST_MISSING_PAGES: u64 = 10_000;

/// All inputs, in the order in which they were named.
pub(super) struct Found {
    pub(super) inputs: Vec<Input>,
    /// Their size; `None` if nobody knows it.
    pub(super) bytes: Option<u64>,
}

/// Finds what is named. Whatever is missing is found out before anything is done. What may keep
/// one waiting fails once `stop` is cancelled.
pub(super) async fn find(
    context: &Context,
    named: &[PathBuf],
    stop: &CancellationToken,
) -> anyhow::Result<Found> {
    let mut found = Found { inputs: Vec::new(), bytes: Some(0) };
    let mut has_stdin = false;
    for path in named {
        match path.to_str() {
            Some("-") if has_stdin => {
                let error = anyhow!("standard input is named twice");
                return Err(failure(error, Exit::Usage, "it can be read once only"));
            }
            Some("-") => {
                has_stdin = true;
                found.bytes = None;
                let stdin = Waiting::new(|| Ok(std::io::stdin()), stop);
                let source = Source::Stream(Box::new(stdin));
                found.inputs.push(Input { name: "standard input".into(), source });
            }
            Some(url) if url.contains("://") => {
                let store = open(context, url)?;
                found.add_store(&store, url).await?;
            }
            Some(_) | None if path.is_dir() => {
                let store = existing_store(path)?;
                found.add_store(&store, &path.display().to_string()).await?;
            }
            Some(_) | None => found.add_file(path, stop)?,
        }
    }
    Ok(found)
}

/// The store at an address, by the credentials that are configured.
fn open(context: &Context, url: &str) -> anyhow::Result<Store> {
    url.parse::<StoreUrl>().map_err(|error| {
        failure(anyhow::Error::new(error), Exit::Usage, "name a file or a store")
    })?;
    let config = context.config_at(url, "IN")?;
    store_is_there(&*config.store)?;
    Ok(open_store(&config)?)
}

impl Found {
    fn add_file(&mut self, path: &Path, stop: &CancellationToken) -> anyhow::Result<()> {
        let shown = path.display();
        let there = std::fs::metadata(path).map_err(|error| {
            let exit = match error.kind() {
                std::io::ErrorKind::NotFound => Exit::NoInput,
                _ => Exit::Io,
            };
            let hint = "IN is a file, the folder of a dataset or store, a store's address, or -";
            failure(anyhow::Error::new(error).context(format!("can't read {shown}")), exit, hint)
        })?;
        self.bytes = self.bytes.filter(|_| there.is_file()).map(|bytes| bytes + there.len());
        let path = path.to_owned();
        let source = if is_page_of_a_log(&path) {
            Source::Log(Box::new(std::iter::once_with(move || read_page(&path))))
        } else if there.is_file() {
            Source::File(path)
        } else {
            Source::Stream(Box::new(Waiting::new(|| File::open(path), stop)))
        };
        self.inputs.push(Input { name: shown.to_string().into(), source });
        Ok(())
    }

    /// The log of a dataset, or of every collection in a store.
    async fn add_store(&mut self, store: &Store, shown: &str) -> anyhow::Result<()> {
        if self.add_log(store, &Key::from(LOG), shown).await? {
            return Ok(());
        }
        let mut any = false;
        for name in store.folders().await? {
            if name.parse::<CollectionId>().is_ok() {
                let log = Key::from(name.as_str()).join(LOG);
                any |= self.add_log(store, &log, &format!("{shown}/{name}")).await?;
            }
        }
        if any {
            return Ok(());
        }
        let hint = "name the files in it one by one: mistnet convert DIR/*.jsonl OUT";
        Err(failure(anyhow!("{shown} has no log of a collection"), Exit::NoInput, hint))
    }

    /// Whether there is a log.
    async fn add_log(&mut self, store: &Store, log: &Key, shown: &str) -> anyhow::Result<bool> {
        let (mut pages, mut count, mut bytes, mut is_log) = (0_u64, 0_u64, 0, false);
        for entry in store.list(log).await? {
            let record = RecordName::parse(&entry.name);
            is_log |= record.is_some();
            if let Some(RecordName::Page(number)) = record {
                pages = pages.max(number.saturating_add(1));
                count += 1;
                bytes += entry.bytes;
            }
        }
        // Each page that is missing is named; a number that nobody ever counted to is no page.
        let missing = pages - count;
        if missing > MOST_MISSING_PAGES {
            let last = page_name(pages - 1);
            return Err(anyhow!("{shown}: {last} is there, but {missing} pages before it are not"));
        }
        if is_log {
            let shown: Arc<str> = shown.into();
            let (store, log) = (store.clone(), log.clone());
            let name = Arc::clone(&shown);
            let handle = Handle::current();
            let pages = Pages { handle, store, log, shown, left: 0..pages };
            self.inputs.push(Input { name, source: Source::Log(Box::new(pages)) });
            self.bytes = self.bytes.map(|all| all + bytes);
        }
        Ok(is_log)
    }
}

/// A page's record in a log goes by its name.
fn is_page_of_a_log(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    matches!(name.and_then(RecordName::parse), Some(RecordName::Page(_)))
}

fn read_page(path: &Path) -> Result<LogPage, StoreError> {
    let key = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| StoreError::Unavailable {
        action: "read",
        what: key.clone(),
        reason: error.to_string(),
    })?;
    Ok(LogPage { key, bytes: bytes.into() })
}

/// The pages of a log, one after the other.
struct Pages {
    handle: Handle,
    store: Store,
    log: Key,
    shown: Arc<str>,
    left: Range<u64>,
}

impl Iterator for Pages {
    type Item = Result<LogPage, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let name = page_name(self.left.next()?);
        let shown = format!("{}/{LOG}/{name}", self.shown);
        let stored = self.handle.block_on(self.store.get(&self.log.clone().join(name)));
        Some(stored.and_then(|bytes| match bytes {
            Some(bytes) => Ok(LogPage { key: shown, bytes }),
            None => Err(StoreError::Missing { key: shown }),
        }))
    }
}
