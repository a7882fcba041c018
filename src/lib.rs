//! mistnet.
