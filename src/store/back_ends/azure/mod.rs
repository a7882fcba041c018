//! Azure Blob Storage: a store in a container of a storage account.
//!
//! | file | what it knows |
//! |---|---|
//! | `settings` | the rows of the table of settings |
//! | `config` | what the settings amount to; what is checked before and after asking |
//! | [`account`] | which account, at which address, by which credential |
//! | [`connection_string`] | the text in which the portal hands all that over |
//! | [`name`] | what a container may be called, and a prefix in it |
//! | `answer` | what Azure's refusals mean, and what a person does about them |
//! | `codes` | the code of a refusal that has no body |
//! | `connection` | how long a call may take; credentials shared by all containers |
//! | `route` | which requests go through a proxy |
//! | `container` | one container as an `ObjectStore`, made by its first write |
//! | `back_end` | such a container as a store |
//!
//! The rows are always there, so that a file of settings is read alike by every build; the others
//! need the feature `azure`.
//!
//! Promises: nothing here shows a key, a signature or a token, in `Debug`, errors or logs; every
//! error names the setting and the next step. It deliberately holds no blob's lease, tag or
//! metadata: the log is the truth, and put-if-absent is all that it needs.

#[cfg(feature = "azure")]
pub mod account;
#[cfg(feature = "azure")]
mod answer;
#[cfg(feature = "azure")]
mod back_end;
#[cfg(feature = "azure")]
mod codes;
#[cfg(feature = "azure")]
mod config;
#[cfg(feature = "azure")]
mod connection;
#[cfg(feature = "azure")]
pub mod connection_string;
#[cfg(feature = "azure")]
mod container;
#[cfg(feature = "azure")]
pub mod name;
#[cfg(feature = "azure")]
mod route;
mod settings;

#[cfg(test)]
#[cfg(feature = "azure")]
pub(in crate::store) mod azurite;
#[cfg(test)]
#[cfg(feature = "azure")]
mod tests;

use crate::azure::identity;
use crate::setting::kind::Offer;
use crate::store::config::Kind;

/// This kind of store.
pub static KIND: Kind = Kind {
    name: "azure",
    built_on: None,
    claims: |text| match text.split_once("://") {
        Some(("az", _)) => true,
        // What people copy from the portal; it is refused with the right form.
        Some(("https" | "http", rest)) => rest.contains(".blob."),
        Some(_) | None => false,
    },
    offer: Some(Offer {
        forms: "a container on Azure: az://container/prefix",
        meaning: "a container of an Azure storage account (`az://container/prefix`)",
    }),
    settings: &[settings::SETTINGS, identity::SETTINGS],
    #[cfg(feature = "azure")]
    back_end: Some(crate::setting::kind::BackEnd {
        read: config::read,
        configure: config::configure,
    }),
    #[cfg(not(feature = "azure"))]
    back_end: None,
    #[cfg(test)]
    samples: settings::SAMPLES,
};
