//! Normalises standard input line by line as the network reads it. Input of
//! `scripts/compare_reference.py`.

use french::text::for_network;

fn main() -> std::io::Result<()> {
    for line in std::io::stdin().lines() {
        println!("{}", for_network(&line?));
    }
    Ok(())
}
