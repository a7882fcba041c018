//! What comes from outside and is not what it should be: odd answers, forged messages, damaged
//! records, a store that is full or away.
//!
//! Refused or waited for, always with the reason, and never at the expense of other work.

mod answers;
mod damaged_pages;
mod messages;
mod outages;
mod records;
