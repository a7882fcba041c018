//! One stored column of a row group: values, and which rows have them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::Hash;

use bytes::Bytes;
use parquet::column::writer::{ColumnCloseResult, ColumnWriterImpl};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::schema::Schema;

/// Values with their levels, as Parquet has them: the definition level says how much of the path to
/// a value is there, the repetition level whether it goes on with the row's list
/// (parquet.apache.org/docs/file-format/nestedencoding).
#[derive(Debug)]
pub(super) struct Leaf {
    values: Values,
    definition: Vec<i16>,
    /// Of lists only.
    repetition: Option<Vec<i16>>,
}

/// The values that are there.
#[derive(Debug)]
pub(super) enum Values {
    Texts(Texts),
    Numbers(Vec<i64>),
    Booleans(Vec<bool>),
}

/// Texts, one after the other, and where each ends.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

const ABSENT: i16 = 0;
const PRESENT: i16 = 1;
const EMPTY_LIST: i16 = 1;
const NULL_ELEMENT: i16 = 2;
const ELEMENT: i16 = 3;

impl Leaf {
    pub(super) const fn new(values: Values) -> Self {
        Self { values, definition: Vec::new(), repetition: None }
    }

    pub(super) fn of_lists() -> Self {
        let values = Values::Texts(Texts::default());
        Self { values, definition: Vec::new(), repetition: Some(Vec::new()) }
    }

    /// A row without a value.
    pub(super) fn absent(&mut self) {
        self.level(ABSENT, 0);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.push_text(text);
        self.level(PRESENT, 0);
    }

    pub(super) fn number(&mut self, number: Option<i64>) {
        if let (Values::Numbers(numbers), Some(number)) = (&mut self.values, number) {
            numbers.push(number);
            self.level(PRESENT, 0);
        } else {
            self.absent();
        }
    }

    pub(super) fn boolean(&mut self, value: bool) {
        if let Values::Booleans(booleans) = &mut self.values {
            booleans.push(value);
            self.level(PRESENT, 0);
        }
    }

    pub(super) fn list<'a>(&mut self, items: impl Iterator<Item = Option<Cow<'a, str>>>) {
        let mut repetition = 0;
        for item in items {
            if let Some(text) = &item {
                self.push_text(text);
            }
            self.level(if item.is_some() { ELEMENT } else { NULL_ELEMENT }, repetition);
            repetition = 1;
        }
        if repetition == 0 {
            self.level(EMPTY_LIST, 0);
        }
    }

    /// Bytes that are gathered, roughly.
    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Texts(texts) => texts.bytes.len() + texts.ends.len() * size_of::<usize>(),
            Values::Numbers(numbers) => numbers.len() * size_of::<i64>(),
            Values::Booleans(booleans) => booleans.len(),
        };
        values + self.definition.len() * size_of::<i16>()
    }

    /// Appends what was gathered of the same column elsewhere.
    pub(super) fn append(&mut self, other: Self) {
        match (&mut self.values, other.values) {
            (Values::Texts(texts), Values::Texts(more)) => texts.append(&more),
            (Values::Numbers(numbers), Values::Numbers(more)) => numbers.extend(more),
            (Values::Booleans(booleans), Values::Booleans(more)) => booleans.extend(more),
            // The same column has the same type.
            _ => return,
        }
        self.definition.extend(other.definition);
        if let (Some(levels), Some(more)) = (&mut self.repetition, other.repetition) {
            levels.extend(more);
        }
    }

    /// What has been gathered; then it is empty, with room for as much again.
    pub(super) fn take(&mut self) -> Self {
        let values = match &mut self.values {
            Values::Texts(texts) => {
                Values::Texts(Texts { bytes: take(&mut texts.bytes), ends: take(&mut texts.ends) })
            }
            Values::Numbers(numbers) => Values::Numbers(take(numbers)),
            Values::Booleans(booleans) => Values::Booleans(take(booleans)),
        };
        let (definition, repetition) =
            (take(&mut self.definition), self.repetition.as_mut().map(take));
        Self { values, definition, repetition }
    }

    /// Writes the column, encoded and compressed.
    pub(super) fn write(
        self,
        schema: &Schema,
        descriptor: &ColumnDescPtr,
        out: &mut TrackedWrite<Vec<u8>>,
    ) -> Result<ColumnCloseResult, ParquetError> {
        let target = Target { schema, descriptor, out };
        let levels = (self.definition.as_slice(), self.repetition.as_deref());
        match self.values {
            Values::Texts(texts) => {
                let repeats = repeats(texts.ends.len(), |at| texts.get(at));
                target.write::<ByteArrayType>(&texts.into_values(), levels, repeats)
            }
            Values::Numbers(numbers) => {
                let repeats = repeats(numbers.len(), |at| numbers.get(at));
                target.write::<Int64Type>(&numbers, levels, repeats)
            }
            Values::Booleans(booleans) => target.write::<BoolType>(&booleans, levels, false),
        }
    }

    fn push_text(&mut self, text: &str) {
        if let Values::Texts(texts) = &mut self.values {
            texts.bytes.extend_from_slice(text.as_bytes());
            texts.ends.push(texts.bytes.len());
        }
    }

    fn level(&mut self, definition: i16, repetition: i16) {
        self.definition.push(definition);
        if let Some(levels) = &mut self.repetition {
            levels.push(repetition);
        }
    }
}

/// Where a column is written.
struct Target<'t> {
    schema: &'t Schema,
    descriptor: &'t ColumnDescPtr,
    out: &'t mut TrackedWrite<Vec<u8>>,
}

impl Target<'_> {
    fn write<T: DataType>(
        self,
        values: &[T::T],
        (definition, repetition): (&[i16], Option<&[i16]>),
        repeats: bool,
    ) -> Result<ColumnCloseResult, ParquetError> {
        let properties =
            if repeats { self.schema.with_dictionary() } else { self.schema.properties() };
        let pages = Box::new(SerializedPageWriter::new(self.out));
        let mut writer = ColumnWriterImpl::<T>::new(self.descriptor.clone(), properties, pages);
        writer.write_batch(values, Some(definition), repetition)?;
        writer.close()
    }
}

impl Texts {
    fn append(&mut self, more: &Self) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&more.bytes);
        self.ends.extend(more.ends.iter().map(|end| before + end));
    }

    fn get(&self, at: usize) -> Option<&[u8]> {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        self.bytes.get(start?..*self.ends.get(at)?)
    }

    fn into_values(self) -> Vec<ByteArray> {
        let bytes = Bytes::from(self.bytes);
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| bytes.slice(start..end).into()).collect()
    }
}

/// Whether values come again so often that a dictionary makes the column smaller: at most a quarter
/// of a sample, spread evenly over it, is new. A dictionary that does not pay is given up by the
/// writer, but only after it has cost time.
fn repeats<V: Eq + Hash>(values: usize, get: impl Fn(usize) -> Option<V>) -> bool {
    const SAMPLE: usize = 256;
    let step = (values / SAMPLE).max(1);
    let sample = (0..values).step_by(step).filter_map(get);
    let distinct: HashSet<V> = sample.collect();
    distinct.len() * 4 <= values / step
}

fn take<T>(vector: &mut Vec<T>) -> Vec<T> {
    let next = Vec::with_capacity(vector.len() + vector.len() / 8);
    std::mem::replace(vector, next)
}
