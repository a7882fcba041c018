//! The program from outside: one binary for all integration tests, so that linking is paid once.

mod cli;
