//! What the scores of some articles consist of, as Markdown.

use std::fmt::{self, Display};

use super::score::Scores;

/// How much of what each rule reads is right, as Markdown.
pub(crate) struct RuleTable<'a>(pub(crate) &'a Scores);

impl Display for RuleTable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | rule | precision | right | wrong |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        for ((measure, rule), tally) in &self.0.rules {
            let (name, precision) = (measure.name(), tally.precision());
            writeln!(
                f,
                "| {name} | {rule} | {precision:.3} | {} | {} |",
                tally.right, tally.extra
            )?;
        }
        Ok(())
    }
}

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
