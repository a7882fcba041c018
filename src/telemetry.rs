//! Names of metrics, fields and what is logged, and their set-up.
//!
//! Logs go to stderr: for a person on a terminal, as JSON lines with `MISTNET_LOG_FORMAT=json`.
//! `MISTNET_LOG` (or `RUST_LOG`) chooses what is logged; by default services say what an operator
//! needs (`info`), one-shot commands only what is odd (`warn`). A message is readable alone and
//! has its values as fields, whose names are in [`field`]; a failure is logged once, where it is
//! handled; what happens for each page is `debug`.
//!
//! **Never logged**, at any level: bearer tokens, API keys, connection strings, `Authorization`
//! and `Cookie` headers, queries of signed addresses, text of tweets, names or ids of their
//! authors, bodies of requests and answers.
//!
//! Metrics are held in the process and rendered as Prometheus text for `/metrics`; nothing is
//! pushed anywhere, and no port is opened here.

use std::collections::{BTreeMap, BTreeSet};

use metrics::Unit;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use parking_lot::Mutex;
use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::fmt::{self, MakeWriter, time};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

/// What is logged, in the notation of `tracing_subscriber::filter::Targets`: levels for targets.
pub const LOG_VARIABLE: &str = "MISTNET_LOG";

/// The same for every program in Rust; [`LOG_VARIABLE`] comes first.
pub const USUAL_LOG_VARIABLE: &str = "RUST_LOG";

/// All variables that [`Logging::from_environment`] reads.
pub const VARIABLES: [&str; 3] = [LOG_VARIABLE, USUAL_LOG_VARIABLE, LOG_FORMAT_VARIABLE];

/// `json` or `human`.
pub const LOG_FORMAT_VARIABLE: &str = "MISTNET_LOG_FORMAT";

/// The target of what people should know of a finished dataset. One-shot commands say it themselves
/// at their end, and do not log it too unless they are asked to.
pub const NEWS: &str = "mistnet::news";

/// Names of fields in logs. One name per idea, dots between what has and what is had, units last.
pub mod field {
    /// The id of a collection.
    pub const COLLECTION: &str = "collection.id";
    /// The number of a page.
    pub const PAGE: &str = "page.number";
    /// The number of a part.
    pub const PART: &str = "part.number";
    /// The name of a queue.
    pub const QUEUE: &str = "queue.name";
    /// How others are told: `queue` or `webhook`.
    pub const CHANNEL: &str = "notice.channel";
    /// How often a message was delivered.
    pub const ATTEMPT: &str = "message.attempt";
    /// Rows of a page, part or dataset.
    pub const ROWS: &str = "rows";
    /// Names of fields that X sent and that have no column.
    pub const UNKNOWN_FIELDS: &str = "unknown_fields";
    /// The id of an HTTP request, as its answer's `X-Request-Id` says it.
    pub const REQUEST: &str = "request.id";
    /// The status of an HTTP answer.
    pub const STATUS: &str = "http.status";
    /// The pattern of an HTTP route, never the path itself.
    pub const ROUTE: &str = "http.route";
    /// How long something waits.
    pub const WAIT_SECONDS: &str = "wait_seconds";
    /// How long something took.
    pub const DURATION_SECONDS: &str = "duration_seconds";
    /// Why something failed: the whole chain.
    pub const ERROR: &str = "error";
}

/// Whether something is said for the first time in this process. What can't be mended by trying
/// again is met again and again, and a log that repeats it hides everything else.
///
/// Of more than a thousand sentences the earlier ones are forgotten, and may be said again.
pub fn is_first(sentence: &str) -> bool {
    const MOST: usize = 1_000;
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock();
    if said.len() >= MOST && !said.contains(sentence) {
        said.clear();
    }
    said.insert(sentence.to_owned())
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// A distribution.
    Histogram,
}

/// A metric that this program keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it says, for a person.
    pub meaning: &'static str,
}

/// Pages that were fetched and logged.
pub const PAGES: &str = "mistnet_pages_total";
/// Rows that were fetched and logged.
pub const ROWS: &str = "mistnet_rows_total";
/// Parts that were stored.
pub const PARTS_STORED: &str = "mistnet_parts_stored_total";
/// Requests to X; label `outcome`.
pub const X_REQUESTS: &str = "mistnet_x_requests_total";
/// How long requests to X took, their wait for X's pace included.
pub const X_REQUEST_SECONDS: &str = "mistnet_x_request_seconds";
/// What pages cost at worst, in millionths of a US dollar: counters are whole numbers here.
pub const COST_MICRO_USD: &str = "mistnet_cost_micro_usd_total";
/// Messages in a queue; labels `queue` and `state`.
pub const QUEUE_DEPTH: &str = "mistnet_queue_depth";
/// Messages that were settled; labels `queue` and `outcome`.
pub const MESSAGES: &str = "mistnet_messages_total";
/// Tries to tell others that a dataset is complete; labels `channel` and `outcome`.
pub const NOTICES: &str = "mistnet_notices_total";
/// HTTP requests; labels `route` and `status`.
pub const HTTP_REQUESTS: &str = "mistnet_http_requests_total";
/// How long HTTP requests took; label `route`.
pub const HTTP_REQUEST_SECONDS: &str = "mistnet_http_request_seconds";

