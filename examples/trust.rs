//! Prints the features that `scripts/train/trust.py` fits the grades of sentences on.
//!
//! usage: trust FOLDER
//!
//! FOLDER has summaries. One line for each translated sentence: summary, sentence, features.

use std::path::PathBuf;

use precis::summarize::{Summary, trust};

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).unwrap_or_default().into();
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
    {
        // The report of the run is no summary.
        let Ok(summary) = serde_json::from_slice::<Summary>(&std::fs::read(path)?) else {
            continue;
        };
        for sentence in &summary.translation.sentences {
            let features = trust::features(
                &sentence.source,
                &sentence.text,
                trust::Confidence {
                    score: sentence.score,
                    least: sentence.least_score,
                    doubtful: sentence.doubtful_tokens,
                },
                &sentence.flags,
            );
            let features: Vec<String> = features.iter().map(|it| format!("{it:.4}")).collect();
            println!("{}\t{}\t{}", summary.id, sentence.id, features.join("\t"));
        }
    }
    Ok(())
}
