//! What an answer holds: the ids of its tweets, the next token, and what it costs.
//!
//! A page has been paid for, so this reads as much as can be read. An entry of `data` without a
//! readable id is counted as a gap and costs no other entry anything; broken `includes`, `errors`
//! and counts are borne; a `meta` that can't be read leaves open whether there is a next page.
//! Both dialects are read alike, and entries are those of [`tweet::entries`], so that receivers,
//! who decode the same bytes, find each at the same index.
//!
//! What is no page at all is told apart by whom it comes from: an answer that X did not finish, a
//! refusal in X's words, or nothing (see [`NoPage`]); and what holds something that can't be read
//! without a guess is [`Undecodable`].
//!
//! Only as deep as needed: values are skipped, not built.

use std::collections::BTreeSet;

use crate::json::{Raw, SyntaxError};
use crate::model::price::Reads;
use crate::model::{PageToken, TweetId};
use crate::tweet::{self, Body};

/// What an answer holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSummary {
    /// The readable ids in `data`, in order.
    pub ids: Vec<TweetId>,
    /// Which entries have none, by index among all entries, in order.
    pub gaps: Vec<u64>,
    /// Parts called `data` that are neither a list nor an object.
    pub strange_data: u64,
    /// Entries that are objects and have nothing called `id`.
    pub nameless: u64,
    /// Where the next page starts, if X says so.
    pub next_token: Option<PageToken>,
    /// Whether X says nothing readable about a next page: there may be one without a token. Only a
    /// readable `meta` without `next_token` is the end.
    pub end_unknown: bool,
    /// Paid resources.
    pub reads: Reads,
    /// The readable ids of included posts.
    pub included_posts: Vec<u64>,
    /// The readable ids of included users.
    pub included_users: Vec<u64>,
    /// Partial errors: things that the answer refers to but that X could not return.
    pub errors: u64,
    /// `meta.result_count`; real pages sometimes differ from it, so it decides nothing.
    pub stated_count: Option<u64>,
    /// The smallest id of the page as X says it (`meta.oldest_id`).
    pub stated_lowest: Option<TweetId>,
    /// Keys that at least one entry of `data` has (at most [`MAX_KEYS`]).
    pub post_keys: BTreeSet<String>,
    /// Why the body is no JSON as it came, if it had to be mended.
    pub flaw: Option<String>,
}

impl PageSummary {
    /// The smallest id.
    pub fn lowest_id(&self) -> Option<TweetId> {
        self.ids.iter().copied().min()
    }

    /// The largest id.
    pub fn highest_id(&self) -> Option<TweetId> {
        self.ids.iter().copied().max()
    }

    /// Every entry of `data`, in order: its id if that can be read.
    pub fn entries(&self) -> Vec<Option<TweetId>> {
        let mut entries: Vec<_> = self.ids.iter().copied().map(Some).collect();
        for gap in &self.gaps {
            let at = usize::try_from(*gap).unwrap_or(usize::MAX).min(entries.len());
            entries.insert(at, None);
        }
        entries
    }

    /// What can't become a row.
    pub fn unreadable(&self) -> u64 {
        self.gaps.len() as u64 + self.strange_data
    }
}

/// How many different keys are remembered: X documents 34; more would be an attack on memory.
const MAX_KEYS: usize = 200;

/// An answer that can't be read without a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer can't be read at byte {byte}: {reason}")]
pub struct Undecodable {
    /// What is wrong.
    pub reason: String,
    /// Where, from 0, in the body.
    pub byte: usize,
}

impl Undecodable {
    /// What serde complains about, with the byte in place of its line and column.
    pub(super) fn at(body: &[u8], error: &serde_json::Error) -> Self {
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let before = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum::<usize>();
        let byte = before + error.column().saturating_sub(1);
        Self { reason: error.to_string(), byte: byte.min(body.len()) }
    }
}

impl From<&SyntaxError> for Undecodable {
    fn from(error: &SyntaxError) -> Self {
        Self { reason: error.reason.to_owned(), byte: error.at }
    }
}

/// What a page holds, or why it can't be read.
pub type Page = Result<PageSummary, Undecodable>;

/// A 200 that is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPage {
    /// It is no whole JSON object: the network's or a proxy's doing, so the request is worth
    /// repeating, but X may have charged it.
    Broken(&'static str),
    /// X says why in its body: a problem document, or nothing but `errors`.
    Refusal,
    /// An object that says nothing.
    Empty,
}

