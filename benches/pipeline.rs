//! Benchmarks of what surrounds the network: tokenizer, sentence segmentation, cache.
//!
//! `cargo bench --bench pipeline`

use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use french::text::sentences;
use precis::cache::{KeyBuilder, Store};
use seq2seq::tokenizer::{Tokenizer, TokenizerKind};

/// The example article, repeated several times.
fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/belarus.txt");
    let article = std::fs::read_to_string(path).expect("the corpus is committed");
    article.repeat(8)
}

fn segmentation(criterion: &mut Criterion) {
    let text = text();
    let mut group = criterion.benchmark_group("segmentation");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("sentences", |bencher| {
        bencher.iter(|| sentences(&text).len());
    });
    group.finish();
}

fn tokenizer(criterion: &mut Criterion) {
    let text = text();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/fr-en-tiny");
    let tokenizer = Tokenizer::load(&dir, TokenizerKind::Marian).expect("the model is committed");
    let lines: Vec<&str> = sentences(&text)
        .iter()
        .map(|span| span.slice(&text))
        .collect();
    let ids: Vec<Vec<u32>> = lines
        .iter()
        .map(|line| tokenizer.encode(line, None))
        .collect();
    let mut group = criterion.benchmark_group("tokenizer");
    group.throughput(Throughput::Elements(
        ids.iter().map(Vec::len).sum::<usize>() as u64,
    ));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            lines
                .iter()
                .map(|line| tokenizer.encode(line, None).len())
                .sum::<usize>()
        });
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            ids.iter()
                .map(|ids| tokenizer.decode(ids).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

fn cache(criterion: &mut Criterion) {
    const ENTRIES: u32 = 1_000_000;
    const TOGETHER: u32 = 512;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(&dir.path().join("cache.sqlite"))
        .expect("a new store")
        .store;
    let key = |number: u32| {
        KeyBuilder::new()
            .part("number", &number.to_le_bytes())
            .finish()
    };
    let value = vec![7u8; 250];
    for start in (0..ENTRIES).step_by(TOGETHER as usize) {
        let entries: Vec<_> = (start..start + TOGETHER)
            .map(|n| (key(n), value.clone()))
            .collect();
        store.put_many(&entries).expect("written");
    }
    let mut group = criterion.benchmark_group("cache of 1,000,000 entries");
    group.throughput(Throughput::Elements(u64::from(TOGETHER)));
    let there: Vec<_> = (0..TOGETHER).map(|n| key(n * 191 % ENTRIES)).collect();
    group.bench_function("look up what is there", |bencher| {
        bencher.iter(|| store.get_many(&there).expect("read").len());
    });
    let absent: Vec<_> = (0..TOGETHER).map(|n| key(2 * ENTRIES + n)).collect();
    group.bench_function("look up what is not", |bencher| {
        bencher.iter(|| store.get_many(&absent).expect("read").len());
    });
    group.finish();
}

criterion_group!(benches, segmentation, tokenizer, cache);
criterion_main!(benches);
