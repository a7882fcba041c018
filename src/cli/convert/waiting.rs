//! Inputs that may keep one waiting: standard input, pipes, devices.
//!
//! Nothing can call back a thread that waits for a pipe. So another one reads, a block or two ahead,
//! and whoever wants the bytes waits for them and for the signal to stop at the same time. Then
//! reading fails, the conversion ends as it always does, and the thread ends with the process.
//!
//! Deliberately does not: end the thread that reads, or say what the failure means.

use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::sync::CancellationToken;

/// How much is read at once: what a pipe holds on Linux (pipe(7), read 2026-11).
const BLOCK_BYTES: usize = 1 << 16;

/// How many blocks may be ahead.
const AHEAD: usize = 4;

/// An input that fails as soon as it is to stop. To be read outside of asynchronous code.
pub(super) struct Waiting {
    runtime: Handle,
    stop: CancellationToken,
    blocks: Receiver<io::Result<Block>>,
    /// Blocks that were used, to be used again.
    used: SyncSender<Block>,
    current: Block,
}

/// Bytes that were read.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    /// Where those begin that nobody has taken yet.
    from: usize,
    /// Where they end.
    to: usize,
}

impl Waiting {
    /// Begins to read what `open` opens, which may wait as well.
    pub(super) fn new<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        stop: &CancellationToken,
    ) -> Self {
        let (read, blocks) = channel(AHEAD);
        let (used, free) = sync_channel(AHEAD + 2);
        thread::spawn(move || {
            let mut source = match open() {
                Ok(source) => source,
                Err(error) => return drop(read.blocking_send(Err(error))),
            };
            loop {
                let block = Block::read_from(&mut source, free.try_recv().unwrap_or_default());
                let is_last = !block.as_ref().is_ok_and(|block| block.to > 0);
                // Nobody may be left who wants it.
                if read.blocking_send(block).is_err() || is_last {
                    return;
                }
            }
        });
        let (runtime, stop) = (Handle::current(), stop.clone());
        Self { runtime, stop, blocks, used, current: Block::default() }
    }

    /// The next block; an empty one at the end.
    fn next(&mut self) -> io::Result<Block> {
        if let Ok(block) = self.blocks.try_recv() {
            return block;
        }
        let (blocks, stop) = (&mut self.blocks, &self.stop);
        self.runtime.block_on(async {
            tokio::select! {
                block = blocks.recv() => block.unwrap_or_else(|| Ok(Block::default())),
                () = stop.cancelled() => Err(io::Error::other("nobody waits for it any more")),
            }
        })
    }
}

impl Read for Waiting {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.current.rest().is_empty() {
            let next = self.next()?;
            // Where there is no room, there are enough of them.
            drop(self.used.try_send(std::mem::replace(&mut self.current, next)));
        }
        let read = self.current.rest().read(to)?;
        self.current.from += read;
        Ok(read)
    }
}

impl Block {
    /// Reads once, into the memory of a block that was used.
    fn read_from(source: &mut impl Read, mut block: Self) -> io::Result<Self> {
        block.bytes.resize(BLOCK_BYTES, 0);
        loop {
            match source.read(&mut block.bytes) {
                Ok(to) => return Ok(Self { from: 0, to, ..block }),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.from..self.to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives pieces, and then waits for ever, or ends.
    struct Pieces {
        pieces: Vec<&'static [u8]>,
        ends: bool,
    }

    impl Read for Pieces {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            match self.pieces.pop() {
                Some(mut piece) => piece.read(to),
                None if self.ends => Ok(0),
                None => loop {
                    thread::park();
                },
            }
        }
    }

    fn waiting(pieces: Vec<&'static [u8]>, ends: bool, stop: &CancellationToken) -> Waiting {
        Waiting::new(move || Ok(Pieces { pieces, ends }), stop)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn bytes_come_as_they_were_read() {
        static LONG: [u8; 3 * BLOCK_BYTES] = [7; 3 * BLOCK_BYTES];
        let stop = CancellationToken::new();
        let mut input = waiting(vec![b"c", &LONG[..BLOCK_BYTES], b"ab"], true, &stop);
        let mut all = Vec::new();
        tokio::task::block_in_place(|| input.read_to_end(&mut all)).unwrap();
        assert_eq!(all, [&b"ab"[..], &LONG[..BLOCK_BYTES], b"c"].concat());
        assert_eq!(tokio::task::block_in_place(|| input.read(&mut [0; 9])).unwrap(), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_waits_for_bytes_is_woken_by_a_stop() {
        let stop = CancellationToken::new();
        let mut input = waiting(vec![b"ab"], false, &stop);
        let reading = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            (input.read_to_end(&mut all).is_err(), all)
        });
        stop.cancel();
        let (failed, all) = reading.await.unwrap();
        assert!(failed && (all.is_empty() || all == b"ab"));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_can_not_be_opened_or_read_fails_with_the_reason() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let stop = CancellationToken::new();
        let mut input = Waiting::new(move || Err::<io::Empty, _>(refused()), &stop);
        let read = tokio::task::block_in_place(|| input.read(&mut [0; 9]));
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
