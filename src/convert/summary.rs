//! What a conversion came to.

use super::tally::Tally;
use crate::columns::SideTable;

/// What a conversion came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// What was counted.
    pub tally: Tally,
    /// Pieces of the inputs that were left out.
    pub skipped: u64,
    /// Cells of which the end is missing, because a spreadsheet could not take them.
    pub cells_cut: u64,
    /// Bytes of the inputs, as they lie on the disk.
    pub bytes_in: u64,
    /// Bytes of the output.
    pub bytes_out: u64,
    /// What came of the tables beside it, in the order of the settings.
    pub tables: Vec<SideSummary>,
}

/// What came of a table beside the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideSummary {
    /// Which.
    pub table: SideTable,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub bytes_out: u64,
}
