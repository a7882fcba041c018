//! What a kind of queue or store is: all that the rest of the program knows of a back end that
//! nothing is open on yet.
//!
//! A back end is one [`Kind`], which stands in its own folder; a room lists its kinds, and everybody
//! else goes through that list. `C` is what the room calls a configured back end.
//!
//! Promises: an address is shown as its kind writes it; one that no kind claims, or whose kind this
//! build leaves out, is refused with the forms of all that it has; no address with a secret in it is
//! taken or shown.

use std::fmt;
use std::sync::Arc;

use super::error::SettingError;
use super::invalid::Invalid;
use super::layers::Layers;
use super::recognise::recognise;
use super::row::Setting;

/// A kind of back end.
pub struct Kind<C: ?Sized + 'static> {
    /// Its name, for people.
    pub name: &'static str,
    /// The library that it is built on, with its version, if that is worth knowing.
    pub built_on: Option<fn() -> String>,
    /// Whether an address is one of its own, by its beginning.
    pub claims: fn(&str) -> bool,
    /// What people are told of it; nothing of one that is for tests.
    pub offer: Option<Offer>,
    /// Its rows of the table of settings, in groups: a group may belong to several kinds.
    pub settings: &'static [&'static [Setting]],
    /// How it is configured, if this build has it.
    pub back_end: Option<BackEnd<C>>,
    /// How tests reach each of its settings.
    #[cfg(test)]
    pub samples: &'static [Sample],
}

/// What people are told of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// How its addresses are written, after the word "use".
    pub forms: &'static str,
    /// What it is good for, as the document of settings says it.
    pub meaning: &'static str,
}

/// How a back end is configured.
pub struct BackEnd<C: ?Sized + 'static> {
    /// Checks the form of an address, and writes it as it is shown.
    pub read: fn(&str) -> Result<String, Invalid>,
    /// Reads every setting that belongs to an address.
    pub configure: fn(&str, &Layers) -> Result<Arc<C>, SettingError>,
}

/// An address, and settings that matter there.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The address.
    pub address: &'static str,
    /// Settings without which the others have no effect, or which are needed.
    pub given: &'static [(&'static str, &'static str)],
    /// Settings, each with a value that is neither its default nor given.
    pub others: &'static [(&'static str, &'static str)],
}

/// An address whose form was checked by the kind that claims it. Whether the place exists is found
/// out when it is opened.
pub struct Address<C: ?Sized + 'static> {
    text: String,
    back_end: &'static BackEnd<C>,
}

impl<C: ?Sized> Address<C> {
    /// Reads an address of one of `kinds`. `refused` says why one that nobody claims is refused.
    pub fn read(
        text: &str,
        kinds: &'static [&'static Kind<C>],
        refused: impl FnOnce(&str) -> String,
    ) -> Result<Self, Invalid> {
        // An address is shown, and a folder is called by it.
        if let Some(secret) = recognise(text) {
            return Err(secret.refusal());
        }
        let claimed = kinds.iter().find(|kind| (kind.claims)(text));
        match claimed.and_then(|kind| kind.back_end.as_ref()) {
            Some(back_end) => Ok(Self { text: (back_end.read)(text)?, back_end }),
            None => Err(Invalid::new(refused(text), forms(kinds))),
        }
    }

    /// Reads every setting that belongs to this address.
    pub fn configure(&self, layers: &Layers) -> Result<Arc<C>, SettingError> {
        (self.back_end.configure)(&self.text, layers)
    }
}

impl<C: ?Sized> Clone for Address<C> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), back_end: self.back_end }
    }
}

impl<C: ?Sized> fmt::Debug for Address<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<C: ?Sized> fmt::Display for Address<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<C: ?Sized> fmt::Debug for Kind<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kind").field(&self.name).finish()
    }
}

/// How the addresses of all kinds in this build are written.
pub fn forms<C: ?Sized>(kinds: &[&Kind<C>]) -> String {
    let built = kinds.iter().filter(|kind| kind.back_end.is_some());
    let forms = built.filter_map(|kind| Some(kind.offer?.forms)).collect();
    format!("use {}", joined(forms, ", "))
}

/// What all kinds are good for, this build's and others'.
pub fn meanings<C: ?Sized>(kinds: &[&Kind<C>], separator: &str) -> String {
    joined(kinds.iter().filter_map(|kind| Some(kind.offer?.meaning)).collect(), separator)
}

/// The members of a choice.
fn joined(mut members: Vec<&str>, separator: &str) -> String {
    let last = members.pop().unwrap_or_default();
    match members.as_slice() {
        [] => last.to_owned(),
        others => format!("{}{separator}or {last}", others.join(separator)),
    }
}
