//! The `mistnet` command.
fn main() {}
