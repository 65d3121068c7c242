# Shortcuts for the commands in CONTRIBUTING.md; `just` alone lists them. Nothing needs `just`.

_default:
    @just --list --unsorted

# compiles everything without running it: the fastest answer
check:
    cargo check --all-targets --features faults

# tests of one package (`french`, `seq2seq`, `causal`, `precis`), or of all: `just test french dates::`
test package="" *filter="":
    cargo test {{ if package == "" { "--features faults" } else { "-p " + package } }} {{ filter }}

# scores of the facts against the annotated articles
gold:
    cargo test -p french --test gold
    cargo run -q -p french --example gold

# whole summaries against their snapshots and version constants
golden:
    cargo test --test it golden

# takes the present output as the new snapshots; read `git diff` before you commit
accept package="precis":
    INSTA_UPDATE=always cargo test -p {{ package }}

# formatting and lints of Rust and Python, as CI has them
lint:
    cargo fmt --all --check
    CUSTOM_LIBFUZZER_PATH=/nowhere/libfuzzer.a \
        cargo clippy --workspace --all-targets --features faults -- -D warnings
    ruff check scripts

# benchmarks of kernels, tokenizer, segmentation and cache: `just bench kernels`
bench *name="":
    cargo bench {{ if name == "" { "" } else { "--bench " + name } }}

# fuzz targets, all or those named, each for so many seconds; needs nightly and cargo-fuzz
fuzz seconds="60" *targets="":
    SECONDS_EACH={{ seconds }} fuzz/run {{ targets }}

# licences, bans and sources of dependencies; needs cargo-deny
deny:
    cargo deny --workspace check licenses bans sources

# what takes the time of a build: opens as target/cargo-timings/cargo-timing.html
timings *arguments="build --release":
    cargo {{ arguments }} --timings

# the example corpus into out/
run *arguments="":
    cargo run --release -- run corpus {{ arguments }}

# all that has to pass before a change lands
ci:
    .ci/run
