//! People as JSON, remembered.
//!
//! A person is computed from a number, like everything here, and looks the same to every request
//! for the same fields. As a few of them write much, most of a page's users were written before.
//! Only texts are remembered, of one selection at a time, so that an answer never depends on it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::fields::Selection;
use super::objects;
use super::options::Dialect;
use super::people::People;

/// People remembered at most, some 500 bytes each.
const REMEMBERED: usize = 20_000;

/// See the module's page.
#[derive(Debug, Default)]
pub struct Profiles {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    fields: Vec<String>,
    dialect: Dialect,
    texts: HashMap<u32, Box<str>>,
}

impl Profiles {
    /// Writes a person as a user.
    pub fn write(&self, out: &mut String, people: &People, number: u32, selection: &Selection) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.fields != selection.user || known.dialect != selection.dialect {
            let fields = selection.user.clone();
            *known = Known { fields, dialect: selection.dialect, texts: HashMap::new() };
        }
        if let Some(text) = known.texts.get(&number) {
            out.push_str(text);
            return;
        }
        let begin = out.len();
        objects::user(out, &people.person(number), &selection.user, selection.dialect);
        if known.texts.len() < REMEMBERED {
            known.texts.insert(number, out[begin..].into());
        }
    }
}
