//! With any number of threads the same comes out.

use super::*;

/// Everything that a conversion leaves: the file, what was counted, what was left out; or why it
/// failed.
type Left = Result<(Vec<u8>, Summary, Vec<Broken>), String>;

fn with_threads(threads: usize, inputs: &[(&str, Vec<u8>)], on_broken: OnBroken) -> Left {
    let mut desk = Desk::new();
    desk.settings.threads = NonZeroUsize::new(threads).unwrap();
    desk.settings.limits.on_broken = on_broken;
    for (name, bytes) in inputs {
        desk.put(name, bytes);
    }
    let names: Vec<_> = inputs.iter().map(|(name, _)| *name).collect();
    let summary = desk.convert(&names, "out.csv").map_err(|error| error.to_string())?;
    let skipped = desk.watched.skipped.take();
    Ok((fs::read(desk.path("out.csv")).unwrap(), summary, skipped))
}

#[track_caller]
fn assert_same(inputs: &[(&str, Vec<u8>)], on_broken: OnBroken) -> Left {
    let one = with_threads(1, inputs, on_broken);
    for threads in [2, 4] {
        assert!(with_threads(threads, inputs, on_broken) == one, "{threads} threads");
    }
    one
}

#[test]
fn the_bytes_are_the_same_with_any_number_of_threads() {
    let many = pages(4000);
    let tweet = |id: u64| json!({"id": id.to_string(), "text": "x"}).to_string() + "\n";
    let flat: String = (1..3000).map(tweet).collect();
    let inputs = [
        ("a", many.clone().into_bytes()),
        ("b", gzip(flat)),
        ("c", zstd(&many[..many.len() / 2 + 7])),
    ];
    let (bytes, summary, skipped) = assert_same(&inputs, OnBroken::Skip).unwrap();
    assert!(bytes.len() > 3_000_000);
    assert_eq!((summary.tally.rows, summary.skipped, skipped.len()), (40_000 + 2999, 1, 1));
    assert!(summary.tally.duplicates > 19_000);
}

#[test]
fn the_first_error_in_order_is_told() {
    let mut text = pages(2000);
    text.push_str("broken first\n");
    text.push_str(&pages(500));
    text.push_str("broken second\n");
    let said = assert_same(&[("a", text.into_bytes())], OnBroken::Stop).unwrap_err();
    assert!(said.starts_with("a, line 2001, "), "{said}");
}

#[test]
fn a_value_of_many_megabytes_takes_its_turn() {
    let small = pages(300);
    let large = page(1..1000).to_string().replacen("tweet 7", &"tweet ".repeat(2_000_000), 1);
    let text = format!("{small}{large}\n{small}");
    assert!(large.len() > 10 << 20);
    let (_, summary, _) = assert_same(&[("a", text.into_bytes())], OnBroken::Stop).unwrap();
    assert_eq!((summary.tally.rows, summary.tally.duplicates), (3999, 3000));
}

#[test]
fn progress_only_grows() {
    let mut desk = Desk::new();
    desk.settings.threads = NonZeroUsize::new(3).unwrap();
    desk.put("in", pages(3000));
    let summary = desk.convert(&["in"], "out.csv").unwrap();
    let progress = desk.watched.progress.borrow();
    assert!(progress.len() > 3 && progress.is_sorted());
    assert_eq!(progress.last(), Some(&(summary.bytes_in, 30_000)));
}
