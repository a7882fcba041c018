//! The first rows of a dataset, as JSON.
//!
//! Only as much of the first part is read as the rows take; of a dataset without CSV, as much of
//! its pages. Values are texts, exactly as they are in CSV: ids would not survive as JSON numbers.

use axum::Json;
use axum::extract::{Path, Query, State};
use futures::TryStreamExt;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::Face;
use super::input::Parameters;
use super::problem::{Kind, Problem, ProblemBody};
use crate::format::PartWriter;
use crate::model::record::{Span, StoredFile};
use crate::model::spec::FileFormat;
use crate::store::{Log, StoreError};
use crate::tweet;

/// Rows in an answer, unless the caller says otherwise.
const DEFAULT_ROWS: usize = 10;

/// Most rows in an answer.
const MAX_ROWS: usize = 100;

/// A row: names and values in the file's order.
#[derive(Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = HashMap<String, String>)]
pub(super) struct Row(Vec<(String, String)>);

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Look at the first rows
///
/// The first rows of the first part, as objects of texts. An empty list: no part is stored yet.
#[utoipa::path(
    get, path = "/api/v1/collections/{id}/preview", tag = "files", operation_id = "preview",
    params(
        ("id" = String, Path, description = "The collection's id"),
        ("rows" = Option<u8>, Query, description = "How many, 1 to 100. Left out: 10", minimum = 1, maximum = 100),
    ),
    responses(
        (status = 200, description = "Rows", body = Vec<Row>),
        (status = 400, description = "A parameter is wrong", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such collection", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store can't be used now", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn preview(
    State(face): State<Face>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Result<Json<Vec<Row>>, Problem> {
    let wanted = Parameters::new(query, &["rows"])?.count("rows", DEFAULT_ROWS, MAX_ROWS)?;
    let log = face.log(&id).await?;
    let receipt = log.receipt(0).await?;
    let Some(receipt) = receipt else { return Ok(Json(Vec::new())) };
    let (path, beginning) = match receipt.files.iter().find(|file| file.format == FileFormat::Csv) {
        Some(file) => (file.path.as_str(), beginning(&log, file, wanted + 1).await?),
        None => ("the log", encoded(&log, receipt.rows.min(wanted as u64)).await?),
    };
    rows(&beginning, wanted)
        .map(Json)
        .map_err(|error| Problem::new(Kind::Damaged, format!("{path} can't be read: {error}")))
}

/// The first rows of the log's pages as CSV.
async fn encoded(log: &Log, wanted: u64) -> Result<Vec<u8>, Problem> {
    let damaged = |error: String| Problem::new(Kind::Damaged, error);
    let Some(created) = log.created().await? else { return Ok(Vec::new()) };
    let writer = PartWriter::new(FileFormat::Csv, created.spec.profile);
    let mut writer = writer.map_err(|error| damaged(error.to_string()))?;
    for page in 0.. {
        if writer.rows() >= wanted {
            break;
        }
        let record = log.page(page).await?;
        let spans = first_rows(&record.header.counted, wanted - writer.rows());
        if !spans.is_empty() {
            let body = tweet::Body::new(&record.body);
            let decoded = body.decode().map_err(|error| damaged(error.to_string()))?;
            writer.page(&decoded, &spans).map_err(|error| damaged(error.to_string()))?;
        }
    }
    let encoded = writer.finish().map_err(|error| damaged(error.to_string()))?;
    Ok(encoded.bytes)
}

/// The first `wanted` rows of those in `spans`.
fn first_rows(spans: &[Span], wanted: u64) -> Vec<Span> {
    let mut left = wanted;
    let mut first = Vec::new();
    for span in spans {
        let length = left.min(span.to - span.from);
        if length > 0 {
            first.push(Span { from: span.from, to: span.from + length });
        }
        left -= length;
    }
    first
}

/// The first `records` records of a CSV file, the header included.
async fn beginning(log: &Log, file: &StoredFile, records: usize) -> Result<Vec<u8>, StoreError> {
    let (store, key) = log.place(file)?;
    let pieces = store.pieces(&key).await?;
    let mut pieces = pieces.ok_or_else(|| StoreError::Missing { key: key.to_string() })?;
    let mut bytes = Vec::new();
    let mut ends = RecordEnds { left: records, quoted: false };
    while ends.left > 0
        && let Some(piece) = pieces.try_next().await?
    {
        let taken = ends.take(&piece);
        bytes.extend(piece.iter().take(taken));
    }
    Ok(bytes)
}

/// Counts ends of records: line breaks outside of quotes (RFC 4180).
struct RecordEnds {
    left: usize,
    quoted: bool,
}

impl RecordEnds {
    /// How many bytes of a piece belong to the records that are left.
    fn take(&mut self, piece: &[u8]) -> usize {
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                b'"' => self.quoted = !self.quoted,
                b'\n' if !self.quoted => self.left -= 1,
                _ => {}
            }
            if self.left == 0 {
                return at + 1;
            }
        }
        piece.len()
    }
}

fn rows(csv: &[u8], wanted: usize) -> Result<Vec<Row>, csv::Error> {
    let mut reader = csv::Reader::from_reader(csv);
    let names = reader.headers()?.clone();
    let row = |record: csv::StringRecord| {
        Row(names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect())
    };
    reader.records().take(wanted).map(|record| record.map(row)).collect()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn records_end_outside_quotes_wherever_pieces_are_cut() {
        let csv = b"id,tweet\n1,\"a\nb \"\"c\"\"\"\n2,d\n3,e\n";
        for cut in 0..csv.len() {
            let mut counter = RecordEnds { left: 2, quoted: false };
            let (first, second) = csv.split_at(cut);
            let mut taken = first[..counter.take(first)].to_vec();
            if counter.left > 0 {
                taken.extend_from_slice(&second[..counter.take(second)]);
            }
            assert_eq!(taken, b"id,tweet\n1,\"a\nb \"\"c\"\"\"\n", "cut at {cut}");
        }
    }

    #[test]
    fn the_first_rows_of_spans_are_as_many_as_wanted() {
        let spans = [Span { from: 2, to: 5 }, Span { from: 7, to: 9 }];
        assert_eq!(first_rows(&spans, 4), [Span { from: 2, to: 5 }, Span { from: 7, to: 8 }]);
        assert_eq!(first_rows(&spans, 9), spans);
        assert_eq!(first_rows(&spans, 0), []);
    }

    #[test]
    fn rows_keep_the_order_of_columns_and_every_digit() {
        let csv = b"tweet,id,author\n\"a\nb\",2062875508879110287,\n";
        let json = serde_json::to_string(&rows(csv, 5).unwrap()).unwrap();
        let shown = r#"[{"tweet":"a\nb","id":"2062875508879110287","author":""}]"#;
        assert_eq!(json, shown);
    }
}