/// Every metric.
pub const METRICS: &[Metric] = &[
    counter(PAGES, &[], "Pages fetched from X and logged"),
    counter(ROWS, &[], "Rows fetched from X and logged"),
    counter(PARTS_STORED, &[], "Parts stored, each once however often it was delivered"),
    counter(X_REQUESTS, &["outcome"], "Requests to X by what became of them"),
    histogram(X_REQUEST_SECONDS, &[], "Time to get a page from X, the wait for its pace included"),
    counter(COST_MICRO_USD, &[], "What fetched pages cost at worst, in millionths of a US dollar"),
    gauge(QUEUE_DEPTH, &["queue", "state"], "Messages in a queue by state"),
    counter(MESSAGES, &["queue", "outcome"], "Messages settled by how"),
    counter(NOTICES, &["channel", "outcome"], "Tries to send a notice by what became of them"),
    counter(HTTP_REQUESTS, &["route", "status"], "HTTP requests answered"),
    histogram(HTTP_REQUEST_SECONDS, &["route"], "Time to answer an HTTP request"),
];

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, labels, meaning }
}

const fn gauge(
    name: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, meaning }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, meaning }
}

/// Upper bounds in seconds: from a local answer to the 15 minutes of a rate window
/// (docs.x.com, rate limits, read 2026-08-22).
const SECONDS_BUCKETS: &[f64] =
    &[0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0];

/// The process's metrics, to be rendered.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// Metrics or logs can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// They were set up before.
    #[error("{what} are set up already")]
    Twice {
        /// Metrics or logs.
        what: &'static str,
    },
    /// The filter is no filter.
    #[error("{name} is not a filter for logs, such as info or warn,mistnet::sender=debug")]
    Filter {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The format is unknown.
    #[error("{LOG_FORMAT_VARIABLE} = {value:?}: known are json and human")]
    Format {
        /// What it is set to.
        value: String,
    },
    /// A bucket or name is wrong: a defect of this file.
    #[error("the metrics are described wrongly")]
    Description(#[from] metrics_exporter_prometheus::BuildError),
}

impl Metrics {
    /// Keeps metrics from now on, for the whole process.
    pub fn install() -> Result<Self, TelemetryError> {
        let (recorder, metrics) = recorder()?;
        metrics::set_global_recorder(recorder)
            .map_err(|_| TelemetryError::Twice { what: "metrics" })?;
        describe();
        Ok(metrics)
    }

    /// All of them as Prometheus text (`text/plain; version=0.0.4`).
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

fn recorder() -> Result<(metrics_exporter_prometheus::PrometheusRecorder, Metrics), TelemetryError>
{
    let suffix = Matcher::Suffix("_seconds".to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(suffix, SECONDS_BUCKETS)?;
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    Ok((recorder, Metrics { handle }))
}

/// Tells the recorder what each metric means.
fn describe() {
    for &Metric { name, kind, meaning, .. } in METRICS {
        let unit = if name.ends_with("_seconds") { Unit::Seconds } else { Unit::Count };
        match kind {
            Kind::Counter => metrics::describe_counter!(name, unit, meaning),
            Kind::Gauge => metrics::describe_gauge!(name, unit, meaning),
            Kind::Histogram => metrics::describe_histogram!(name, unit, meaning),
        }
    }
}

/// What runs, and so how much it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A command that ends: says only what is odd.
    OneShot,
    /// A service: says what its operator needs.
    Service,
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person; colours only on a terminal.
    Human(Colour),
    /// One JSON object a line.
    Json,
}

/// Whether text may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It may.
    Yes,
    /// It may not: no terminal, or `NO_COLOR`.
    No,
}

/// What is logged, and how it looks.
#[derive(Debug)]
pub struct Logging {
    filter: Targets,
    format: Format,
}

impl Logging {
    /// What the environment asks for.
    pub fn from_environment(
        environment: &BTreeMap<String, String>,
        role: Role,
        colour: Colour,
    ) -> Result<Self, TelemetryError> {
        let value =
            |name: &str| environment.get(name).map(String::as_str).filter(|v| !v.is_empty());
        let format = match value(LOG_FORMAT_VARIABLE) {
            None | Some("human") => Format::Human(colour),
            Some("json") => Format::Json,
            Some(other) => return Err(TelemetryError::Format { value: other.into() }),
        };
        let named =
            [LOG_VARIABLE, USUAL_LOG_VARIABLE].into_iter().find_map(|n| value(n).map(|v| (n, v)));
        let filter = match named {
            None => role.default_filter(),
            Some((name, text)) => {
                text.parse().map_err(|source| TelemetryError::Filter { name, source })?
            }
        };
        Ok(Self { filter, format })
    }

    /// Logs to `writer` from now on, for the whole process.
    pub fn install<W>(self, writer: W) -> Result<(), TelemetryError>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let subscriber = self.subscriber(writer);
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|_| TelemetryError::Twice { what: "logs" })
    }

    fn subscriber<W>(self, writer: W) -> Box<dyn Subscriber + Send + Sync>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let layer = fmt::layer().with_timer(time::SystemTime).with_writer(writer);
        let layer = match self.format {
            Format::Human(colour) => layer.with_ansi(colour == Colour::Yes).boxed(),
            Format::Json => layer.json().flatten_event(true).boxed(),
        };
        Box::new(registry().with(layer.with_filter(self.filter)))
    }
}