/// Reads an answer's body.
pub fn summarise(body: &[u8]) -> Page {
    let body = Body::for_ids(body);
    of(&body, body.mended_document()?.root())
}

/// The same for the body of a 200, unless it is no page at all.
pub(super) fn read(body: &[u8]) -> Result<Page, NoPage> {
    let body = whole(body)?;
    let root = match body.mended_document() {
        Ok(document) => document.root(),
        Err(error) => return Ok(Err(error.into())),
    };
    no_page(root).map_or_else(|| Ok(of(&body, root)), Err)
}

/// The same without a look at what is in it.
pub(super) fn look(body: &[u8]) -> Result<(), NoPage> {
    let body = whole(body)?;
    let document = body.mended_document().ok();
    document.and_then(|document| no_page(document.root())).map_or(Ok(()), Err)
}

/// The body, if it is an object that does not end too early.
fn whole(bytes: &[u8]) -> Result<Body<'_>, NoPage> {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err(NoPage::Broken("the answer is empty")),
        Some(b'{') => {}
        Some(_) => return Err(NoPage::Broken("the answer is no JSON object")),
    }
    let body = Body::for_ids(bytes);
    match body.mended_document() {
        Err(error) if error.cut_off => Err(NoPage::Broken("the answer ends too early")),
        _ => Ok(body),
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Why an object is no page, if it is none: it has no entry and no `meta`, nothing is included, and
/// nothing under names that nobody knows looks like posts, which would be paid for.
fn no_page(root: Raw<'_>) -> Option<NoPage> {
    let mut says_why = false;
    for (key, value) in root.fields() {
        match key.as_ref() {
            "data" if has_no_entry(value) => {}
            "includes" if is_hollow(value) => {}
            "meta" if !value.is_object() || is_problem(root) && !has_token(value) => {}
            "data" | "includes" | "meta" => return None,
            "errors" => says_why |= !is_hollow(value),
            "title" | "detail" | "type" | "status" | "error" | "message" => says_why = true,
            _ if may_hold_posts(value) => return None,
            _ => {}
        }
    }
    Some(if says_why { NoPage::Refusal } else { NoPage::Empty })
}

fn has_no_entry(data: Raw<'_>) -> bool {
    let of_list = || data.is_array() && tweet::entries(data).all(Raw::is_null);
    let of_object = || data.is_object() && data.fields().next().is_none();
    data.is_null() || of_list() || of_object()
}

/// Whether there is nothing in a value.
fn is_hollow(value: Raw<'_>) -> bool {
    let mut inside = value.fields().map(|(_, inner)| inner).chain(value.items());
    value.is_null() || (value.is_object() || value.is_array()) && inside.all(is_hollow)
}

/// Whether there is a list of objects with ids in a value, however deep.
fn may_hold_posts(value: Raw<'_>) -> bool {
    let mut inside = value.fields().map(|(_, inner)| inner).chain(value.items());
    let is_post = |item: Raw<'_>| item.is_object() && item.field("id").is_some();
    value.items().any(is_post) || inside.any(may_hold_posts)
}

/// Whether it is a problem document (RFC 9457): pages have no such fields.
fn is_problem(root: Raw<'_>) -> bool {
    let is_status = |raw: Raw<'_>| raw.get().trim_matches('"').parse().is_ok_and(|n: u16| n >= 400);
    let kind = root.field("type").and_then(Raw::text);
    root.field("status").is_some_and(is_status)
        || kind.is_some_and(|kind| kind.contains("/problems/"))
}

fn has_token(meta: Raw<'_>) -> bool {
    meta.field("next_token").is_some()
}

fn of(body: &Body<'_>, root: Raw<'_>) -> Page {
    if !root.is_object() {
        return Err(undecodable(root, "it is no object"));
    }
    let mut page =
        PageSummary { flaw: body.flaw().map(ToString::to_string), ..PageSummary::default() };
    let (mut meta, mut parts) = (Meta::Absent, 0);
    for (key, value) in root.fields() {
        match key.as_ref() {
            "data" => page.add_data(value),
            "includes" => page.add_includes(value),
            "errors" => page.errors += value.items().count() as u64,
            "meta" => meta = page.add_meta(value, meta),
            _ => continue,
        }
        parts += 1;
    }
    page.end_unknown = page.next_token.is_none() && meta != Meta::Readable;
    if parts == 0 {
        return Err(undecodable(root, "it has none of data, includes, errors, meta"));
    }
    Ok(page)
}

/// What is known of `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meta {
    Absent,
    Readable,
    Odd,
}

