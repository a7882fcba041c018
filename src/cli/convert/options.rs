//! What was asked for beyond format and columns, and what of it can't be had together.

use anyhow::anyhow;

use crate::cli::args::ConvertArgs;
use crate::cli::report::{Exit, failure};
use crate::format::{Newlines, Options, Reader};
use crate::model::spec::{FileFormat, Profile};

/// The options of a conversion into this format.
pub(super) fn options(args: &ConvertArgs, format: FileFormat) -> anyhow::Result<Options> {
    if args.newlines != Newlines::Keep {
        only_csv("--newlines", format)?;
        if args.profile == Profile::Twarc {
            let error = anyhow!("--newlines does not go with the profile twarc");
            let hint = "its texts are one line already, as twarc-csv writes them";
            return Err(failure(error, Exit::Usage, hint));
        }
    }
    if args.excel {
        only_csv("--excel", format)?;
    }
    let reader = if args.excel { Reader::Spreadsheets } else { Reader::Programs };
    Ok(Options { newlines: args.newlines, reader })
}

/// Refuses an option that means nothing in a format whose texts are marked off from each other.
fn only_csv(option: &str, format: FileFormat) -> anyhow::Result<()> {
    if format == FileFormat::Csv {
        return Ok(());
    }
    let error = anyhow!("{option} is for CSV, and the output is {}", format.name());
    Err(failure(error, Exit::Usage, "leave it out, or end OUT in .csv"))
}
