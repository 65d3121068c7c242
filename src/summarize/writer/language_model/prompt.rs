//! What a language model is asked.

use causal::Model;
use serde_json::{Value, json};

use crate::summarize::schema::SentenceId;
use crate::summarize::writer::Material;
use french::text::ParagraphKind;

/// What the model has to be.
pub(super) const SYSTEM: &str =
    "You summarise news articles in plain English. You say only what the article says.";

/// Maximal number of sentences that a statement may rest on.
const MOST_EVIDENCE: usize = 3;
/// Maximal number of key points. Small models only repeat themselves in more.
const MOST_POINTS: usize = 4;

/// Minimal number of sentences of an abstract, and of key points, unless the article is too short.
const FEWEST: usize = 2;

/// A number with as many digits as any that fits a prompt.
const LONGEST_NUMBER: usize = 9999;

/// A question about an article.
pub(super) struct Prompt {
    /// The numbered sentences of the article, and what to do with them.
    pub text: String,
    /// What of the text is the same for all articles of this length.
    pub instructions: String,
    /// Of the answer.
    pub schema: Value,
    /// The sentences by their numbers, the first being 1.
    pub sentences: Vec<SentenceId>,
}

impl Prompt {
    /// Asks for a summary of `material` in at most `room` tokens: about all sentences if they fit,
    /// otherwise about the most telling ones. Returns `None` if none fits.
    pub(super) fn new(material: &Material<'_>, model: &Model, room: usize) -> Option<Self> {
        let instructions = instructions(material);
        let used = model.prompt(SYSTEM, &instructions).len();
        let mut room = room.saturating_sub(used);
        let sources = material.document.sentences.iter().zip(material.english);
        let mut usable: Vec<SentenceId> = sources
            .enumerate()
            .filter(|(_, (french, english))| {
                french.kind != ParagraphKind::Heading && !english.is_unfit()
            })
            .map(|(id, _)| SentenceId(id))
            .collect();
        let salience = |id: SentenceId| material.salience.of(id);
        usable.sort_by(|a, b| salience(*b).total_cmp(&salience(*a)));
        usable.retain(|&id| {
            // Its number will have fewer digits than this, and it ends with a line break.
            let length = model.length(&line(LONGEST_NUMBER, id, material)) + 1;
            let fits = length <= room;
            room -= if fits { length } else { 0 };
            fits
        });
        usable.sort_unstable();
        if usable.is_empty() {
            return None;
        }
        let lines = usable.iter().enumerate();
        let article: String = lines
            .map(|(at, id)| line(at + 1, *id, material) + "\n")
            .collect();
        Some(Self {
            text: format!("{article}\n{instructions}"),
            instructions,
            schema: schema(usable.len(), material),
            sentences: usable,
        })
    }
}

fn line(number: usize, id: SentenceId, material: &Material<'_>) -> String {
    let text = &material.english[id.0].text;
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("{number}. {}", words.join(" "))
}

/// What to do, after the article, where small models still know it at the end.
fn instructions(material: &Material<'_>) -> String {
    format!(
        "Summarise the numbered sentences above as JSON: a headline, an abstract of {} sentences and {} key points. \
         For each, first give the numbers of the sentences it is taken from, then say in one short sentence what they say. \
         Keep names, numbers and dates as they are there.",
        material.sentences,
        points(material)
    )
}

fn points(material: &Material<'_>) -> usize {
    material.points.min(MOST_POINTS)
}

/// The form of the answer on an article of so many sentences. Every list and every text has an end, and
/// there is no white space to fill.
fn schema(sentences: usize, material: &Material<'_>) -> Value {
    // Letters of European names, digits and signs of plain text: neither controls nor lone surrogates.
    // No digit begins one, or small models go on with the numbers of the sentences.
    let text = |longest: usize| {
        json!({
            "type": "string",
            "pattern": format!("^[A-Z“‘À-Þ][ !-\\[\\]-~£€°À-ž‘’“”–—…]{{15,{longest}}}$"),
        })
    };
    let statement = |longest: usize| {
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["sentences", "text"],
            "properties": {
                "sentences": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_EVIDENCE,
                    "items": { "type": "integer", "minimum": 1, "maximum": sentences },
                },
                "text": text(longest),
            },
        })
    };
    let list = |most: usize, longest: usize| {
        json!({
            "type": "array",
            "minItems": most.min(FEWEST),
            "maxItems": most,
            "items": statement(longest),
        })
    };
    json!({
        "x-guidance": { "whitespace_flexible": false },
        "type": "object",
        "additionalProperties": false,
        "required": ["headline", "abstract", "key_points"],
        "properties": {
            "headline": statement(100),
            "abstract": list(material.sentences, 260),
            "key_points": list(points(material), 200),
        },
    })
}
