//! Where quoted words begin and end: between quotation marks, or behind the dash of a dialogue.

use std::ops::Range;

use super::super::tokens::TokenizedSentence;
use super::clause;

/// Maximal number of sentences after the first. A mark left open longer was forgotten.
const LONGEST: usize = 12;

/// A byte of a sentence. Sentences are counted by their index, not by their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub sentence: usize,
    pub at: usize,
}

/// The words between two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub first: Position,
    /// Where the closing mark stands.
    pub last: Position,
}

impl Passage {
    pub(super) fn contains(&self, position: Position) -> bool {
        self.first <= position && position < self.last
    }

    /// The bytes of its first sentence that belong to it, without white space around them.
    pub(super) fn first_range(&self, sentences: &[TokenizedSentence]) -> Range<usize> {
        let range = self.range_in(self.first.sentence, sentences);
        let inner = &sentences[self.first.sentence].text[range.clone()];
        let start = range.start + (inner.len() - inner.trim_start().len());
        start..start.max(range.start + inner.trim_end().len())
    }

    /// Its words; those of several sentences are joined by a space.
    pub(super) fn text(&self, sentences: &[TokenizedSentence]) -> String {
        (self.first.sentence..=self.last.sentence)
            .map(|index| sentences[index].text[self.range_in(index, sentences)].trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The bytes of the sentence `index`, one of those it runs over, that belong to it.
    fn range_in(&self, index: usize, sentences: &[TokenizedSentence]) -> Range<usize> {
        let start = match index == self.first.sentence {
            true => self.first.at,
            // A paragraph that goes on with the quotation repeats its mark.
            false if sentences[index].paragraph != sentences[index - 1].paragraph => {
                repeated_mark(sentences[index].text).unwrap_or(0)
            }
            false => 0,
        };
        let end = match index == self.last.sentence {
            true => self.last.at,
            false => sentences[index].text.len(),
        };
        start..end
    }

    /// Whether no words stand before it in its sentence.
    pub(super) fn opens_sentence(&self, sentences: &[TokenizedSentence]) -> bool {
        let before = &sentences[self.first.sentence].text[..self.first.at];
        !before.chars().any(char::is_alphanumeric)
    }
}

/// What is said in dialogues, where each voice begins a sentence with a dash: `— Tu viens ? dit-il.`
/// Lists look the same, but in a dialogue at least one line says who speaks.
pub(super) fn dialogue(sentences: &[TokenizedSentence]) -> Vec<Passage> {
    let mut passages = Vec::new();
    // The lines of one dialogue, and whether one of them says who speaks.
    let (mut lines, mut spoken) = (Vec::new(), false);
    for (index, sentence) in sentences.iter().enumerate() {
        let Some(start) = behind_dash(sentence.text) else {
            if spoken {
                passages.append(&mut lines);
            }
            (lines, spoken) = (Vec::new(), false);
            continue;
        };
        let tokens = &sentence.tokens;
        let first = tokens.partition_point(|token| token.start < start);
        spoken |= clause::aside(tokens, first, tokens.len()).is_some();
        lines.push(Passage {
            first: Position {
                sentence: index,
                at: start,
            },
            last: end_of(sentences, index),
        });
    }
    if spoken {
        passages.append(&mut lines);
    }
    passages
}

/// Where the words begin in a sentence that opens with a dash.
fn behind_dash(text: &str) -> Option<usize> {
    let words = text.strip_prefix(['—', '–'])?.trim_start();
    words
        .starts_with(char::is_alphanumeric)
        .then(|| text.len() - words.len())
}

fn end_of(sentences: &[TokenizedSentence], index: usize) -> Position {
    Position {
        sentence: index,
        at: sentences[index].text.len(),
    }
}

/// The passages between quotation marks.
pub(super) fn marked(sentences: &[TokenizedSentence]) -> Vec<Passage> {
    let mut marks = Marks {
        sentences,
        open: None,
        depth: 0,
        found: Vec::new(),
    };
    for index in 0..sentences.len() {
        marks.read_sentence(index);
    }
    if let Some(last) = sentences.len().checked_sub(1) {
        marks.close(end_of(sentences, last));
    }
    let mut passages = marks.found;
    for passage in &mut passages {
        // A mark at the end of a sentence opens the next one.
        while passage.first.sentence < passage.last.sentence
            && sentences[passage.first.sentence].text[passage.first.at..]
                .trim()
                .is_empty()
        {
            passage.first = Position {
                sentence: passage.first.sentence + 1,
                at: 0,
            };
        }
    }
    passages.retain(|passage| passage.last.sentence - passage.first.sentence <= LONGEST);
    passages
}

/// The quotation marks of an article, read one after the other.
struct Marks<'a> {
    sentences: &'a [TokenizedSentence<'a>],
    /// The mark that is open, and where the words behind it begin.
    open: Option<(char, Position)>,
    /// Marks of the same kind that are open inside it.
    depth: usize,
    found: Vec<Passage>,
}

