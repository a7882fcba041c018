//! What a worker does with a batch: values to pages, pages to rows, rows to a chunk of the file.

use std::mem;
use std::sync::Arc;

use memchr::memchr_iter;

use super::batch::{Batch, Item, LogPage};
use super::error::{Broken, ConvertError, Place, Position};
use super::flat;
use super::gate::Gate;
use super::known::{Candidate, Known, candidates};
use super::reader::of_log;
use super::subject;
use super::tally::Tally;
use super::text::OnBroken;
use crate::columns::SideTable;
use crate::format::{Chunk, Encoder, TableEncoder};
use crate::json::Raw;
use crate::model::record::{self, Span};
use crate::store::decode_page;
use crate::tweet::{Body, Drift, Page};

/// What becomes of a tweet with an id that a tweet before it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// It is left out, and counted.
    Drop,
    /// It becomes a row as well.
    Keep,
}

/// What was made of a batch.
#[derive(Debug)]
pub(super) struct Made {
    /// Its rows.
    pub(super) chunks: Vec<Chunk>,
    /// The same of each side table.
    pub(super) tables: Vec<Vec<Chunk>>,
    /// What was counted.
    pub(super) tally: Tally,
    /// See [`Batch::read`].
    pub(super) read: u64,
}

/// One of those that work on batches.
pub(super) struct Worker<'g> {
    pub(super) gate: &'g Gate,
    pub(super) encoder: Encoder,
    pub(super) tables: Vec<(SideTable, TableEncoder)>,
    pub(super) on_broken: OnBroken,
    pub(super) duplicates: Duplicates,
}

/// A page, or something that is as good as one.
struct Piece<'t> {
    place: Place,
    content: Content<'t>,
    /// Which of its tweets count; `None`: all.
    counted: Option<Vec<Span>>,
}

/// What of a page becomes rows.
struct Choice<'p> {
    /// Of the output.
    rows: Vec<Span>,
    /// Of each side table: objects that were not seen before.
    objects: Vec<Vec<Raw<'p>>>,
}

enum Content<'t> {
    /// As it came.
    Page(Body<'t>),
    /// Made from a flattened tweet.
    Made(String),
    /// Taken from a log.
    Logged(bytes::Bytes),
}

