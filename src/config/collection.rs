//! The settings of a collection: what it is like unless its request says otherwise.
//!
//! All that the configuration knows of such a setting is here: its key, its row in the table of
//! settings, and its part of the [`Defaults`]. Whether a value makes sense is for
//! [`values`] and the model to say.

use super::values;
use crate::model::request::{Defaults, check_brake};
use crate::model::spec::Expand;
use crate::setting::{Invalid, Layers, Setting, SettingError, row};

/// The keys of [`SETTINGS`].
#[expect(missing_docs, reason = "the table below says what each one means")]
pub mod key {
    pub const NUM_RESULTS: &str = "collection.num_results";
    pub const MAX_COST: &str = "collection.max_cost_usd";
    pub const PARTITION_SIZE: &str = "collection.partition_size";
    pub const START_DATE: &str = "collection.start_date";
    pub const END_DATE: &str = "collection.end_date";
    pub const CITE: &str = "collection.cite";
    pub const FORMATS: &str = "collection.formats";
    pub const PROFILE: &str = "collection.profile";
    pub const LAYOUT: &str = "collection.layout";
    pub const SINGLE_FILE: &str = "collection.single_file";
    pub const ARCHIVE: &str = "collection.archive";
    pub const DIALECT: &str = "collection.dialect";
    pub const AUTHORS: &str = "collection.authors";
    pub const MEDIA: &str = "collection.media";
    pub const POLLS: &str = "collection.polls";
    pub const PLACES: &str = "collection.places";
    pub const REFERENCED: &str = "collection.referenced";
}

/// The rows of the table of settings.
pub(super) const SETTINGS: &[Setting] = &[
    row(
        key::NUM_RESULTS,
        &["MISTNET_NUM_RESULTS"],
        "1000",
        "The most rows that a dataset may have, or `all`, which needs a `max_cost_usd`.",
    )
    .flag("--limit"),
    row(
        key::MAX_COST,
        &["MISTNET_MAX_COST_USD"],
        "",
        "The most that a collection may cost, in US dollars, counted at the worst case of what X \
         may charge; reaching it pauses the collection.",
    )
    .absent()
    .flag("--max-cost"),
    row(key::PARTITION_SIZE, &["MISTNET_PARTITION_SIZE"], "1000", "Rows in a part, 1 to 100000.")
        .flag("--partition-size"),
    row(
        key::START_DATE,
        &["MISTNET_START_DATE"],
        "",
        "The first day (`2021-05-24`, UTC) or instant (`2021-05-24T18:00:00Z`); absent: 30 days \
         before the end.",
    )
    .absent()
    .flag("--since"),
    row(
        key::END_DATE,
        &["MISTNET_END_DATE"],
        "",
        "The last day, which is included, or the first instant that is not; absent: now.",
    )
    .absent()
    .flag("--until"),
    row(
        key::CITE,
        &["MISTNET_CITE"],
        "",
        "Whom others are to cite for the datasets, for example `Jane Roe, University of Oslo`; it is \
         written into each when it is accepted.",
    )
    .absent(),
    row(
        key::FORMATS,
        &["MISTNET_FORMATS"],
        "csv",
        "File formats of a dataset: any of `csv`, `jsonl`, `jsonl.gz`, `jsonl.zst` and `parquet`.",
    )
    .list()
    .flag("--format"),
    row(
        key::PROFILE,
        &["MISTNET_PROFILE"],
        "full",
        "Columns: `original` (the 25 of mistnet's predecessor), `full` (these first, then \
         everything else that the API gives) or `twarc` (the 84 of twarc-csv).",
    )
    .flag("--profile"),
    row(
        key::LAYOUT,
        &["MISTNET_LAYOUT"],
        "mistnet",
        "How parts are named: `mistnet` (`parts/part-000000.csv` beside the manifest) or `original` \
         (as mistnet's predecessor did: `Blob_DD_MM_YYYY/…/fileblock_0.csv` in a container \
         `containerMMYYYY`).",
    )
    .flag("--layout"),
    row(
        key::SINGLE_FILE,
        &["MISTNET_SINGLE_FILE"],
        "",
        "Whether a dataset also has one file with all rows; absent: it has one, unless `layout` is \
         `original`.",
    )
    .absent()
    .flag("--no-single-file"),
    row(
        key::ARCHIVE,
        &["MISTNET_ARCHIVE"],
        "all",
        "Which index of X is searched: `all` (since 2006) or `recent` (the last seven days).",
    )
    .flag("--archive"),
    row(
        key::DIALECT,
        &["MISTNET_DIALECT"],
        "tweet",
        "Field names towards X: `tweet` (`tweet.fields`) or `post` (`post.fields`). The dataset \
         is the same.",
    ),
    row(
        key::AUTHORS,
        &["MISTNET_AUTHORS"],
        "true",
        "Whether authors come along. X charges for each.",
    )
    .flag("--no-authors"),
    row(key::MEDIA, &["MISTNET_MEDIA"], "true", "Whether photos and videos come along."),
    row(key::POLLS, &["MISTNET_POLLS"], "true", "Whether polls come along."),
    row(key::PLACES, &["MISTNET_PLACES"], "true", "Whether places come along."),
    row(
        key::REFERENCED,
        &["MISTNET_REFERENCED"],
        "false",
        "Whether the tweets that a tweet refers to come along. X may charge for each.",
    )
    .flag("--referenced"),
];

