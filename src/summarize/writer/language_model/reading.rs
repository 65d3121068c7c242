//! From an answer to statements of a summary.

use std::collections::HashSet;

use serde::Deserialize;

use super::prompt::{Prompt, SYSTEM};
use crate::summarize::schema::{Part, SentenceId, Unwritten};
use crate::summarize::writer::seq2seq::stems;
use crate::summarize::writer::{Draft, Material, Rejected, Statement};
use french::text::words;

/// Words in a row by which a text is recognised as a part of the prompt.
const REPEATED: usize = 5;
/// Least share of the words of a statement that its evidence has to have.
const GROUNDED: f64 = 0.5;

#[derive(Deserialize)]
struct Answer {
    headline: Said,
    #[serde(rename = "abstract")]
    abstract_: Vec<Said>,
    key_points: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    /// From 1.
    sentences: Vec<usize>,
    text: String,
}

/// Reads an answer to `prompt`.
pub(super) fn draft(
    text: &str,
    prompt: &Prompt,
    material: &Material<'_>,
) -> Result<Draft, Unwritten> {
    let answer: Answer = serde_json::from_str(text).map_err(|_| Unwritten::Invalid)?;
    let headline = statement(answer.headline, prompt)?;
    let abstract_ = statements(answer.abstract_, prompt)?;
    let key_points = statements(answer.key_points, prompt)?;
    let all = || abstract_.iter().chain(&key_points).chain([&headline]);
    let told = runs(&prompt.instructions);
    let told: HashSet<Vec<String>> = told.union(&runs(SYSTEM)).cloned().collect();
    if all().any(|statement| !runs(&statement.text).is_disjoint(&told)) {
        return Err(Unwritten::PromptRepeated);
    }
    let mut sieve = Sieve {
        material,
        rejected: Vec::new(),
    };
    Ok(Draft {
        headline: sieve.sound(Part::Headline, vec![headline]).pop(),
        abstract_: sieve.sound(Part::Abstract, abstract_),
        key_points: Some(sieve.sound(Part::KeyPoints, key_points)),
        rejected: sieve.rejected,
        unwritten: None,
    })
}

fn statements(said: Vec<Said>, prompt: &Prompt) -> Result<Vec<Statement>, Unwritten> {
    said.into_iter()
        .map(|said| statement(said, prompt))
        .collect()
}

fn statement(said: Said, prompt: &Prompt) -> Result<Statement, Unwritten> {
    let id = |number: &usize| {
        let at = number.checked_sub(1)?;
        prompt.sentences.get(at).copied()
    };
    let evidence: Option<Vec<SentenceId>> = said.sentences.iter().map(id).collect();
    let mut evidence = evidence.ok_or(Unwritten::Invalid)?;
    evidence.sort_unstable();
    evidence.dedup();
    let text = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_text = text.chars().any(char::is_alphabetic);
    match is_text && !evidence.is_empty() {
        true => Ok(Statement { text, evidence }),
        false => Err(Unwritten::Invalid),
    }
}

/// The runs of [`REPEATED`] words of a text.
fn runs(text: &str) -> HashSet<Vec<String>> {
    words(text)
        .windows(REPEATED)
        .map(<[String]>::to_vec)
        .collect()
}

/// Keeps out what has little to do with its evidence, and what was said before.
struct Sieve<'a> {
    material: &'a Material<'a>,
    rejected: Vec<Rejected>,
}

impl Sieve<'_> {
    fn sound(&mut self, part: Part, statements: Vec<Statement>) -> Vec<Statement> {
        let mut sound: Vec<Statement> = Vec::new();
        for statement in statements {
            let foreign = self.foreign(&statement);
            let is_said = sound.iter().any(|other| other.text == statement.text);
            match foreign {
                None if !is_said => sound.push(statement),
                foreign => self.rejected.push(Rejected {
                    part,
                    statement,
                    unsupported: foreign.unwrap_or_default(),
                }),
            }
        }
        sound
    }

    /// The words that the evidence of a statement does not have, or `None` if it has most of them.
    fn foreign(&self, statement: &Statement) -> Option<Vec<String>> {
        let english = self.material.english;
        let evidence: HashSet<String> = (statement.evidence.iter())
            .flat_map(|id| stems(&english[id.0].text))
            .collect();
        let all = stems(&statement.text);
        let shared = all.intersection(&evidence).count();
        if shared > 0 && shared as f64 >= GROUNDED * all.len() as f64 {
            return None;
        }
        let mut words = words(&statement.text);
        words.retain(|word| word.chars().count() > 2 && stems(word).is_disjoint(&evidence));
        Some(words)
    }
}