impl Worker<'_> {
    /// Makes rows of a batch, and counts what there is.
    pub(super) fn work(&mut self, batch: &mut Batch) -> Result<Made, ConvertError> {
        let ticket = self.gate.ticket(batch.number);
        let mut tally = Tally::default();
        let items = mem::take(&mut batch.items);
        let pieces = self.pieces(batch, items, &mut tally)?;
        let late: Vec<Option<Body<'_>>> = pieces.iter().map(Piece::late_body).collect();
        let mut pages = Vec::with_capacity(pieces.len());
        for (piece, late) in pieces.iter().zip(&late) {
            match piece.page(late.as_ref()) {
                Ok(page) => pages.push((page, piece.counted.as_deref())),
                Err(broken) => self.note(broken, &mut tally)?,
            }
        }
        let objects: Vec<_> = pages.iter().map(|(page, _)| self.candidates(page)).collect();
        let choose = |known: &mut Known| self.choose(known, &pages, &objects, &mut tally);
        let chosen = ticket.pass(choose).map_err(ConvertError::Seen)?;
        let (mut chunks, mut drift) = (Vec::new(), drift(batch.number));
        for ((page, _), choice) in pages.iter().zip(&chosen) {
            drift.page(page);
            self.encoder.page(page, &choice.rows)?;
            if self.encoder.is_full() {
                chunks.push(self.encoder.chunk()?);
            }
        }
        chunks.push(self.encoder.chunk()?);
        tally.unknown_fields = drift.into_names();
        let tables = self.tables(&pages, &chosen)?;
        Ok(Made { chunks, tables, tally, read: batch.read })
    }

    /// The rows of each side table.
    fn tables(
        &mut self,
        pages: &[(Page<'_>, Option<&[Span]>)],
        chosen: &[Choice<'_>],
    ) -> Result<Vec<Vec<Chunk>>, ConvertError> {
        let mut tables = Vec::with_capacity(self.tables.len());
        for (at, (_, encoder)) in self.tables.iter_mut().enumerate() {
            let mut chunks = Vec::new();
            for ((page, _), choice) in pages.iter().zip(chosen) {
                encoder.page(page, &choice.rows)?;
                encoder.objects(page, choice.objects.get(at).map_or(&[], Vec::as_slice));
                if encoder.is_full() {
                    chunks.push(encoder.chunk()?);
                }
            }
            chunks.push(encoder.chunk()?);
            tables.push(chunks);
        }
        Ok(tables)
    }

    /// The objects of a page that may become rows of each side table.
    fn candidates<'p>(&self, page: &Page<'p>) -> Vec<Vec<Candidate<'p>>> {
        self.tables.iter().map(|(table, _)| candidates(*table, page)).collect()
    }

    /// What of a batch can be read as JSON and looks like tweets.
    fn pieces<'t>(
        &self,
        batch: &'t Batch,
        items: Vec<Item>,
        tally: &mut Tally,
    ) -> Result<Vec<Piece<'t>>, ConvertError> {
        let mut pieces = Vec::with_capacity(items.len());
        for item in items {
            let piece = match item {
                Item::Value { bytes, at } => {
                    let text = batch.text.as_slice().get(bytes).unwrap_or_default();
                    of_value(batch, text, at, tally).map(Some).map_err(ConvertError::from)
                }
                Item::Logged(page) => of_logged(&page, tally),
                Item::Failed(error) => Err(error),
            };
            match piece {
                Ok(piece) => pieces.extend(piece),
                Err(ConvertError::Broken(broken)) => self.note(broken, tally)?,
                Err(error) => return Err(error),
            }
        }
        Ok(pieces)
    }

    /// Notes a broken piece, or ends with it.
    fn note(&self, broken: Broken, tally: &mut Tally) -> Result<(), ConvertError> {
        match self.on_broken {
            OnBroken::Stop => Err(broken.into()),
            OnBroken::Skip => {
                tally.skipped.push(broken);
                Ok(())
            }
        }
    }

    /// What of each page becomes rows.
    fn choose<'p>(
        &self,
        known: &mut Known,
        pages: &[(Page<'_>, Option<&[Span]>)],
        objects: &[Vec<Vec<Candidate<'p>>>],
        tally: &mut Tally,
    ) -> std::io::Result<Vec<Choice<'p>>> {
        let mut chosen = Vec::with_capacity(pages.len());
        for ((page, counted), objects) in pages.iter().zip(objects) {
            let mut is_new = |id: u64| match self.duplicates {
                Duplicates::Drop => known.insert(id),
                Duplicates::Keep => Ok(true),
            };
            let rows = rows_of(page, *counted, &mut is_new, tally)?;
            chosen.push(Choice { rows, objects: known.fresh(objects)? });
        }
        Ok(chosen)
    }
}

impl Piece<'_> {
    /// The body of what is not one yet.
    fn late_body(&self) -> Option<Body<'_>> {
        match &self.content {
            Content::Page(_) => None,
            Content::Made(text) => Some(Body::new(text.as_bytes())),
            Content::Logged(bytes) => Some(Body::new(bytes)),
        }
    }

    fn page<'p>(&'p self, late: Option<&'p Body<'p>>) -> Result<Page<'p>, Broken> {
        let ((Content::Page(body), _) | (_, Some(body))) = (&self.content, late) else {
            return Err(self.broken("it has no body"));
        };
        let page = body.decode().map_err(|error| self.broken(&error.reason))?;
        let counted = self.counted.iter().flatten().map(|span| span.to).max().unwrap_or(0);
        if counted > page.tweets.len() as u64 {
            return Err(self.broken("it counts tweets that it does not have"));
        }
        // What a log counts are tweets.
        if self.counted.is_none()
            && let Some(reason) = subject::refusal(&page)
        {
            return Err(self.broken(reason));
        }
        Ok(page)
    }

    fn broken(&self, reason: &str) -> Broken {
        Broken { place: self.place.clone(), reason: reason.to_owned() }
    }
}

/// Who looks for unknown fields: in the first batch everywhere, so that little is always looked at
/// as a whole.
fn drift(batch: u64) -> Drift {
    if batch == 0 { Drift::thorough() } else { Drift::sampling() }
}

