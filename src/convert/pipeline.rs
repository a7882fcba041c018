//! Batches from the reader to workers, and what they make of them to the writer; on one thread or
//! on several.
//!
//! With several, one thread reads, each worker has its own, and the caller's writes, in the order
//! in which batches were read. A fixed number of batches goes round between reader and workers,
//! and the gate lets only so many results be ahead of the writer; so whoever is faster waits, and
//! memory is level however long the input is. A batch that is much larger than others takes the
//! place of several.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use parking_lot::Mutex;

use super::batch::Batch;
use super::error::ConvertError;
use super::gate::Gate;
use super::reader::Reader;
use super::work::{Made, Worker};

/// A batch's number, and what became of it.
type Done = (u64, Result<Made, ConvertError>);

/// Who gets results, in order.
pub(super) type Write<'w> = dyn FnMut(Made) -> Result<(), ConvertError> + 'w;

/// Batches beyond one for each worker: one is read into, one waits.
const SPARE: usize = 2;

/// Takes all batches through; `write` gets what was made of them in order.
pub(super) fn run(
    mut reader: Reader,
    mut workers: Vec<Worker<'_>>,
    gate: &Gate,
    write: &mut Write<'_>,
) -> Result<(), ConvertError> {
    if workers.len() > 1 {
        return on_threads(reader, workers, gate, write);
    }
    let Some(worker) = workers.first_mut() else { return Ok(()) };
    let mut batch = Batch::default();
    while reader.fill(&mut batch) {
        write(work(worker, &mut batch)?)?;
        gate.wrote_one();
    }
    Ok(())
}

fn on_threads(
    mut reader: Reader,
    workers: Vec<Worker<'_>>,
    gate: &Gate,
    write: &mut Write<'_>,
) -> Result<(), ConvertError> {
    let batches = workers.len() + SPARE;
    let (free, empty) = sync_channel(batches);
    let (full, to_work) = sync_channel(batches);
    let (done, to_write) = sync_channel(batches);
    for _ in 0..batches {
        // There is room for all of them.
        let _ = free.try_send(Batch::default());
    }
    let to_work = Mutex::new(to_work);
    thread::scope(|scope| {
        scope.spawn(move || read_all(&mut reader, &empty, &full, batches));
        for mut worker in workers {
            let (to_work, free, done) = (&to_work, free.clone(), done.clone());
            scope.spawn(move || work_all(&mut worker, to_work, &free, &done));
        }
        drop((free, done));
        // If this ends early, workers find nobody to send to, and the reader nobody to read for.
        let written = write_all(to_write, gate, write);
        gate.stop_waiting();
        written
    })
}

/// Reads until the end, or until nobody gives back batches any more.
fn read_all(
    reader: &mut Reader,
    empty: &Receiver<Batch>,
    full: &SyncSender<Batch>,
    batches: usize,
) {
    while let Ok(mut batch) = empty.recv() {
        if !reader.fill(&mut batch) {
            return;
        }
        // All others at most. Those that are under way come back: nothing waits for this one yet.
        let others = batch.weight.clamp(1, batches) - 1;
        while batch.in_place_of.len() < others {
            let Ok(other) = empty.recv() else { return };
            batch.in_place_of.push(other);
        }
        if full.send(batch).is_err() {
            return;
        }
    }
}

fn work_all(
    worker: &mut Worker<'_>,
    to_work: &Mutex<Receiver<Batch>>,
    free: &SyncSender<Batch>,
    done: &SyncSender<Done>,
) {
    loop {
        let next = to_work.lock().recv();
        let Ok(mut batch) = next else { return };
        let made = work(worker, &mut batch);
        let number = batch.number;
        // At the end, the reader does not want them any more.
        batch.in_place_of.drain(..).for_each(|other| drop(free.send(other)));
        drop(free.send(batch));
        if done.send((number, made)).is_err() {
            return;
        }
    }
}

/// Survives a panic, so that the others do not wait for a batch that never comes.
fn work(worker: &mut Worker<'_>, batch: &mut Batch) -> Result<Made, ConvertError> {
    let place = batch.first_place();
    catch_unwind(AssertUnwindSafe(|| worker.work(batch)))
        .unwrap_or(Err(ConvertError::Crashed(place)))
}

/// Writes what was made, in order.
fn write_all(
    to_write: Receiver<Done>,
    gate: &Gate,
    write: &mut Write<'_>,
) -> Result<(), ConvertError> {
    let (mut early, mut next) = (BTreeMap::new(), 0);
    for (number, made) in to_write {
        early.insert(number, made);
        while let Some(made) = early.remove(&next) {
            write(made?)?;
            gate.wrote_one();
            next += 1;
        }
    }
    Ok(())
}
