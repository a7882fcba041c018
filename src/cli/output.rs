//! What a command prints: data on stdout, talk on stderr.
//!
//! | | for a person | `--json` |
//! |---|---|---|
//! | stdout | lines and tables | one JSON object, on the last line |
//! | stderr | talk, progress bars on a terminal | the same |
//! | stderr with `--quiet` | errors and warnings | the same |
//!
//! A command calls both [`Output::line`] and [`Output::json`], and only the one that was asked for
//! prints. Progress bars and log lines share stderr: log lines go through [`Output::log_writer`],
//! which takes the bars away while it writes.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use parking_lot::Mutex;
use serde::Serialize;
use tracing_subscriber::fmt::MakeWriter;

use crate::telemetry::Colour;

/// Whom stdout is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A person.
    Text,
    /// A program.
    Json,
}

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    /// What happens.
    Normal,
    /// Only what is wrong.
    Quiet,
}

/// What a stream is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// A terminal, with a person in front of it.
    Terminal,
    /// A file, a pipe, nothing.
    Other,
}

impl Stream {
    fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() { Self::Terminal } else { Self::Other }
    }
}

/// Standard output can't be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write to standard output")]
pub struct OutputError(#[source] pub io::Error);

type Sink = Mutex<Box<dyn Write + Send>>;

/// Where a command prints.
pub struct Output {
    mode: Mode,
    talk: Talk,
    stdout: Stream,
    stderr: Stream,
    colour: Colour,
    data: Sink,
    words: Sink,
    bars: MultiProgress,
}

impl Output {
    /// The process's own streams.
    pub fn of_process(mode: Mode, talk: Talk, environment: &BTreeMap<String, String>) -> Self {
        let stderr = Stream::of(&io::stderr());
        let shows_bars = stderr == Stream::Terminal && talk == Talk::Normal;
        let target =
            if shows_bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            mode,
            talk,
            stdout: Stream::of(&io::stdout()),
            stderr,
            colour: colour_for(stderr, environment),
            data: Mutex::new(Box::new(io::stdout())),
            words: Mutex::new(Box::new(io::stderr())),
            bars: MultiProgress::with_draw_target(target),
        }
    }

    /// Any streams; no terminal.
    pub fn to(
        mode: Mode,
        talk: Talk,
        data: impl Write + Send + 'static,
        words: impl Write + Send + 'static,
    ) -> Self {
        Self {
            mode,
            talk,
            stdout: Stream::Other,
            stderr: Stream::Other,
            colour: Colour::No,
            data: Mutex::new(Box::new(data)),
            words: Mutex::new(Box::new(words)),
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::hidden()),
        }
    }

    /// Whom stdout is for.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether talk may be coloured.
    pub fn colour(&self) -> Colour {
        self.colour
    }

    /// Whether a person can be asked: both what they read and what they type is a terminal.
    pub fn can_ask(&self) -> bool {
        self.stderr == Stream::Terminal && Stream::of(&io::stdin()) == Stream::Terminal
    }

    /// Data for a person; nothing with `--json`.
    pub fn line(&self, text: &str) -> Result<(), OutputError> {
        match self.mode {
            Mode::Text => self.write_data(text),
            Mode::Json => Ok(()),
        }
    }

    /// Data for a program, on one line; nothing without `--json`.
    pub fn json(&self, value: &impl Serialize) -> Result<(), OutputError> {
        match self.mode {
            Mode::Text => Ok(()),
            Mode::Json => {
                let text = serde_json::to_string(value).map_err(|e| OutputError(e.into()))?;
                self.write_data(&text)
            }
        }
    }

    /// Data for a program on stderr, because stdout is full of other data.
    pub fn json_beside(&self, value: &impl Serialize) -> Result<(), OutputError> {
        if self.mode == Mode::Json {
            let text = serde_json::to_string(value).map_err(|e| OutputError(e.into()))?;
            self.write_words(&text);
        }
        Ok(())
    }

    /// A table for a person: as wide as the terminal, elsewhere as wide as its content.
    pub fn table(
        &self,
        header: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Result<(), OutputError> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(header.to_vec()).add_rows(rows);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        table.set_content_arrangement(match self.stdout {
            Stream::Terminal => ContentArrangement::Dynamic,
            Stream::Other => ContentArrangement::Disabled,
        });
        if self.colour == Colour::No {
            table.force_no_tty();
        }
        self.line(&table.trim_fmt())
    }

    /// Talk: what happens, for a person who waits.
    pub fn say(&self, text: &str) {
        match self.talk {
            Talk::Normal => self.write_words(text),
            Talk::Quiet => {}
        }
    }

    /// Something is odd: said even with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.write_words(&format!("warning: {text}"));
    }

    /// Asks on stderr, whatever was said about quiet, and waits for a line.
    pub async fn ask(&self, question: &str) -> io::Result<String> {
        self.write_words(question);
        let read = || {
            let mut answer = String::new();
            io::stdin().read_line(&mut answer).map(|_| answer)
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }

    /// Whether progress is seen as bars; else it takes lines.
    pub fn shows_bars(&self) -> bool {
        !self.bars.is_hidden()
    }

    /// A bar that fills up to `total`; seen on a terminal only.
    pub fn progress(&self, total: u64, what: &'static str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new(total));
        bar.set_prefix(what);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg} {eta}")
        {
            bar.set_style(style);
        }
        bar
    }

    /// A bar without an end; seen on a terminal only.
    pub fn spinner(&self, what: &'static str) -> ProgressBar {
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.set_prefix(what);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {pos} {msg}") {
            bar.set_style(style);
        }
        bar
    }

    /// Where log lines go.
    pub fn log_writer(&self) -> LogWriter {
        LogWriter { bars: self.bars.clone() }
    }

    fn write_data(&self, text: &str) -> Result<(), OutputError> {
        let write = || {
            let mut data = self.data.lock();
            writeln!(data, "{text}")?;
            data.flush()
        };
        self.bars.suspend(write).map_err(OutputError)
    }

    fn write_words(&self, text: &str) {
        self.bars.suspend(|| {
            let mut words = self.words.lock();
            // A command goes on when nobody listens.
            let _ = writeln!(words, "{text}");
        });
    }
}

