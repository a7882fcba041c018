#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mistnet_fuzz::message(bytes));