/// A page or a tweet in a text.
fn of_value<'t>(
    batch: &Batch,
    text: &'t [u8],
    at: Position,
    tally: &mut Tally,
) -> Result<Piece<'t>, Broken> {
    let body = Body::new(text);
    let document = body.document().map_err(|error| {
        let before = text.get(..error.at).unwrap_or_default();
        let place = batch.place(at.after(error.at, memchr_iter(b'\n', before).count()));
        Broken { place, reason: format!("not JSON: {}", error.reason) }
    })?;
    let content = if is_page(document.root()) {
        None
    } else {
        let what = |reason| Broken { place: batch.place(at), reason };
        Some(Content::Made(of_tweet(document.root()).map_err(what)?))
    };
    tally.repaired_characters += body.repaired();
    let content = content.unwrap_or(Content::Page(body));
    Ok(Piece { place: batch.place(at), content, counted: None })
}

fn is_page(root: Raw<'_>) -> bool {
    let of_page = |name: &str| matches!(name, "data" | "includes" | "errors" | "meta");
    root.fields().any(|(name, _)| of_page(&name))
}

/// The page of a tweet that stands alone, or what it is if it is none.
fn of_tweet(root: Raw<'_>) -> Result<String, String> {
    let has = |wanted: &str| root.fields().any(|(name, _)| name == wanted);
    if has("id_str") {
        return Err("a tweet of X's API v1.1, and only those of v2 can be read".into());
    }
    let title = root.fields().find(|(name, _)| name == "title").and_then(|(_, raw)| raw.text());
    match (flat::page(root), title) {
        (Some(page), _) => Ok(page),
        (None, Some(title)) if has("status") => Err(format!("an error that X answered: {title}")),
        (None, _) => Err("neither a page of X's API v2 nor a tweet".into()),
    }
}

/// A page in a log; `None` if there is nothing to take from it. Of a page that was set aside when it
/// came, whatever has an id is taken; if nothing has, it is named among what was left out.
fn of_logged<'t>(stored: &LogPage, tally: &mut Tally) -> Result<Option<Piece<'t>>, ConvertError> {
    let page = decode_page(&stored.key, &stored.bytes).map_err(of_log)?;
    let place = Place { input: Arc::from(stored.key.as_str()), at: None };
    let counted = match page.header.body {
        record::Body::Answer => page.header.counted,
        record::Body::Closed => return Ok(None),
        record::Body::Undecodable { reason, .. } => {
            let found = with_ids(&page.body);
            if found.is_empty() {
                let reason = format!("it was set aside when it came: {reason}");
                tally.skipped.push(Broken { place, reason });
                return Ok(None);
            }
            found
        }
    };
    let (content, counted) = (Content::Logged(page.body), Some(counted));
    Ok(Some(Piece { place, content, counted }))
}

/// The tweets of a page that have an id, as far as it can be read.
fn with_ids(bytes: &[u8]) -> Vec<Span> {
    let body = Body::new(bytes);
    let mut found = Vec::new();
    for (at, tweet) in (0..).zip(body.decode().iter().flat_map(|page| &page.tweets)) {
        if tweet.id().is_some() {
            found.push(Span { from: at, to: at + 1 });
        }
    }
    found
}

/// Which tweets of a page become rows.
fn rows_of(
    page: &Page<'_>,
    counted: Option<&[Span]>,
    is_new: &mut impl FnMut(u64) -> std::io::Result<bool>,
    tally: &mut Tally,
) -> std::io::Result<Vec<Span>> {
    let mut rows: Vec<Span> = Vec::new();
    for (at, tweet) in (0..).zip(&page.tweets) {
        let counts = |spans: &[Span]| spans.iter().any(|span| (span.from..span.to).contains(&at));
        if !counted.is_none_or(counts) {
            tally.not_counted += 1;
        } else if let Some(id) = tweet.id()
            && !is_new(id.0)?
        {
            tally.duplicates += 1;
        } else {
            match rows.last_mut() {
                Some(last) if last.to == at => last.to += 1,
                _ => rows.push(Span { from: at, to: at + 1 }),
            }
        }
    }
    tally.pages += 1;
    tally.tweets += page.tweets.len() as u64;
    tally.rows += rows.iter().map(|span| span.to - span.from).sum::<u64>();
    Ok(rows)
}