impl Marks<'_> {
    fn read_sentence(&mut self, index: usize) {
        let sentence = &self.sentences[index];
        if self.open.is_some()
            && self.opens_paragraph(index)
            && !begins_with_closing_mark(sentence.text)
            && !self.goes_on(index)
        {
            self.close(end_of(self.sentences, index - 1));
        }
        let begins = self.open.is_some() && self.opens_paragraph(index);
        let from = (repeated_mark(sentence.text).filter(|_| begins)).unwrap_or(0);
        for (at, c) in sentence.text.char_indices().filter(|(at, _)| *at >= from) {
            if matches!(c, '«' | '»' | '“' | '”' | '"' | '‹' | '›') {
                self.read_mark(
                    c,
                    Position {
                        sentence: index,
                        at,
                    },
                );
            }
        }
    }

    fn opens_paragraph(&self, index: usize) -> bool {
        index > 0 && self.sentences[index].paragraph != self.sentences[index - 1].paragraph
    }

    /// Whether the paragraph that begins with the sentence `index` goes on with the open quotation: it
    /// repeats a mark, and the quotation is closed somewhere.
    fn goes_on(&self, index: usize) -> bool {
        let Some((mark, _)) = self.open else {
            return false;
        };
        let sentence = &self.sentences[index];
        let repeats = match mark {
            '«' => sentence.text.starts_with(['«', '»']),
            '“' => sentence.text.starts_with(['“', '”']),
            mark => sentence.text.starts_with(mark),
        };
        let closing = match mark {
            '«' => '»',
            '“' => '”',
            '‹' => '›',
            mark => mark,
        };
        let from = repeated_mark(sentence.text);
        repeats
            && from.is_some_and(|from| {
                let rest = self.sentences[index..].iter().take(LONGEST);
                let own = sentence.text[from..].contains(closing);
                own || rest.skip(1).any(|next| next.text.contains(closing))
            })
    }

    fn read_mark(&mut self, mark: char, position: Position) {
        let Position { sentence, at } = position;
        let text = self.sentences[sentence].text;
        let behind = Position {
            sentence,
            at: at + mark.len_utf8(),
        };
        match self.open {
            None => {
                if matches!(mark, '«' | '“' | '‹') || mark == '"' && opens(text, at) {
                    self.open = Some((mark, behind));
                }
            }
            Some((opened, _)) if opened == mark && mark != '"' => self.depth += 1,
            Some((opened, _)) if closes(opened, mark) => {
                if self.depth > 0 {
                    self.depth -= 1;
                } else if mark == '"' && opens(text, at) && text[..at].ends_with([' ', '(']) {
                    // The closing mark was forgotten, and nothing tells where it should stand.
                    self.open = Some((mark, behind));
                } else {
                    self.close(position);
                }
            }
            Some(_) => {}
        }
    }

    /// Ends the passage that is open, if one is.
    fn close(&mut self, last: Position) {
        let open = self.open.take();
        self.found
            .extend(open.map(|(_, first)| Passage { first, last }));
        self.depth = 0;
    }
}

/// Where the words begin in a paragraph that repeats the quotation mark of the one before.
fn repeated_mark(text: &str) -> Option<usize> {
    let words = text.strip_prefix(['«', '»', '"', '“', '”'])?.trim_start();
    words
        .starts_with(|c: char| c.is_alphanumeric() || c == '[')
        .then(|| text.len() - words.len())
}

/// Whether the straight mark that begins a sentence closes what the paragraph before has opened: some
/// texts break the line before the closing mark.
fn begins_with_closing_mark(text: &str) -> bool {
    text.strip_prefix('"')
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether the straight mark at the byte `at` can open a quotation.
fn opens(text: &str, at: usize) -> bool {
    text[at + 1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '(' | '…' | '.'))
        || (at == 0 && text[1..].starts_with(' ') && text[2..].contains('"'))
}

fn closes(opened: char, mark: char) -> bool {
    matches!(
        (opened, mark),
        ('«', '»') | ('“', '”' | '"') | ('"', '"') | ('‹', '›')
    )
}
