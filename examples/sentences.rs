//! Prints the sentences of articles, one a line, as the network reads them:
//! `cargo run --example sentences -- corpus`. Input of `scripts/make_reference.py`.

use std::path::PathBuf;

use french::text::{for_network, segment};
use precis::article::{ReadOptions, find, read};

fn main() {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let options = ReadOptions::default();
    for file in find(&paths, |_| false).files {
        for article in read(&file, &options).flatten() {
            for segment in segment(&article.body, &article.paragraphs) {
                println!("{}", for_network(segment.span.slice(&article.body)));
            }
        }
    }
}
