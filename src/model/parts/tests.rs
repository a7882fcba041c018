//! The cut is a pure function of the pages.

use proptest::prelude::*;

use super::*;
use crate::model::record::tests::page;
use crate::model::record::{SealReason, Span, Totals};

/// Pages with these numbers of rows, one after the other.
fn pages(rows: &[u64]) -> Vec<PageHeader> {
    let mut first_row = 0;
    let mut headers = Vec::new();
    for (number, rows) in (0..).zip(rows) {
        let mut header = page(number);
        header.first_row = first_row;
        header.counted = if *rows > 0 { vec![Span { from: 0, to: *rows }] } else { Vec::new() };
        first_row += rows;
        headers.push(header);
    }
    headers
}

fn seal(rows: &[u64], size: u64) -> Sealed {
    let total = rows.iter().sum();
    Sealed {
        version: 1,
        why: SealReason::Exhausted,
        pages: rows.len() as u64,
        parts: count(total, size),
        totals: Totals { rows: total, ..Totals::default() },
        last_page_at: "2026-11-22T12:00:00Z".parse().unwrap(),
    }
}

fn cut(mut cutter: Cutter, headers: &[PageHeader], sealed: &Sealed) -> Vec<Part> {
    let mut parts: Vec<Part> = headers.iter().flat_map(|header| cutter.page(header)).collect();
    parts.extend(cutter.rest(sealed));
    parts
}

#[test]
fn a_part_names_the_pages_that_it_lies_on() {
    let rows = [400, 0, 700, 100];
    let parts = cut(Cutter::new(500), &pages(&rows), &seal(&rows, 500));
    let expected = [
        Part { part: 0, first_page: 0, last_page: 2, rows: 500 },
        Part { part: 1, first_page: 2, last_page: 2, rows: 500 },
        Part { part: 2, first_page: 2, last_page: 3, rows: 200 },
    ];
    assert_eq!(parts, expected);
}

#[test]
fn no_rows_make_no_parts() {
    assert_eq!(cut(Cutter::new(500), &pages(&[0, 0]), &seal(&[0, 0], 500)), []);
}

proptest! {
    #[test]
    fn parts_hold_every_row_once(
        rows in prop::collection::vec(0_u64..600, 1..20),
        size in 1_u64..700,
    ) {
        let headers = pages(&rows);
        let sealed = seal(&rows, size);
        let parts = cut(Cutter::new(size), &headers, &sealed);
        prop_assert_eq!(parts.len() as u64, sealed.parts);
        prop_assert_eq!(parts.iter().map(|part| part.rows).sum::<u64>(), sealed.totals.rows);
        for part in &parts {
            let (first, last) = (part.part * size, part.part * size + part.rows);
            let within = |page: u64| {
                let header = &headers[usize::try_from(page).unwrap()];
                header.first_row..header.first_row + header.rows()
            };
            prop_assert!((part.first_page..=part.last_page).any(|page| within(page).contains(&first)));
            prop_assert!(within(part.last_page).contains(&(last - 1)) || part.part + 1 == sealed.parts);
        }
    }

    #[test]
    fn whoever_takes_over_cuts_the_same_rows(
        rows in prop::collection::vec(0_u64..600, 1..20),
        size in 1_u64..700,
        resume_at in 0_u64..20,
    ) {
        let headers = pages(&rows);
        let sealed = seal(&rows, size);
        let all = cut(Cutter::new(size), &headers, &sealed);
        let resume_at = resume_at.min(all.len() as u64);
        let row = resume_at * size;
        let first = headers.iter().rposition(|header| header.first_row <= row).unwrap();
        let again = cut(Cutter::at(size, resume_at, first as u64), &headers[first..], &sealed);
        let rows = |parts: &[Part]| parts.iter().map(|part| (part.part, part.rows)).collect::<Vec<_>>();
        prop_assert_eq!(rows(&again), rows(&all[usize::try_from(resume_at).unwrap()..]));
    }
}
