//! What the scores of some articles consist of, as Markdown.

use std::fmt::{self, Display};

use super::score::Scores;

pub(crate) struct Table<'a>(pub(crate) &'a Scores);

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | F1 | precision | recall | right | missed | extra |")?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for (measure, tally) in &self.0.tallies {
            let name = measure.name();
            let (f1, precision, recall) = (tally.f1(), tally.precision(), tally.recall());
            write!(f, "| {name} | {f1:.3} | {precision:.3} | {recall:.3} |")?;
            writeln!(f, " {} | {} | {} |", tally.right, tally.missed, tally.extra)?;
        }
        Ok(())
    }
}
