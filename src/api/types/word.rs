//! Values of the model that are one word of a list.
//!
//! The list is the model's: a word that it gets is in the document without a change here.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// A value of the model that is one word of a list.
pub(in crate::api) trait Listed: Copy + 'static {
    /// The list's name in the document.
    const LIST: &'static str;
    /// What its words say, for the document.
    const MEANING: &'static str;
    /// Every value.
    const ALL: &'static [Self];

    /// How a value is written.
    fn word(self) -> &'static str;
}

/// Says where the model has the list of a type: in `ALL`, with a `name` for each value.
macro_rules! listed {
    ($type:ty, $list:literal, $meaning:literal) => {
        impl $crate::api::types::word::Listed for $type {
            const LIST: &'static str = $list;
            const MEANING: &'static str = $meaning;
            const ALL: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.name()
            }
        }
    };
}

pub(super) use listed;

/// A value of the model that is one word of a list, as the API shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::api) struct Word<T>(pub(in crate::api) T);

impl<T: Listed> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        let words = T::ALL.iter().map(|value| Value::from(value.word()));
        let list = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some(T::MEANING))
            .enum_values(Some(words));
        list.into()
    }
}

impl<T: Listed> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::LIST)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::model::spec::{Archive, Dialect, FileFormat, FileLayout, Profile};
    use crate::model::state::State;

    fn words_are_what_is_read_and_written<T>()
    where
        T: Listed + Serialize + DeserializeOwned + PartialEq + Debug,
    {
        for value in T::ALL {
            let word = Value::from(value.word());
            assert_eq!(serde_json::to_value(Word(*value)).unwrap(), word);
            assert_eq!(serde_json::from_value::<Word<T>>(word).unwrap(), Word(*value));
        }
    }

    #[test]
    fn the_words_of_the_document_are_those_of_the_answers() {
        words_are_what_is_read_and_written::<FileFormat>();
        words_are_what_is_read_and_written::<Profile>();
        words_are_what_is_read_and_written::<FileLayout>();
        words_are_what_is_read_and_written::<Archive>();
        words_are_what_is_read_and_written::<Dialect>();
        words_are_what_is_read_and_written::<State>();
    }
}
