//! Translates each line of standard input:
//! `echo "Il pleut." | cargo run -p seq2seq --example translate models/fr-en-tiny`

use std::io;

use seq2seq::Model;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("no model folder given")?;
    let model = Model::load(folder)?;
    for line in io::stdin().lines() {
        println!("{}", model.generate(&[&line?])?[0]);
    }
    Ok(())
}
