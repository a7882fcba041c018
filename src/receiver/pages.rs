//! Working on a stored page: which of its tweets belong to a part, and what becomes of one that trips
//! over a defect of this program.

use super::error::{InvalidPart, PartError};
use crate::model::record::{Body, PageHeader, Span};
use crate::tweet;

/// Runs work on a page or a part and survives its panic: a page that trips over a defect must not
/// stop the others.
///
/// It takes milliseconds, and other tasks wait so long. To hand them to another thread
/// (`block_in_place`) would spread what the work allocates over the heaps of ever more threads, each
/// of which keeps its largest size.
pub(super) fn compute<T>(work: impl FnOnce() -> T) -> Result<T, PartError> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    done.map_err(|_| PartError::Crashed)
}

/// Decodes a stored page and works on it.
pub(super) fn on_page(
    header: &PageHeader,
    body: &tweet::Body<'_>,
    work: impl FnOnce(&tweet::Page<'_>) -> Result<(), PartError>,
) -> Result<(), PartError> {
    let undecodable = |error: tweet::Undecodable| InvalidPart::Undecodable {
        page: header.page,
        reason: error.to_string(),
    };
    work(&body.decode().map_err(undecodable)?)
}

/// Those tweets of a page that are rows `first..first + rows` of the collection.
pub(super) fn spans_within(header: &PageHeader, first: u64, rows: u64) -> Vec<Span> {
    if header.body != Body::Answer {
        return Vec::new();
    }
    let mut row = header.first_row;
    let mut within = Vec::new();
    for span in &header.counted {
        let length = span.to - span.from;
        let from = first.clamp(row, row + length) - row;
        let to = first.saturating_add(rows).clamp(row, row + length) - row;
        if from < to {
            within.push(Span { from: span.from + from, to: span.from + to });
        }
        row += length;
    }
    within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gives_a_part_only_the_rows_that_are_its_own() {
        let mut header = crate::model::record::tests::page(0);
        header.first_row = 100;
        header.counted = vec![Span { from: 0, to: 10 }, Span { from: 12, to: 20 }];
        let within = |first, rows| spans_within(&header, first, rows);
        assert_eq!(within(0, 100), []);
        assert_eq!(within(0, 1000), header.counted);
        assert_eq!(within(105, 7), [Span { from: 5, to: 10 }, Span { from: 12, to: 14 }]);
        assert_eq!(within(118, 10), []);
    }
}
