//! Lists of values that stand in a page, so that each format writes them straight from there.

use crate::json::{Items, Raw};
use crate::tweet::{self, EntityItemField};

/// The values of a list, in order.
#[derive(Debug, Clone)]
pub struct List<'r> {
    items: Items<'r>,
    /// Which field of each item is the value: the first of these that it has. None: the item.
    fields: &'static [EntityItemField],
}

impl<'r> List<'r> {
    /// The elements of an array.
    #[cfg(feature = "parquet")]
    pub(crate) fn of_items(array: Raw<'r>) -> Self {
        Self { items: array.items(), fields: &[] }
    }

    /// A field of each object in an array; those that have none of `fields` are left out.
    pub(crate) fn of_fields(array: Raw<'r>, fields: &'static [EntityItemField]) -> Self {
        Self { items: array.items(), fields }
    }
}

impl<'r> Iterator for List<'r> {
    type Item = Raw<'r>;

    fn next(&mut self) -> Option<Raw<'r>> {
        let Self { items, fields } = self;
        if fields.is_empty() {
            return items.next();
        }
        items.find_map(|item| fields.iter().find_map(|field| tweet::field(item, *field)))
    }
}

/// Equal if the values are written alike.
impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}