/// What a collection is like unless its request says otherwise.
pub(super) fn collection(layers: &Layers) -> Result<Defaults, SettingError> {
    let switch = |key| layers.required(key, values::switch);
    let collection = Defaults {
        limit: layers.required(key::NUM_RESULTS, values::limit)?,
        max_cost: layers.optional(key::MAX_COST, values::usd)?,
        partition_size: layers.required(key::PARTITION_SIZE, values::partition_size)?,
        start: layers.optional(key::START_DATE, values::start_date)?,
        end: layers.optional(key::END_DATE, values::end_date)?,
        formats: layers.required(key::FORMATS, values::formats)?,
        profile: layers.required(key::PROFILE, values::profile)?,
        layout: layers.required(key::LAYOUT, values::layout)?,
        single_file: layers.optional(key::SINGLE_FILE, values::switch)?,
        archive: layers.required(key::ARCHIVE, values::archive)?,
        dialect: layers.required(key::DIALECT, values::dialect)?,
        expand: Expand {
            authors: switch(key::AUTHORS)?,
            media: switch(key::MEDIA)?,
            polls: switch(key::POLLS)?,
            places: switch(key::PLACES)?,
            referenced: switch(key::REFERENCED)?,
        },
    };
    check_brake(collection.limit, collection.max_cost).map_err(|problem| {
        layers.refuse(key::NUM_RESULTS, Invalid::new(problem.reason, problem.fix))
    })?;
    Ok(collection)
}

/// For every setting a value that is not its default.
#[cfg(test)]
pub const OTHERS: &[(&str, &str)] = &[
    (key::NUM_RESULTS, "7"),
    (key::MAX_COST, "12.50"),
    (key::PARTITION_SIZE, "7"),
    (key::START_DATE, "2021-05-24"),
    (key::END_DATE, "2021-05-25"),
    (key::CITE, "Jane Roe"),
    (key::FORMATS, "jsonl"),
    (key::PROFILE, "original"),
    (key::LAYOUT, "original"),
    (key::SINGLE_FILE, "false"),
    (key::ARCHIVE, "recent"),
    (key::DIALECT, "post"),
    (key::AUTHORS, "false"),
    (key::MEDIA, "false"),
    (key::POLLS, "false"),
    (key::PLACES, "false"),
    (key::REFERENCED, "true"),
];
