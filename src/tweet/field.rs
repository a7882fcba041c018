//! What the fields of a JSON object are called, in both vocabularies.

use crate::model::spec::Dialect;

/// The fields of one kind of object.
pub trait Field: Copy + std::fmt::Debug + 'static {
    /// Every field.
    const ALL: &'static [Self];

    /// The field with that name in either dialect.
    fn named(key: &[u8]) -> Option<Self>;

    /// Its place in [`Field::ALL`].
    fn index(self) -> usize;

    /// Its name in a dialect.
    fn name(self, dialect: Dialect) -> &'static str;
}
