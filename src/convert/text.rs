//! Reads one text into batches of whole values.
//!
//! Memory is a batch and a bit, whatever the input is: a value may not be longer than a limit, and
//! what an archive unpacks to is never held whole, so that a bomb only meets that limit. Where a
//! batch ends depends on the text alone, not on how it happens to arrive.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use memchr::{memchr, memchr_iter};

use super::batch::{Batch, Item};
use super::buffer::Buffer;
use super::cut::{Cut, Cutter, Notation, is_blank};
use super::error::{Broken, ConvertError, Place, Position};
use super::kind::{self, Packing};

/// How much is read at once.
const READ_BYTES: usize = 1 << 18;

/// How many values make a batch, however short they are.
const BATCH_ITEMS: usize = 1 << 12;

/// What the text is read from.
type Unpacked = Box<dyn Read + Send>;

/// A text that is being read.
pub(super) struct Text {
    name: Arc<str>,
    source: Unpacked,
    packing: Packing,
    cutter: Cutter,
    /// What was read and does not belong to a batch yet.
    rest: Buffer,
    /// Where that begins.
    at: Position,
    plan: Plan,
    state: State,
}

/// How to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) limits: Limits,
    /// How many bytes of values make a batch. It has more if one value has.
    pub(super) batch_bytes: usize,
}

/// What is made of inputs that are not as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that a line, or a value in a list, may have.
    pub longest: usize,
    /// What becomes of what is broken.
    pub on_broken: OnBroken,
}

/// What becomes of a broken piece of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBroken {
    /// Nothing is converted.
    Stop,
    /// It is left out, and counted.
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is more to read.
    Going,
    /// In a line that is too long, which is left out.
    Skipping,
    /// Everything was read.
    Ended,
}

impl Text {
    /// Looks into a file or stream, and unpacks it. Bytes are counted as they are read from `raw`.
    pub(super) fn open(
        name: &Arc<str>,
        raw: Unpacked,
        plan: Plan,
        read: &Arc<AtomicU64>,
    ) -> Result<Self, ConvertError> {
        let failed = |source| ConvertError::Input { input: Arc::clone(name), source };
        let raw: Unpacked = Box::new(Counted { raw, read: Arc::clone(read) });
        let (head, raw) = peek(raw).map_err(failed)?;
        refuse_foreign(name, &head)?;
        let packing = Packing::of(&head);
        let source: Unpacked = match packing {
            Packing::None => raw,
            Packing::Gzip => unpacked(name, packing, Box::new(MultiGzDecoder::new(raw)))?,
            Packing::Zstd => {
                let unpacking = zstd::Decoder::new(raw).map_err(failed)?;
                unpacked(name, packing, Box::new(unpacking))?
            }
        };
        Ok(Self {
            name: Arc::clone(name),
            source,
            packing,
            cutter: Cutter::new(),
            rest: Buffer::default(),
            at: Position::START,
            plan,
            state: State::Going,
        })
    }

    /// Whether everything was read.
    pub(super) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// Fills a batch.
    pub(super) fn fill(&mut self, batch: &mut Batch) {
        batch.text.extend(self.rest.as_slice());
        self.rest.clear(usize::MAX);
        let mut begin = 0;
        while self.state != State::Ended {
            begin = self.cut_values(batch, begin);
            if self.is_full(batch, begin) {
                self.rest.extend(batch.text.as_slice().get(begin..).unwrap_or_default());
                batch.text.truncate(begin);
                return;
            }
            self.limit_length(batch, begin);
            begin = self.read_on(batch, begin);
        }
    }

    /// Takes the whole values from `begin` on, until the batch is full: where the next one begins.
    fn cut_values(&mut self, batch: &mut Batch, mut begin: usize) -> usize {
        while self.state == State::Going && !self.is_full(batch, begin) {
            let text = batch.text.as_slice().get(begin..).unwrap_or_default();
            let Some(cut) = self.cutter.next(text) else { break };
            begin = self.take(batch, begin, &cut);
        }
        begin
    }

    /// Takes one value: where the next one begins.
    fn take(&mut self, batch: &mut Batch, begin: usize, cut: &Cut) -> usize {
        let at = self.at.after(cut.value.start, cut.lines_before);
        let bytes = begin + cut.value.start..begin + cut.value.end;
        if cut.value.len() > self.plan.limits.longest {
            self.fail(batch, at, self.too_long());
        } else if !is_blank(batch.text.as_slice().get(bytes.clone())) {
            batch.items.push(Item::Value { bytes, at });
        }
        self.at = self.at.after(cut.end, cut.lines);
        begin + cut.end
    }

    /// Gives up a value that has no end yet and is too long already.
    fn limit_length(&mut self, batch: &mut Batch, begin: usize) {
        let length = batch.text.as_slice().len() - begin;
        if self.state != State::Going || length <= self.plan.limits.longest {
            return;
        }
        self.fail(batch, self.at, self.too_long());
        if self.state == State::Going {
            // In the other notation nobody knows where the next value begins.
            let is_line = self.cutter.notation() != Some(Notation::Values);
            self.state = if is_line { State::Skipping } else { State::Ended };
        }
        batch.text.truncate(begin);
        self.at = self.at.after(length, 0);
        self.cutter.restart();
    }