impl PageSummary {
    fn add_data(&mut self, data: Raw<'_>) {
        if !data.is_array() && !data.is_object() && !data.is_null() {
            self.strange_data += 1;
        }
        let mut keys = Keys::default();
        for entry in tweet::entries(data) {
            self.add_entry(entry, &mut keys);
        }
        let room = MAX_KEYS.saturating_sub(self.post_keys.len());
        self.post_keys.extend(keys.in_order.into_iter().take(room));
    }

    fn add_entry(&mut self, entry: Raw<'_>, keys: &mut Keys) {
        let mut id = None;
        keys.next = 0;
        for (key, value) in entry.fields() {
            // As in the rows: of several the first counts, and `null` is the same as absent.
            if key == "id" && id.is_none() && !value.is_null() {
                id = Some(tweet::id(value));
            }
            keys.add(&key);
        }
        // What an entry that is no object cost can't be known: at worst it was a post.
        self.reads.posts += u64::from(!entry.is_null());
        self.nameless += u64::from(entry.is_object() && id.is_none());
        match id.flatten() {
            Some(id) => self.ids.push(id),
            None => self.gaps.push((self.ids.len() + self.gaps.len()) as u64),
        }
    }

    /// Adds a `meta` to those before it: whichever has a token counts, and one that is odd leaves
    /// the end open.
    fn add_meta(&mut self, meta: Raw<'_>, before: Meta) -> Meta {
        let mut odd = before == Meta::Odd || !meta.is_object();
        for (key, value) in meta.fields() {
            match key.as_ref() {
                "next_token" if value.is_null() => {}
                "next_token" => match token(value) {
                    Some(token) => self.next_token = Some(token),
                    None => odd = true,
                },
                "result_count" => self.stated_count = value.get().parse().ok(),
                "oldest_id" => self.stated_lowest = tweet::id(value),
                _ => {}
            }
        }
        if odd { Meta::Odd } else { Meta::Readable }
    }
}

/// Keys of entries, in an order in which they came: most entries have the keys of the one before,
/// in the same order, so that each is found at the first look.
#[derive(Debug, Default)]
struct Keys {
    in_order: Vec<String>,
    /// Where the next one should be.
    next: usize,
}

impl Keys {
    fn add(&mut self, key: &str) {
        let (before, from_here) = self.in_order.split_at(self.next);
        let found = from_here.iter().position(|known| known == key).map(|at| self.next + at);
        let found = found.or_else(|| before.iter().position(|known| known == key));
        if found.is_none() && self.in_order.len() < MAX_KEYS {
            self.in_order.insert(self.next, key.to_owned());
        }
        self.next = (found.unwrap_or(self.next) + 1).min(self.in_order.len());
    }
}

/// The longest token that is sent back to X. Our own limit: X's have some 45 characters (recorded
/// 2021-26), and a URL beyond some 8 KB is refused.
const MAX_TOKEN_BYTES: usize = 2048;

/// A token; `None` if it can be none. That is no end: to take it for one would lose the rest of a
/// collection.
fn token(raw: Raw<'_>) -> Option<PageToken> {
    let token = raw.text()?;
    let fits = !token.is_empty() && token.len() <= MAX_TOKEN_BYTES;
    let is_plain = !token.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\u{FFFD}');
    (fits && is_plain).then(|| PageToken(token.into_owned()))
}

fn undecodable(raw: Raw<'_>, reason: &str) -> Undecodable {
    Undecodable { reason: reason.to_owned(), byte: raw.offset() }
}

impl PageSummary {
    /// Paid resources in `includes`, at worst: whatever is not `null` may be one.
    fn add_includes(&mut self, includes: Raw<'_>) {
        for (key, list) in includes.fields() {
            let (count, ids) = match key.as_ref() {
                "tweets" | "posts" => (&mut self.reads.posts, &mut self.included_posts),
                "users" => (&mut self.reads.users, &mut self.included_users),
                _ => continue,
            };
            let lone = list.is_object().then_some(list);
            for item in lone.into_iter().chain(list.items()).filter(|item| !item.is_null()) {
                *count += 1;
                let id = item.fields().find(|(key, _)| key == "id");
                ids.extend(id.and_then(|(_, id)| tweet::id(id)).map(|id| id.0));
            }
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