impl Role {
    fn default_filter(self) -> Targets {
        let filter = Targets::new();
        match self {
            Self::OneShot => {
                filter.with_default(LevelFilter::WARN).with_target(NEWS, LevelFilter::ERROR)
            }
            Self::Service => filter.with_default(LevelFilter::INFO),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written when something happens at each level.
    fn logged(variables: &[(&str, &str)], role: Role) -> String {
        let environment =
            variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let logging = Logging::from_environment(&environment, role, Colour::No).unwrap();
        let written = Written::default();
        let writer = written.clone();
        tracing::subscriber::with_default(logging.subscriber(move || writer.clone()), || {
            tracing::info!(rows = 7, "an info");
            tracing::warn!("a warning");
            tracing::warn!(target: NEWS, "some news");
        });
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn services_say_more_than_commands() {
        let text = logged(&[], Role::Service);
        assert!(text.contains("an info") && text.contains("some news"));
        let text = logged(&[], Role::OneShot);
        assert!(text.contains("a warning") && !text.contains("an info"));
        assert!(!text.contains("some news"), "it is said at the end of the command");
    }

    #[test]
    fn our_variable_counts_before_the_common_one() {
        let text = logged(&[("MISTNET_LOG", "info"), ("RUST_LOG", "off")], Role::OneShot);
        assert!(text.contains("an info"));
        assert!(logged(&[("RUST_LOG", "off")], Role::Service).is_empty());
    }

    #[test]
    fn json_logs_are_one_object_a_line() {
        let text = logged(&[("MISTNET_LOG_FORMAT", "json")], Role::Service);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&line["rows"], &line["message"]), (&7.into(), &"an info".into()));
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_wrong_filter_or_format_is_refused() {
        for (name, value) in [("MISTNET_LOG", "mistnet=loud"), ("MISTNET_LOG_FORMAT", "xml")] {
            let environment = BTreeMap::from([(name.to_owned(), value.to_owned())]);
            let refused = Logging::from_environment(&environment, Role::OneShot, Colour::No);
            assert!(refused.unwrap_err().to_string().contains(name));
        }
    }

    #[test]
    fn every_metric_is_rendered_with_its_meaning() {
        let (recorder, metrics) = recorder().unwrap();
        metrics::with_local_recorder(&recorder, || {
            describe();
            for metric in METRICS {
                let labels: Vec<_> =
                    metric.labels.iter().map(|name| metrics::Label::new(*name, "x")).collect();
                match metric.kind {
                    Kind::Counter => metrics::counter!(metric.name, labels).increment(1),
                    Kind::Gauge => metrics::gauge!(metric.name, labels).set(1.0),
                    Kind::Histogram => metrics::histogram!(metric.name, labels).record(0.3),
                }
            }
        });
        let text = metrics.render();
        for Metric { name, meaning, .. } in METRICS {
            assert!(text.contains(&format!("# HELP {name} {meaning}")), "{name} in {text}");
        }
        assert!(text.contains("mistnet_x_request_seconds_bucket{le=\"0.5\"} 1"), "{text}");
        assert!(text.contains("mistnet_x_requests_total{outcome=\"x\"} 1"), "{text}");
    }

    #[test]
    fn names_end_in_what_they_count() {
        for Metric { name, kind, .. } in METRICS {
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert_eq!(name.ends_with("_seconds"), *kind == Kind::Histogram, "{name}");
        }
    }
}
