//! Prints how well facts are read from annotated articles, as Markdown.
//!
//! ```text
//! cargo run -p french --example gold                # the articles and cases in gold/
//! cargo run -p french --example gold -- FILE...     # other annotated articles, as JSON Lines
//! cargo run -p french --example gold -- --details   # with all that is missed, extra or wrong,
//!                                                   but for the held-out articles
//! ```

#[path = "../tests/gold/scoring/mod.rs"]
mod scoring;

use std::path::{Path, PathBuf};

use scoring::measure::Measure;
use scoring::score::Scores;
use scoring::table::{RuleTable, Table};
use scoring::{ARTICLES, FOLDER, HELD_OUT, annotation, case, path};

fn main() -> Result<(), String> {
    let (options, files): (Vec<_>, Vec<_>) =
        std::env::args().skip(1).partition(|it| it.starts_with('-'));
    let details = match options.as_slice() {
        [] => false,
        [option] if option == "--details" => true,
        _ => return Err("usage: gold [--details] [FILE...]".to_owned()),
    };
    let own = files.is_empty();
    let files: Vec<PathBuf> = if own {
        ARTICLES.map(path).to_vec()
    } else {
        files.into_iter().map(PathBuf::from).collect()
    };

    print_header();
    let mut scores = Vec::new();
    for file in &files {
        let of_file = Scores::of(&annotation::read(file)?);
        print_row(file, &of_file);
        scores.push(of_file);
    }
    if details {
        for (file, scores) in files.iter().zip(&scores) {
            println!("\n{}\n\n{}", file.display(), Table(scores));
            println!("{}", RuleTable(scores));
            // Whoever reads what is wrong in held-out articles writes rules for them.
            if own && file == &path(HELD_OUT) {
                continue;
            }
            for difference in &scores.differences {
                println!("- {difference}");
            }
        }
    }
    if own {
        print_cases(details)?;
    }
    Ok(())
}

fn print_header() {
    let columns = Measure::ALL.map(Measure::name).join(" | ");
    println!("| articles | {columns} |");
    println!("|---|{}", "---|".repeat(Measure::ALL.len()));
}

fn print_row(file: &Path, scores: &Scores) {
    let cell = |measure| match scores.tallies.get(&measure) {
        Some(tally) => format!(" {:.3} ", tally.f1()),
        None => " ".to_owned(),
    };
    let name = file.file_stem().unwrap_or_default().display();
    println!("| {name} |{}|", Measure::ALL.map(cell).join("|"));
}

fn print_cases(details: bool) -> Result<(), String> {
    let cases = case::read(&Path::new(FOLDER).join("cases"))?;
    let outcomes: Vec<_> = cases.iter().flat_map(case::Case::check).collect();
    let held = outcomes.iter().filter(|it| it.failure.is_none()).count();
    let (all, count) = (outcomes.len(), cases.len());
    println!("\n{held} of {all} expectations of {count} cases hold.");
    if details {
        for outcome in &outcomes {
            if let Some(found) = &outcome.failure {
                println!("- {}: found {found}", outcome.expectation);
            }
        }
    }
    Ok(())
}
