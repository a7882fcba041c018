//! How the rows of a collection are cut into parts.
//!
//! Part k holds rows `k·size` up to `(k+1)·size`, whatever pages they came on, so the cut is a
//! pure function of the specification and the page headers: a sender that takes over, or a sweep,
//! arrives at the same parts.

use serde::{Deserialize, Serialize};

use super::record::{PageHeader, Sealed};

/// A part that can be stored: which rows, and on which pages they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, from 0.
    pub part: u64,
    /// The page with its first row.
    pub first_page: u64,
    /// The page with its last row.
    pub last_page: u64,
    /// Its rows.
    pub rows: u64,
}

/// Cuts pages, given one after the other, into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutter {
    size: u64,
    part: u64,
    first_page: u64,
}

impl Cutter {
    /// A cutter at the beginning of a collection; `size` is the partition size, at least 1.
    pub fn new(size: u64) -> Self {
        Self { size: size.max(1), part: 0, first_page: 0 }
    }

    /// A cutter that goes on at `part`, whose first row is on `first_page` or a later page.
    pub fn at(size: u64, part: u64, first_page: u64) -> Self {
        Self { size: size.max(1), part, first_page }
    }

    /// The part that is being filled.
    pub fn open_part(&self) -> u64 {
        self.part
    }

    /// The first row of a part.
    pub fn first_row(&self, part: u64) -> u64 {
        part * self.size
    }

    /// The parts that this page completes.
    pub fn page(&mut self, header: &PageHeader) -> Vec<Part> {
        let rows = header.first_row + header.rows();
        let mut parts = Vec::new();
        while self.first_row(self.part + 1) <= rows {
            parts.push(self.cut(header.page, self.size));
            let inside = self.first_row(self.part) < rows;
            self.first_page = if inside { header.page } else { header.page + 1 };
        }
        parts
    }

    /// The last part, if rows are left when all pages are in.
    pub fn rest(&mut self, sealed: &Sealed) -> Option<Part> {
        let rows = sealed.totals.rows.saturating_sub(self.first_row(self.part));
        (rows > 0).then(|| self.cut(sealed.pages.saturating_sub(1), rows))
    }

    fn cut(&mut self, last_page: u64, rows: u64) -> Part {
        let part = Part { part: self.part, first_page: self.first_page, last_page, rows };
        self.part += 1;
        part
    }
}

/// How many parts so many rows make.
pub fn count(rows: u64, size: u64) -> u64 {
    rows.div_ceil(size.max(1))
}

#[cfg(test)]
mod tests;
