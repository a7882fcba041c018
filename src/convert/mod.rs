//! Archives to files: pages and tweets that lie on a disk or in a store become rows, without
//! asking X again.
//!
//! | file | what |
//! |---|---|
//! | `kind`, `cut`, `flat`, `subject` | decide: what a file is, where a value ends, what is a tweet |
//! | `reader`, `text`, `buffer`, `batch` | inputs, one after the other, as batches of whole values |
//! | `work`, `gate`, `known`, `seen`, `tally` | values to rows; each id once, in order; what was counted |
//! | `pipeline` | batches round and round, on one thread or several |
//! | `outputs`, `out` | files that appear whole or not at all |
//!
//! Promises: every tweet of the inputs becomes a row, except for those with an id that was seen
//! before and those that a log does not count, both of which are counted; the same bytes with any
//! number of threads; memory that does not grow with the inputs; a broken input costs a clear
//! error with its place, or, if that was asked for, no more than what is broken.
//!
//! Deliberately does not: ask a network (a log comes as an iterator), print, decide about exit
//! codes, write into a store.

mod batch;
mod buffer;
mod cut;
mod error;
mod flat;
mod gate;
mod kind;
mod known;
mod out;
mod outputs;
mod pipeline;
mod reader;
mod seen;
mod settings;
mod subject;
mod summary;
mod tally;
mod text;
mod work;

#[cfg(test)]
mod tests;

pub use batch::LogPage;
pub use error::{Broken, ConvertError, Place, Position};
pub use out::{Destination, Existing};
pub use reader::{Input, Source};
pub use settings::{Settings, SideOutput};
pub use summary::{SideSummary, Summary};
pub use tally::Tally;
pub use text::{Limits, OnBroken};
pub use work::Duplicates;

use crate::format::{Encoder, Spare, TableEncoder, chunks_ahead};
use gate::Gate;
use known::Known;
use outputs::Outputs;
use reader::Reader;
use text::Plan;
use work::{Made, Worker};

impl Limits {
    /// The longest line, in bytes, unless the caller says otherwise: ten times the largest page
    /// that X can be thought to send.
    pub const DEFAULT_LONGEST: usize = 64 << 20;
}

/// How many bytes of text are worked on at once, give or take a value: a page of 500 tweets has
/// more, and is a batch by itself.
const BATCH_BYTES: usize = 1 << 20;

/// Who watches a conversion. It is told after each batch, on the caller's thread; `is_stopped` is
/// asked also when something failed, because what is stopped may fail.
pub trait Watch {
    /// So many bytes of the inputs are done, as they lie on the disk, and so many rows.
    fn progress(&self, bytes: u64, rows: u64);

    /// This was left out.
    fn skipped(&self, broken: &Broken);

    /// Whether to give up.
    fn is_stopped(&self) -> bool;
}

/// Converts inputs, in their order, to one output, and to tables beside it if they are asked for.
/// If it fails, nothing is left under their names that was not there before, unless the system
/// fails between the names of several.
pub fn convert(
    inputs: Vec<Input>,
    out: &Destination,
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<Summary, ConvertError> {
    let Settings { format, profile, options, limits, .. } = *settings;
    let mut outputs = Outputs::begin(out, settings)?;
    let ahead = settings.threads.get() + chunks_ahead(format);
    let gate = Gate::new(Known::new(&out.folder(), settings.tables.len()), ahead);
    let spare = Spare::default();
    let worker = |_| -> Result<Worker<'_>, ConvertError> {
        let encoder = Encoder::new(format, profile, options)?.sharing(&spare);
        let (on_broken, duplicates) = (limits.on_broken, settings.duplicates);
        let tables = settings.tables.iter().map(|side| {
            let encoder = TableEncoder::new(side.table, format, profile, options)?;
            Ok::<_, ConvertError>((side.table, encoder))
        });
        let tables = tables.collect::<Result<_, _>>()?;
        Ok(Worker { gate: &gate, encoder, tables, on_broken, duplicates })
    };
    let workers = (0..settings.threads.get()).map(worker).collect::<Result<_, _>>()?;
    let (mut summary, mut first_broken) = (Summary::default(), None);
    let reader = Reader::new(inputs, Plan { limits, batch_bytes: BATCH_BYTES });
    let ran = pipeline::run(reader, workers, &gate, &mut |mut made| {
        summary.add(&made);
        made.tally.skipped.iter().for_each(|broken| watch.skipped(broken));
        first_broken = first_broken.take().or_else(|| made.tally.skipped.first().cloned());
        outputs.write(&mut made)?;
        watch.progress(summary.bytes_in, summary.tally.rows);
        if watch.is_stopped() { Err(ConvertError::Interrupted) } else { Ok(()) }
    });
    ran.map_err(|error| if watch.is_stopped() { ConvertError::Interrupted } else { error })?;
    if let Some(broken) = first_broken.filter(|_| summary.tally.pages == 0) {
        return Err(ConvertError::NothingReadable(broken));
    }
    outputs.finish(&mut summary)?;
    Ok(summary)
}

impl Summary {
    fn add(&mut self, made: &Made) {
        self.tally.add(&made.tally);
        self.skipped += made.tally.skipped.len() as u64;
        self.bytes_in = made.read;
    }
}
