//! Where the profile `twarc` is not what `twarc2 csv` writes, and why.
//!
//! `docs/output.md` is made of this, and `tests/witness/twarc_csv.py` has a case for each, by its
//! name. Any other difference is a defect.

/// A difference.
#[derive(Debug)]
pub(crate) struct Difference {
    /// What to call it.
    pub name: &'static str,
    /// What twarc-csv does.
    pub theirs: &'static str,
    /// What mistnet does instead.
    pub ours: &'static str,
    /// Why.
    pub reason: &'static str,
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "whole numbers",
        theirs: "`3.0`, if the column is empty anywhere in the same hundred lines of input",
        ours: "`3`",
        reason: "it counts whole things, and what a cell says must not depend on the rows around it",
    },
    Difference {
        name: "unknown fields",
        theirs: "leaves out all posts of a hundred lines if one of them has a field without a \
                 column, such as `like_count` and `media_count` of every account",
        ours: "writes every row, without that field",
        reason: "a field that is new at X must not cost a row",
    },
    Difference {
        name: "null",
        theirs: "ends with an error at a `null` in a post",
        ours: "an empty cell, as if the value were absent",
        reason: "X omits what is empty; its documents call many fields nullable",
    },
    Difference {
        name: "gaps",
        theirs: "ends with an error at a retweet without any counts, at a tag without its text, at \
                 a profile whose list of links is empty",
        ours: "an empty cell, or a list without that item",
        reason: "something that X left out must not cost a row",
    },
    Difference {
        name: "no id",
        theirs: "leaves out what has no `id`",
        ours: "writes the row",
        reason: "there are as many rows as posts",
    },
    Difference {
        name: "other types",
        theirs: "writes any value into any column",
        ours: "an empty cell in place of a number, a time, an id, a list or a boolean that is \
               something else, JSON in place of a text that is an object",
        reason: "columns have types, which Parquet and `datapackage.json` promise",
    },
    Difference {
        name: "half characters",
        theirs: "ends with an error at half a surrogate pair in a text and at invalid UTF-8",
        ours: "U+FFFD, also in lists",
        reason: "a broken character must not cost more than itself",
    },
    Difference {
        name: "given twice",
        theirs: "takes the last of two values for one key of an object, and of two included objects \
                 with one id",
        ours: "the first (of two in a list or object that is copied as it came, both)",
        reason: "all profiles do so; X does not send such pages",
    },
    Difference {
        name: "post.fields",
        theirs: "knows none of the names of that dialect",
        ours: "the same cells as of `tweet.fields`",
        reason: "either dialect gives the same rows",
    },
];
