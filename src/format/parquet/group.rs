//! A row group: its columns, encoded and compressed on as many threads as there may be.
//!
//! Columns do not depend on one another, so each thread takes the next that waits; the file gets
//! them in order, and its bytes never depend on threads. Memory is what is gathered or compressed
//! already of each column, and for each thread a column in the making.

use std::thread;

use bytes::Bytes;
use parking_lot::Mutex;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::writer::TrackedWrite;
use parquet::schema::types::ColumnDescPtr;

use super::error::wrong;
use super::leaf::Leaf;
use super::schema::Schema;

/// A column as it stands in the file, and what the footer says of it.
type Encoded = (Bytes, ColumnCloseResult);

/// Encodes the columns of a group.
pub(super) fn encode(
    schema: &Schema,
    leaves: Vec<Leaf>,
    threads: usize,
) -> Result<Vec<Encoded>, ParquetError> {
    if leaves.len() != schema.leaves().count() {
        return Err(wrong("there are not as many columns as the schema has"));
    }
    let waiting = Mutex::new(leaves.into_iter().zip(schema.leaves()).enumerate());
    let next = || waiting.lock().next();
    let encode_some = || {
        let mut done = Vec::new();
        while let Some((at, (leaf, descriptor))) = next() {
            done.push((at, encode_one(schema, leaf, descriptor)?));
        }
        Ok::<_, ParquetError>(done)
    };
    let mut all = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(encode_some)).collect();
        let mut all = encode_some()?;
        for other in others {
            all.extend(other.join().map_err(|_| wrong("a column could not be encoded"))??);
        }
        Ok::<_, ParquetError>(all)
    })?;
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, encoded)| encoded).collect())
}

fn encode_one(
    schema: &Schema,
    leaf: Leaf,
    descriptor: &ColumnDescPtr,
) -> Result<Encoded, ParquetError> {
    let mut out = TrackedWrite::new(Vec::new());
    let closed = leaf.write(schema, descriptor, &mut out)?;
    Ok((Bytes::from(out.into_inner()?), closed))
}
