//! Reads inputs, one after the other, into batches.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec;

use super::batch::{Batch, Item, LogPage};
use super::error::{Broken, ConvertError, Place};
use super::text::{OnBroken, Plan, Text};
use crate::store::StoreError;

/// Something to convert.
pub struct Input {
    /// What people call it.
    pub name: Arc<str>,
    /// Where it is.
    pub source: Source,
}

/// Where an input is.
pub enum Source {
    /// A file with pages or tweets.
    File(PathBuf),
    /// The same from elsewhere, such as standard input. It is read on a thread of its own, so one
    /// that may wait for ever has to fail when nobody wants it any more.
    Stream(Box<dyn Read + Send>),
    /// The log of a collection: its pages in order.
    Log(Box<dyn Iterator<Item = Result<LogPage, StoreError>> + Send>),
}

/// Reads all inputs.
pub(super) struct Reader {
    inputs: vec::IntoIter<Input>,
    current: Option<(Arc<str>, Open)>,
    plan: Plan,
    batches: u64,
    read: Arc<AtomicU64>,
}

enum Open {
    Text(Box<Text>),
    Log(Box<dyn Iterator<Item = Result<LogPage, StoreError>> + Send>),
}

impl Reader {
    pub(super) fn new(inputs: Vec<Input>, plan: Plan) -> Self {
        let inputs = inputs.into_iter();
        Self { inputs, current: None, plan, batches: 0, read: Arc::default() }
    }

    /// Fills a batch with what comes next. Whether there is something: not so at the end, and
    /// behind a failure that ends everything.
    pub(super) fn fill(&mut self, batch: &mut Batch) -> bool {
        loop {
            if self.current.is_none() && !self.open_next(batch) {
                return false;
            }
            self.fill_from_current(batch);
            if !batch.items.is_empty() {
                break;
            }
        }
        batch.read = self.read.load(Ordering::Relaxed);
        batch.weight = 1 + batch.text.as_slice().len() / self.plan.usual_bytes();
        self.batches += 1;
        if batch.items.iter().any(|item| self.ends_all(item)) {
            self.inputs = Vec::new().into_iter();
            self.current = None;
        }
        true
    }

    /// Opens the next input; `false` if there is none.
    fn open_next(&mut self, batch: &mut Batch) -> bool {
        let Some(Input { name, source }) = self.inputs.next() else { return false };
        let open = |raw: Box<dyn Read + Send>| {
            Text::open(&name, raw, self.plan, &self.read).map(|text| Open::Text(Box::new(text)))
        };
        let opened = match source {
            Source::File(path) => match File::open(&path) {
                Ok(file) => open(Box::new(file)),
                Err(source) => Err(ConvertError::Input { input: Arc::clone(&name), source }),
            },
            Source::Stream(stream) => open(stream),
            Source::Log(pages) => Ok(Open::Log(pages)),
        };
        batch.begin(self.batches, &name, self.plan.usual_bytes());
        match opened {
            Ok(open) => self.current = Some((name, open)),
            Err(error) => batch.items.push(Item::Failed(error)),
        }
        true
    }

    fn fill_from_current(&mut self, batch: &mut Batch) {
        let Some((name, open)) = &mut self.current else { return };
        batch.begin(self.batches, name, self.plan.usual_bytes());
        let ended = match open {
            Open::Text(text) => {
                text.fill(batch);
                text.is_ended()
            }
            Open::Log(pages) => fill_from_log(pages.as_mut(), self.plan, &self.read, batch),
        };
        if ended {
            self.current = None;
        }
    }

    /// Whether nothing is converted because of this.
    fn ends_all(&self, item: &Item) -> bool {
        match item {
            Item::Failed(ConvertError::Broken(_)) => self.plan.limits.on_broken == OnBroken::Stop,
            Item::Failed(_) => true,
            Item::Value { .. } | Item::Logged(_) => false,
        }
    }
}

/// Takes pages of a log until they make a batch; whether there are no more.
fn fill_from_log(
    pages: &mut dyn Iterator<Item = Result<LogPage, StoreError>>,
    plan: Plan,
    read: &AtomicU64,
    batch: &mut Batch,
) -> bool {
    let mut stored = 0;
    while stored < plan.batch_bytes / PACKED {
        let Some(page) = pages.next() else { return true };
        let page = page.map_err(of_log);
        if let Ok(page) = &page {
            stored += page.bytes.len();
            read.fetch_add(page.bytes.len() as u64, Ordering::Relaxed);
        }
        let is_page = page.is_ok();
        batch.items.push(page.map_or_else(Item::Failed, Item::Logged));
        if !is_page {
            return false;
        }
    }
    false
}

/// How many times smaller a page is in the log, at most.
const PACKED: usize = 8;

impl Plan {
    /// The text of nearly every batch has fewer bytes.
    fn usual_bytes(self) -> usize {
        self.batch_bytes.saturating_mul(4)
    }
}

/// A page that is damaged or missing is a broken piece like others.
pub(super) fn of_log(error: StoreError) -> ConvertError {
    match error {
        StoreError::Corrupt { key, reason } => {
            Broken { place: Place { input: key.into(), at: None }, reason }.into()
        }
        StoreError::Missing { key } => {
            let reason = "it is missing".to_owned();
            Broken { place: Place { input: key.into(), at: None }, reason }.into()
        }
        StoreError::Unavailable { .. }
        | StoreError::Refused { .. }
        | StoreError::Elsewhere { .. }
        | StoreError::Newer { .. }
        | StoreError::Unknown { .. } => ConvertError::Log(error),
    }
}
