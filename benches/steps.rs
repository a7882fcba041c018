//! How many tweets a second each step takes on one core, in memory, pages in and bytes out.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use mistnet::format::PartWriter;
use mistnet::json::Document;
use mistnet::model::record::Span;
use mistnet::model::spec::{FileFormat, Profile};
use mistnet::tweet::{Body, Page};
use mistnet_benches::{pages, tweets};

const OUTPUTS: [(&str, FileFormat, Profile); 8] = [
    ("csv original", FileFormat::Csv, Profile::Original),
    ("csv full", FileFormat::Csv, Profile::Full),
    ("csv twarc", FileFormat::Csv, Profile::Twarc),
    ("jsonl", FileFormat::Jsonl, Profile::Full),
    ("jsonl.gz", FileFormat::JsonlGz, Profile::Full),
    ("jsonl.zst", FileFormat::JsonlZst, Profile::Full),
    ("parquet original", FileFormat::Parquet, Profile::Original),
    ("parquet full", FileFormat::Parquet, Profile::Full),
];

fn steps(criterion: &mut Criterion) {
    let pages = pages().expect("pages");
    let mut group = criterion.benchmark_group("steps");
    group.throughput(Throughput::Elements(tweets(&pages) as u64)).sample_size(20);
    group.bench_function("index", |b| {
        b.iter(|| pages.iter().for_each(|page| drop(black_box(Document::new(page.as_str())))));
    });
    group.bench_function("decode", |b| {
        b.iter(|| pages.iter().for_each(|page| decoded(page, |page| drop(black_box(page)))));
    });
    outputs(&mut group, &pages);
    for (name, format, profile) in &OUTPUTS[..2] {
        group.bench_function(format!("page to {name}"), |b| {
            b.iter(|| {
                let mut writer = PartWriter::new(*format, *profile).expect("a format");
                pages.iter().for_each(|page| decoded(page, |page| add(&mut writer, &page)));
                writer.finish().expect("a file").rows
            });
        });
    }
    group.finish();
}

/// What becomes of pages that are decoded already.
fn outputs(group: &mut BenchmarkGroup<'_, WallTime>, pages: &[String]) {
    let bodies: Vec<_> = pages.iter().map(|page| Body::new(page.as_bytes())).collect();
    let decoded: Vec<_> = bodies.iter().map(|body| body.decode().expect("a page")).collect();
    for (name, format, profile) in OUTPUTS {
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut writer = PartWriter::new(format, profile).expect("a format");
                decoded.iter().for_each(|page| add(&mut writer, page));
                writer.finish().expect("a file").rows
            });
        });
    }
}

fn decoded(page: &str, then: impl FnOnce(Page<'_>)) {
    then(Body::new(page.as_bytes()).decode().expect("a page"));
}

/// Adds a page, and takes what there is of the file, as the programs do.
fn add(writer: &mut PartWriter, page: &Page<'_>) {
    let all = Span { from: 0, to: page.tweets.len() as u64 };
    writer.page(page, &[all]).expect("rows");
    drop(black_box(writer.drain()));
}

criterion_group!(benches, steps);
criterion_main!(benches);
