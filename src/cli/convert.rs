//! `mistnet convert`: archived pages and tweets to a file, without asking X.

mod ending;
mod inputs;
mod options;
mod waiting;

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::anyhow;
use indicatif::ProgressBar;
use tokio_util::sync::CancellationToken;

use super::args::ConvertArgs;
use super::context::Context;
use super::output::Output;
use super::report::{Exit, failure, printable};
use super::signals::stop_token;
use crate::convert::{
    Broken, ConvertError, Destination, Duplicates, Existing, Limits, OnBroken, Settings, Watch,
    convert,
};
use crate::model::spec::FileFormat;

/// The most threads unless more are asked for: each costs some 4 MB, and long before eight are
/// busy one thread can't read fast enough for them.
const MOST_THREADS: usize = 8;

/// How many broken pieces are named; the rest is counted.
const NAMED: u64 = 10;

/// Converts, and says what came of it.
pub async fn run(context: &Context, args: &ConvertArgs) -> anyhow::Result<Exit> {
    let out = destination(&args.out)?;
    let settings = settings(args)?;
    let stop = stop_token()?;
    let found = tokio::select! {
        found = inputs::find(context, &args.inputs, &stop) => found?,
        () = stop.cancelled() => return Err(ending::failed(ConvertError::Interrupted)),
    };
    let watcher = Watcher::new(&context.output, found.bytes, stop);
    let begun = context.clock.elapsed();
    // The work is not of the kind that gives way to others.
    let done = tokio::task::block_in_place(|| convert(found.inputs, &out, &settings, &watcher));
    watcher.bar.finish_and_clear();
    let took = context.clock.elapsed().saturating_sub(begun);
    let summary = done.map_err(ending::failed)?;
    ending::tell(&context.output, &ending::Ending { out: &out, settings: &settings, summary, took })
}

fn destination(out: &Path) -> anyhow::Result<Destination> {
    match out.to_str() {
        Some("-") => Ok(Destination::Stdout),
        Some(url) if url.contains("://") => Err(failure(
            anyhow!("{url} is an address, and OUT is a file"),
            Exit::Usage,
            "convert to a file, and copy that; or - for standard output",
        )),
        Some(_) | None => Ok(Destination::File(out.to_owned())),
    }
}

fn settings(args: &ConvertArgs) -> anyhow::Result<Settings> {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = args.threads.or_else(|| NonZeroUsize::new(cores().min(MOST_THREADS)));
    let on_broken = if args.skip_bad { OnBroken::Skip } else { OnBroken::Stop };
    let format = format_of(args)?;
    Ok(Settings {
        format,
        profile: args.profile,
        options: options::options(args, format)?,
        tables: options::tables(args, format)?,
        threads: threads.unwrap_or(NonZeroUsize::MIN),
        limits: Limits { longest: Limits::DEFAULT_LONGEST, on_broken },
        duplicates: if args.keep_duplicates { Duplicates::Keep } else { Duplicates::Drop },
        existing: if args.force { Existing::Replace } else { Existing::Keep },
    })
}

/// What was asked for, or what OUT's ending says; CSV for what has no ending.
fn format_of(args: &ConvertArgs) -> anyhow::Result<FileFormat> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let name = args.out.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let Some((_, ending)) = name.split_once('.') else { return Ok(FileFormat::Csv) };
    let is_ending = |format: &FileFormat| {
        ending
            .strip_suffix(format.name())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    FileFormat::built_in().find(is_ending).ok_or_else(|| {
        let error = anyhow!("the ending of {} is none of a format known here", args.out.display());
        let known: Vec<_> =
            FileFormat::built_in().map(|format| format!(".{}", format.name())).collect();
        let hint = format!("end it in {}, or say --format csv", known.join(", "));
        failure(error, Exit::Usage, hint)
    })
}

/// Shows how far it is, and names what is left out.
struct Watcher<'o> {
    output: &'o Output,
    bar: ProgressBar,
    stop: CancellationToken,
    skipped: std::sync::atomic::AtomicU64,
}

impl<'o> Watcher<'o> {
    /// `bytes`: of all inputs, if that is known.
    fn new(output: &'o Output, bytes: Option<u64>, stop: CancellationToken) -> Self {
        let bar = match bytes {
            Some(bytes) => output.progress(bytes.div_ceil(MB), "MB"),
            None => output.spinner("MB"),
        };
        Self { output, bar, stop, skipped: 0.into() }
    }
}

const MB: u64 = 1_000_000;

impl Watch for Watcher<'_> {
    fn progress(&self, bytes: u64, rows: u64) {
        self.bar.set_position(bytes / MB);
        if !self.bar.is_hidden() {
            self.bar.set_message(super::text::count(rows, "row"));
        }
    }

    fn skipped(&self, broken: &Broken) {
        let before = self.skipped.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if before < NAMED {
            self.output.warn(&printable(&format!("left out: {broken}")));
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }
}
