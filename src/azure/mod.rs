//! What the services of Azure have in common: who this program is there, and connection strings.
//!
//! | file | what it knows |
//! |---|---|
//! | [`identity`] | an identity of Microsoft Entra ID: its settings, and what they amount to |
//! | [`entra`] | tokens of Entra ID for such an identity |
//! | [`connection_string`] | the pairs of a connection string |
//!
//! Promises: nothing here shows a secret. It deliberately knows no service: a store on Azure and a
//! queue on Azure say themselves which of their settings come before an identity, and what they want
//! a token for.

pub mod connection_string;
pub mod entra;
pub mod identity;
