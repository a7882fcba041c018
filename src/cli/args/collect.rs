//! `mistnet collect`: what to collect, how much of it, and how it is delivered.

use clap::Args;

use crate::config::{Flags, key, values};
use crate::setting::Invalid;
use crate::store::StoreUrl;

const EXAMPLES: &str = "\
Examples:
  mistnet collect '#rustlang'                                 newest 1000 of the last 30 days
  mistnet collect rustlang --since 2021-05-01 --until 2021-05-24 --limit all --max-cost 50
  mistnet collect --query '#rustlang lang:en -is:retweet' --limit 5000 --no-authors
  mistnet collect '#rustlang' --out /srv/tweets --profile original --json

Dates are UTC, and the last day is included. A collection that is interrupted goes on with
`mistnet resume ID`; what was paid for is never fetched again. Put the hashtag in quotes: a shell
takes a bare # for a comment.";

/// `collect`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct CollectArgs {
    /// The hashtag, with or without #
    #[arg(required_unless_present = "query", conflicts_with = "query")]
    pub hashtag: Option<String>,
    /// A query in X's search language in place of a hashtag
    #[arg(long, value_name = "Q")]
    pub query: Option<String>,
    /// The most tweets; `all` needs --max-cost [default: 1000]
    #[arg(long, value_name = "N|all", value_parser = checked(values::limit))]
    limit: Option<String>,
    /// The most that it may cost, counted at the worst case; reaching it pauses the collection
    #[arg(long, value_name = "USD", value_parser = checked(values::usd))]
    max_cost: Option<String>,
    /// First day, or instant (2021-05-24T18:00:00Z) [default: 30 days before the end]
    #[arg(long, value_name = "D", value_parser = checked(values::start_date))]
    since: Option<String>,
    /// Last day, which is included, or first instant that is not [default: now]
    #[arg(long, value_name = "D", value_parser = checked(values::end_date))]
    until: Option<String>,
    /// Which index of X is searched: everything since 2006, or the last seven days
    /// [possible values: all, recent] [default: all]
    #[arg(long, value_name = "INDEX", value_parser = checked(values::archive))]
    archive: Option<String>,
    /// File formats, separated by commas
    /// [possible values: csv, jsonl, jsonl.gz, jsonl.zst, parquet] [default: csv]
    #[arg(long, value_name = "F,…", value_parser = checked(values::formats))]
    format: Option<String>,
    /// Columns: the 25 of mistnet's predecessor, all, or the 84 of twarc-csv
    /// [possible values: original, full, twarc] [default: full]
    #[arg(long, value_name = "P", value_parser = checked(values::profile))]
    profile: Option<String>,
    /// How parts are named: parts/part-000000.csv, or as mistnet's predecessor did
    /// [possible values: mistnet, original] [default: mistnet]
    #[arg(long, value_name = "L", value_parser = checked(values::layout))]
    layout: Option<String>,
    /// Rows in a part [default: 1000]
    #[arg(long, value_name = "N", value_parser = checked(values::partition_size))]
    partition_size: Option<String>,
    /// Only parts, no file with all rows
    #[arg(long)]
    no_single_file: bool,
    /// Without authors: X charges for each
    #[arg(long)]
    no_authors: bool,
    /// With the tweets that a tweet refers to: X may charge for each
    #[arg(long)]
    referenced: bool,
    /// Where the dataset goes: the store of this collection
    #[arg(long, value_name = "DIR|URL", conflicts_with = "store")]
    out: Option<StoreUrl>,
    /// Start without asking
    #[arg(long, short)]
    pub yes: bool,
}

impl CollectArgs {
    /// Says to the configuration what the flags say.
    pub(super) fn add_to(&self, flags: &mut Flags) {
        let text = |present: bool, text: &str| present.then(|| text.to_owned());
        let given = [
            (key::STORE, "--out", self.out.as_ref().map(ToString::to_string)),
            (key::NUM_RESULTS, "--limit", self.limit.clone()),
            (key::MAX_COST, "--max-cost", self.max_cost.clone()),
            (key::START_DATE, "--since", self.since.clone()),
            (key::END_DATE, "--until", self.until.clone()),
            (key::ARCHIVE, "--archive", self.archive.clone()),
            (key::FORMATS, "--format", self.format.clone()),
            (key::PROFILE, "--profile", self.profile.clone()),
            (key::PARTITION_SIZE, "--partition-size", self.partition_size.clone()),
            (key::LAYOUT, "--layout", self.layout.clone()),
            (key::SINGLE_FILE, "--no-single-file", text(self.no_single_file, "false")),
            (key::AUTHORS, "--no-authors", text(self.no_authors, "false")),
            (key::REFERENCED, "--referenced", text(self.referenced, "true")),
        ];
        for (key, flag, value) in given {
            if let Some(value) = value {
                flags.set(key, flag, value);
            }
        }
    }
}

/// Checks a value as the configuration will, and keeps its text, which is all that goes there.
fn checked<T: 'static>(
    parse: fn(&str) -> Result<T, Invalid>,
) -> impl Fn(&str) -> Result<String, Invalid> + Clone + Send + Sync + 'static {
    move |text| parse(text).map(|_| text.to_owned())
}
