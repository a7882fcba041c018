//! What mistnet's predecessor lost, doubled or broke: each of its 24 known defects as a test of
//! the pipeline that replaced it.
//!
//! The numbers are those of the list that was made by running the predecessor's code (2026-11-22);
//! each test quotes what it did.
//!
//! | where | which |
//! |---|---|
//! | [`paging`] | 1 to 8: what is fetched, and how much of it |
//! | [`answers`] | 9 to 12, 19, 20, 24: what X answers, and what is made of it |
//! | [`delivery`] | 13 to 18: from the queue to the file |
//! | [`requests`] | 21 to 23: what a user can ask for, and where |

mod answers;
mod delivery;
mod paging;
mod requests;
