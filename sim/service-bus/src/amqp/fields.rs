//! The fields of a described list, read in order.

use super::decode::Malformed;
use super::value::Value;

/// Fields that were not read yet. Those that the peer left out read as null.
#[derive(Debug)]
pub struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    /// The fields of a list; anything else is malformed.
    pub fn of(value: Value) -> Result<Self, Malformed> {
        match value {
            Value::List(items) => Ok(Self(items.into_iter())),
            _ => Err(Malformed("fields that are not a list".to_owned())),
        }
    }

    /// The next field, whatever it is.
    pub fn any(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Null)
    }

    /// Passes over fields that nothing here needs.
    pub fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.any();
        }
    }

    /// The next field as a number of up to 32 bits that is not negative.
    pub fn uint(&mut self) -> Result<Option<u32>, Malformed> {
        let field = self.any();
        if field == Value::Null {
            return Ok(None);
        }
        let number = field.as_i64().and_then(|number| u32::try_from(number).ok());
        number.map(Some).ok_or_else(|| Malformed("a field that should be a uint".to_owned()))
    }

    /// The next field as a truth; null is false.
    pub fn flag(&mut self) -> Result<bool, Malformed> {
        match self.any() {
            Value::Null => Ok(false),
            Value::Bool(truth) => Ok(truth),
            _ => Err(Malformed("a field that should be a boolean".to_owned())),
        }
    }

    /// The next field as a text or a symbol.
    pub fn text(&mut self) -> Result<Option<String>, Malformed> {
        match self.any() {
            Value::Null => Ok(None),
            Value::String(text) | Value::Symbol(text) => Ok(Some(text)),
            _ => Err(Malformed("a field that should be a text".to_owned())),
        }
    }
}
