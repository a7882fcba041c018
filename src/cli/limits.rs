//! What the operating system does to a process that goes beyond a limit.
//!
//! A file that grows beyond the limit on the size of files (`ulimit -f`, `LimitFSIZE=` of systemd)
//! raises SIGXFSZ, which ends a process on the spot. Once [`write_errors_instead_of_death`] has
//! been called, the write fails with EFBIG instead ("File too large"; man 2 setrlimit, read
//! 2026-11), and so takes the way of a full disk: the page that was paid for is kept in memory
//! until it can be written. It holds for all threads, until the process ends.
//!
//! It looks at no other limit. Where there is no such signal (Windows), it does nothing.

/// From now on, a write beyond the limit on the size of files is an error.
#[cfg(unix)]
pub(super) fn write_errors_instead_of_death() -> std::io::Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    // Nobody looks at the flag: that there is a handler is what makes the write return.
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, flag).map(drop)
}

/// From now on, a write beyond the limit on the size of files is an error.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "fails on Unix only")]
pub(super) fn write_errors_instead_of_death() -> std::io::Result<()> {
    Ok(())
}
