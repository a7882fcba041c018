//! The cells of a column, gathered until a row group is written.

use std::borrow::Cow;

use super::leaf::{Leaf, Texts, Values};
use crate::columns::{self, Cell, CellType, List, instant, json};
use crate::json::{Document, Raw};

/// The cells of a column.
#[derive(Debug)]
pub(super) struct Column {
    shape: Shape,
    leaf: Leaf,
    /// The ids as numbers.
    numbers: Option<Leaf>,
}

/// How cells become values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Integer,
    Boolean,
    Instant,
    List,
}

impl Column {
    pub(super) fn new(column: &columns::Column) -> Self {
        let texts = || Leaf::new(Values::Texts(Texts::default()));
        let numbers = || Leaf::new(Values::Numbers(Vec::new()));
        let (shape, leaf) = match column.kind {
            CellType::List if column.of_texts => (Shape::List, Leaf::of_lists()),
            CellType::Text | CellType::Id | CellType::List | CellType::Object | CellType::Json => {
                (Shape::Text, texts())
            }
            CellType::Integer => (Shape::Integer, numbers()),
            CellType::Boolean => (Shape::Boolean, Leaf::new(Values::Booleans(Vec::new()))),
            CellType::DateTime => (Shape::Instant, numbers()),
        };
        Self { shape, leaf, numbers: (column.kind == CellType::Id).then(numbers) }
    }

    pub(super) fn push(&mut self, cell: &Cell<'_>) {
        match (self.shape, cell) {
            (Shape::Text, Cell::Text(text) | Cell::DateTime(text) | Cell::Json(text)) => {
                self.leaf.text(text);
            }
            (Shape::Text, Cell::Id(digits)) => {
                self.leaf.text(digits);
                if let Some(numbers) = &mut self.numbers {
                    // At most 19 digits, so it fits; stored are the bits.
                    let number = digits.parse().ok().map(u64::cast_signed);
                    numbers.number(number);
                }
            }
            (Shape::Integer, Cell::Integer(number)) => self.leaf.number(Some(*number)),
            (Shape::Boolean, Cell::Boolean(value)) => self.leaf.boolean(*value),
            (Shape::Instant, Cell::DateTime(text)) => {
                self.leaf.number(instant::micros(text.as_bytes()));
            }
            (Shape::List, Cell::List(list)) => self.list(list.clone()),
            (Shape::List, Cell::Json(list)) => {
                // Made of several values, or with white space in it.
                let list = Document::new(&**list).unwrap_or_default();
                self.list(list.root().items());
            }
            // Nothing came, or it stands in `extra`: a cell is of its column's kind or neither.
            _ => {
                self.leaf.absent();
                if let Some(numbers) = &mut self.numbers {
                    numbers.absent();
                }
            }
        }
    }

    /// Takes a value as it stands in the page, if it fits.
    pub(super) fn push_as_it_stands(&mut self, kind: CellType, raw: Raw<'_>) -> bool {
        match (self.shape, kind) {
            (Shape::Text, CellType::Text) => {
                let text = raw.plain_text();
                text.map(|text| self.leaf.text(text)).is_some()
            }
            (Shape::List, CellType::List) if raw.is_array() => {
                self.list(List::of_items(raw));
                true
            }
            _ => false,
        }
    }

    /// The texts of a list. What is none stands there as its JSON; `null` stays `null`.
    fn list<'r>(&mut self, list: impl Iterator<Item = Raw<'r>>) {
        self.leaf.list(list.map(|raw| (!raw.is_null()).then(|| text_or_json(raw))));
    }

    /// Bytes that are gathered, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.leaf.bytes() + self.numbers.as_ref().map_or(0, Leaf::bytes)
    }

    /// What has been gathered; then it is empty, with room for as much again.
    pub(super) fn take(&mut self) -> Self {
        let numbers = self.numbers.as_mut().map(Leaf::take);
        Self { shape: self.shape, leaf: self.leaf.take(), numbers }
    }

    /// Appends what was gathered in the same column elsewhere.
    pub(super) fn append(&mut self, other: Self) {
        self.leaf.append(other.leaf);
        if let (Some(numbers), Some(more)) = (&mut self.numbers, other.numbers) {
            numbers.append(more);
        }
    }

    /// What has been gathered, as it is stored.
    pub(super) fn into_leaves(self) -> impl Iterator<Item = Leaf> {
        [Some(self.leaf), self.numbers].into_iter().flatten()
    }
}

fn text_or_json(raw: Raw<'_>) -> Cow<'_, str> {
    raw.text().unwrap_or_else(|| json::canonical(raw))
}
