//! Matrix products of the network, compared with the arithmetic limit of one core.
//!
//! `cargo bench --bench kernels`

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use seq2seq::model::Matrix;
use seq2seq::nn::{Cpu, Linear, Numeric, Scratch};

/// Rows, inputs, outputs: encoder blocks of the included model and of opus-mt-fr-en, a decoder step, and
/// the projections to their vocabularies.
const SHAPES: [(usize, usize, usize); 6] = [
    (96, 256, 1024),
    (96, 512, 2048),
    (96, 2048, 512),
    (24, 512, 512),
    (96, 256, 16_000),
    (96, 512, 59_514),
];

/// Numbers distributed like weights, most of them small: sums of four that are evenly distributed.
fn bell_shaped(index: usize) -> f32 {
    let bits = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let bits = (bits ^ bits >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let parts = (0..4).map(|part| (bits >> (16 * part) & 0xFFFF) as f32 / 65536.0 - 0.5);
    parts.sum()
}

fn products(criterion: &mut Criterion) {
    for numeric in [Numeric::Int8, Numeric::F32] {
        let mut group = criterion.benchmark_group(format!("product {}", numeric.as_str()));
        for (rows, inputs, outputs) in SHAPES {
            let weight: Vec<f32> = (0..inputs * outputs).map(bell_shaped).collect();
            let x: Vec<f32> = (0..rows * inputs)
                .map(|i| (i * 17 % 201) as f32 - 100.0)
                .collect();
            // Multiply–adds per second; floating-point operations would be twice as many.
            group.throughput(Throughput::Elements((rows * inputs * outputs) as u64));
            for cpu in Cpu::available()
                .into_iter()
                .filter(|cpu| cpu.name() != "portable")
            {
                let shape = format!("{rows}x{inputs}x{outputs}");
                let id = BenchmarkId::new(cpu.name(), shape);
                let weight = vec![Matrix::F32(weight.clone())];
                let linear = Linear::new(cpu, weight, &vec![0.0; outputs], inputs, numeric);
                let (mut scratch, mut out) = (Scratch::default(), Vec::new());
                group.bench_function(id, |bencher| {
                    bencher.iter(|| linear.forward(&x, &mut scratch, &mut out).len());
                });
            }
        }
        group.finish();
    }
}

/// The instruction of the int8 products on registers only, an upper bound for kernels.
fn limit(criterion: &mut Criterion) {
    #[cfg(target_arch = "x86_64")]
    if Cpu::best().name() == "avx512" {
        const STEPS: u64 = 1000;
        const SUMS: usize = 24;
        let mut group = criterion.benchmark_group("limit int8");
        group.throughput(Throughput::Elements(STEPS * SUMS as u64 * 64));
        group.bench_function("avx512", |bencher| {
            // SAFETY: the processor has these extensions, or its kernels would have another name.
            bencher.iter(|| unsafe { multiply_add::<SUMS>(STEPS) });
        });
        group.finish();
    }
    let _ = criterion;
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vnni")]
fn multiply_add<const SUMS: usize>(steps: u64) -> i32 {
    use std::arch::x86_64::*;
    let x = _mm512_set1_epi32(std::hint::black_box(0x0102_0304));
    let weight = _mm512_set1_epi32(std::hint::black_box(0x0403_0201));
    let mut sums = [_mm512_setzero_si512(); SUMS];
    for _ in 0..steps {
        for sum in &mut sums {
            *sum = _mm512_dpbusd_epi32(*sum, x, weight);
        }
    }
    let total = sums
        .into_iter()
        .fold(_mm512_setzero_si512(), |a, b| _mm512_add_epi32(a, b));
    _mm512_reduce_add_epi32(total)
}

criterion_group!(benches, limit, products);
criterion_main!(benches);