/// Colour is for terminals, and for nobody who says `NO_COLOR` (no-color.org, read 2026-11).
fn colour_for(stream: Stream, environment: &BTreeMap<String, String>) -> Colour {
    let refused = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty())
        || environment.get("TERM").is_some_and(|term| term == "dumb");
    if stream == Stream::Terminal && !refused { Colour::Yes } else { Colour::No }
}

/// Writes log lines to stderr without tearing the progress bars.
#[derive(Debug, Clone)]
pub struct LogWriter {
    bars: MultiProgress,
}

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().clone()).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a command that prints everything prints.
    fn printed(mode: Mode, talk: Talk) -> (String, String) {
        let (data, words) = (Written::default(), Written::default());
        let output = Output::to(mode, talk, data.clone(), words.clone());
        output.say("fetching");
        output.warn("the clock is late");
        output.progress(3, "tweets").inc(1);
        output.line("./data/20261122-rustlang-k3v9x2m7qa").unwrap();
        let rows = [["a", "queued"], ["bcd", "complete"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        output.table(&["id", "state"], rows).unwrap();
        output.json(&serde_json::json!({"state": "complete"})).unwrap();
        (data.text(), words.text())
    }

    #[test]
    fn people_get_lines_and_tables() {
        let (data, words) = printed(Mode::Text, Talk::Normal);
        insta::assert_snapshot!(data);
        assert_eq!(words, "fetching\nwarning: the clock is late\n");
    }

    #[test]
    fn programs_get_one_line_of_json() {
        let (data, _) = printed(Mode::Json, Talk::Normal);
        assert_eq!(data, "{\"state\":\"complete\"}\n");
    }

    #[test]
    fn quiet_leaves_warnings_and_data() {
        let (data, words) = printed(Mode::Text, Talk::Quiet);
        assert_eq!(words, "warning: the clock is late\n");
        assert!(data.contains("complete"));
    }

    #[test]
    fn colour_is_for_terminals_unless_refused() {
        let environment = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let terminal = |name, value| colour_for(Stream::Terminal, &environment(name, value));
        assert_eq!(terminal("NO_COLOR", "1"), Colour::No);
        assert_eq!(terminal("NO_COLOR", ""), Colour::Yes);
        assert_eq!(terminal("TERM", "dumb"), Colour::No);
        assert_eq!(colour_for(Stream::Other, &BTreeMap::new()), Colour::No);
    }
}