    /// Reads on: where the next value begins.
    fn read_on(&mut self, batch: &mut Batch, begin: usize) -> usize {
        if self.state == State::Ended {
            return begin;
        }
        match batch.text.read_from(&mut self.source, READ_BYTES) {
            Ok(0) => self.end(batch, begin),
            Ok(_) if self.state == State::Skipping => return self.skip(batch, begin),
            Ok(_) => {}
            Err(error) => self.fail_reading(batch, begin, error),
        }
        begin
    }

    /// Leaves out the rest of a line: where the next one begins.
    fn skip(&mut self, batch: &mut Batch, begin: usize) -> usize {
        let text = batch.text.as_slice().get(begin..).unwrap_or_default();
        if let Some(end) = memchr(b'\n', text) {
            self.at = self.at.after(end + 1, 1);
            self.state = State::Going;
            return begin + end + 1;
        }
        self.at = self.at.after(text.len(), 0);
        batch.text.truncate(begin);
        begin
    }

    /// At the end, what is left is the last value.
    fn end(&mut self, batch: &mut Batch, begin: usize) {
        let text = batch.text.as_slice().get(begin..).unwrap_or_default();
        let last = self.cutter.last(text).filter(|_| self.state == State::Going);
        match last {
            Some(cut) if cut.value.is_empty() => {
                let at = self.at.after(cut.end, cut.lines);
                self.fail(batch, at, "the list is not closed: it was cut off".to_owned());
            }
            Some(cut) => {
                self.take(batch, begin, &cut);
            }
            None => {}
        }
        self.state = State::Ended;
    }

    /// What was read stays good; the piece at the end is lost with what could not be read.
    fn fail_reading(&mut self, batch: &mut Batch, begin: usize, error: io::Error) {
        let text = batch.text.as_slice().get(begin..).unwrap_or_default();
        let at = self.at.after(text.len(), memchr_iter(b'\n', text).count());
        if let Some(reason) = unpacking_failed(self.packing, &error) {
            self.fail(batch, at, reason);
        } else {
            let input = Arc::clone(&self.name);
            batch.items.push(Item::Failed(ConvertError::Input { input, source: error }));
        }
        self.state = State::Ended;
    }

    /// Notes a broken piece.
    fn fail(&mut self, batch: &mut Batch, at: Position, reason: String) {
        let place = Place { input: Arc::clone(&self.name), at: Some(at) };
        batch.items.push(Item::Failed(Broken { place, reason }.into()));
        if self.plan.limits.on_broken == OnBroken::Stop {
            self.state = State::Ended;
        }
    }

    fn is_full(&self, batch: &Batch, begin: usize) -> bool {
        begin >= self.plan.batch_bytes || batch.items.len() >= BATCH_ITEMS
    }

    fn too_long(&self) -> String {
        let what = match self.cutter.notation() {
            Some(Notation::Lines) | None => "line",
            Some(Notation::Values) => "value",
        };
        format!("a {what} of more than {} bytes", self.plan.limits.longest)
    }
}

/// Why unpacking failed; `None` if it was reading that did.
fn unpacking_failed(packing: Packing, error: &io::Error) -> Option<String> {
    if packing == Packing::None || error.raw_os_error().is_some() {
        return None;
    }
    let name = packing.name();
    Some(match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            format!("the file ends in the middle of its {name} data: it was cut off")
        }
        _ => format!("the {name} data of the file are damaged from here on: {error}"),
    })
}

/// Looks into a packed file.
fn unpacked(
    name: &Arc<str>,
    packing: Packing,
    unpacking: Unpacked,
) -> Result<Unpacked, ConvertError> {
    let (head, unpacking) =
        peek(unpacking).map_err(|error| match unpacking_failed(packing, &error) {
            Some(reason) => {
                let place = Place { input: Arc::clone(name), at: Some(Position::START) };
                Broken { place, reason }.into()
            }
            None => ConvertError::Input { input: Arc::clone(name), source: error },
        })?;
    refuse_foreign(name, &head)?;
    if Packing::of(&head) != Packing::None {
        let (what, hint) = ("packed twice", "unpack it once");
        return Err(ConvertError::Foreign { input: Arc::clone(name), what, hint });
    }
    Ok(unpacking)
}

fn refuse_foreign(name: &Arc<str>, head: &[u8]) -> Result<(), ConvertError> {
    match kind::foreign(head) {
        None => Ok(()),
        Some(kind::Foreign { what, hint }) => {
            Err(ConvertError::Foreign { input: Arc::clone(name), what, hint })
        }
    }
}

/// The first bytes of a source, and the source as if they had not been read.
fn peek(mut source: Unpacked) -> io::Result<(Vec<u8>, Unpacked)> {
    let mut head = Vec::new();
    (&mut source).take(kind::HEAD as u64).read_to_end(&mut head)?;
    let whole = Box::new(Cursor::new(head.clone()).chain(source));
    Ok((head, whole))
}

/// Counts what is read through it.
struct Counted {
    raw: Unpacked,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(to)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
