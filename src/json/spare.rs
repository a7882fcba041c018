//! The memory of an index, kept for the next one on the same thread.
//!
//! Page follows page, and each needs a megabyte for as long as it is in hand. Asked for anew each
//! time, on several threads, such pieces leave holes in memory between what stays.
//!
//! Deliberately does not: keep more than one, or one that is unusually large.

use std::cell::Cell;

use super::node::Node;

/// The most that is kept, in values: 2 MiB, which is twice what a page of 500 posts needs.
const MOST: usize = 1 << 17;

thread_local! {
    static SPARE: Cell<Vec<Node>> = const { Cell::new(Vec::new()) };
}

/// Pages have about the same size: in such steps, what one needed is enough for the next.
const STEP: usize = 1 << 14;

/// Room for at least so many values.
pub(super) fn take(values: usize) -> Vec<Node> {
    // At the end of a thread there is nothing any more.
    let mut nodes = SPARE.try_with(Cell::take).unwrap_or_default();
    nodes.clear();
    if nodes.capacity() < values {
        // Given back first: there is nothing in it that would have to be copied.
        nodes = Vec::new();
        nodes.reserve_exact(values.next_multiple_of(STEP));
    }
    nodes
}

/// Gives it back.
pub(super) fn keep(nodes: Vec<Node>) {
    if nodes.capacity() <= MOST {
        let _ = SPARE.try_with(|spare| {
            let other = spare.take();
            spare.set(if nodes.capacity() > other.capacity() { nodes } else { other });
        });
    }
}
