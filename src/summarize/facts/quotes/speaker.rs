//! Who said the quoted words: the subject of a verb of speech after or before them, or of `selon`.

use std::collections::HashMap;

use super::super::Sentence;
use super::super::lexicon::is_attribution;
use super::super::names::Names;
use super::clause::{
    announces, clause_end, inverted, is_bare_verb, starts_subject, subject_before,
};
use super::{Place, Span};

/// Names before a quotation among which its speaker is looked for.
const REACH: usize = 60;

/// The names that can speak, where they stand.
pub struct Speakers<'a> {
    sentences: &'a [Sentence<'a>],
    /// By place: where a name begins, where it ends, whose it is, and whether it is a person's.
    mentions: Vec<(Place, usize, &'a str, bool)>,
}

/// What a reading of the words around a quotation says.
enum Subject {
    Pronoun,
    /// Tokens of the sentence, up to the end of the clause or back to its beginning.
    After(usize),
    Before(usize),
}

impl<'a> Speakers<'a> {
    pub fn new(sentences: &'a [Sentence<'a>], names: &'a Names) -> Self {
        let index: HashMap<usize, usize> = sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (sentence.id, index))
            .collect();
        let people = names
            .people
            .iter()
            .map(|person| (&person.source_name, &person.mentions, true));
        let others = names
            .organisations
            .iter()
            .map(|organisation| (&organisation.source_name, &organisation.mentions, false));
        let mut mentions: Vec<_> = people
            .chain(others)
            .flat_map(|(name, mentions, person)| {
                let index = &index;
                mentions.iter().filter_map(move |(sentence, range)| {
                    let place = Place {
                        sentence: *index.get(sentence)?,
                        at: range.start,
                    };
                    Some((place, range.end, name.as_str(), person))
                })
            })
            .collect();
        mentions.sort_by_key(|mention| mention.0);
        Self {
            sentences,
            mentions,
        }
    }

    /// Who is said to have said it: `None` when nothing says that anyone did, `Some(None)` when
    /// the text names no one.
    pub fn of(&self, span: &Span) -> Option<Option<String>> {
        self.after(span)
            .or_else(|| self.before(span))
            .or_else(|| self.inside(span))
    }

    /// An aside within the marks: `« Nous voulions, explique X, le montrer. »`
    fn inside(&self, span: &Span) -> Option<Option<String>> {
        let sentence = span.first.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let start = tokens.partition_point(|token| token.start < span.first.at);
        let end = match span.last.sentence == sentence {
            true => tokens.partition_point(|token| token.start < span.last.at),
            false => tokens.len(),
        };
        (start + 1..end.saturating_sub(1))
            .filter(|at| tokens[at - 1].text == ",")
            .find_map(|at| {
                let verb = tokens[at].text;
                if inverted(verb).is_some_and(|(verb, _)| is_attribution(verb)) {
                    return Some(self.resolve(sentence, Subject::Pronoun, tokens[at].start, span));
                }
                (is_attribution(verb) && starts_subject(&tokens[at + 1]))
                    .then(|| self.resolve(sentence, Subject::After(at + 1), tokens[at].start, span))
            })
    }

    /// `», a déclaré X`, `», explique-t-il`.
    fn after(&self, span: &Span) -> Option<Option<String>> {
        let sentence = span.last.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let start = tokens.partition_point(|token| token.start <= span.last.at);
        let mut quoted = false;
        for (index, token) in tokens.iter().enumerate().skip(start).take(45) {
            if matches!(token.text, "\"" | "«" | "»" | "“" | "”") {
                quoted = !quoted;
            }
            if quoted {
                continue;
            }
            // Far away only the verb with its subject behind it belongs to the quotation.
            let near = index - start <= 8;
            if let Some(pronoun) = inverted(token.text) {
                let verb = pronoun.0;
                let next = tokens[index + 1..]
                    .iter()
                    .take(3)
                    .any(|token| is_attribution(token.text));
                if is_attribution(verb)
                    || (matches!(verb, "a" | "ont" | "avait" | "s'est" | "est" | "t") && next)
                {
                    return Some(self.resolve(sentence, Subject::Pronoun, token.start, span));
                }
            }
            if !is_attribution(token.text) || matches!(token.text, "appelé" | "demande") {
                if token.text.eq_ignore_ascii_case("selon") && near {
                    return Some(self.resolve(
                        sentence,
                        Subject::After(index + 1),
                        token.start,
                        span,
                    ));
                }
                continue;
            }
            // Skip adverbs and dates between verb and subject: `a indiqué, mercredi, le procureur`.
            let mut subject = index + 1;
            let mut skipped = 0;
            while skipped < 5
                && tokens.get(subject).is_some_and(|token| {
                    !starts_subject(token)
                        && !matches!(token.text, "." | ";" | "\"" | "«" | ":" | "que" | "qu'")
                })
            {
                subject += 1;
                skipped += 1;
            }
            let governed = matches!(
                tokens[subject.min(tokens.len()) - 1].text,
                "sans"
                    | "avec"
                    | "dans"
                    | "à"
                    | "en"
                    | "de"
                    | "depuis"
                    | "par"
                    | "pour"
                    | "devant"
                    | "lors"
            );
            let inverse = tokens.get(subject).is_some_and(starts_subject)
                && !governed
                && is_bare_verb(tokens, start, index)
                && (skipped == 0
                    || tokens[index + 1..subject]
                        .iter()
                        .any(|token| token.text == ",")
                    || skipped <= 2);
            if inverse && tokens.get(start).is_none_or(|first| first.text != ".") {
                return Some(self.resolve(sentence, Subject::After(subject), token.start, span));
            }
        }
        None
    }

    /// `X a déclaré : «`, `Selon X, «`.
    fn before(&self, span: &Span) -> Option<Option<String>> {
        let sentence = span.first.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let end = tokens.partition_point(|token| token.start < span.first.at);
        for index in (0..end).rev() {
            let token = &tokens[index];
            if matches!(token.text.to_lowercase().as_str(), "selon" | "d'après") {
                return Some(self.resolve(sentence, Subject::After(index + 1), token.start, span));
            }
            let inverted_verb = inverted(token.text).is_some_and(|(verb, _)| is_attribution(verb));
            if inverted_verb {
                return Some(self.resolve(sentence, Subject::Pronoun, token.start, span));
            }
            if is_attribution(token.text) || announces(token.text) {
                return Some(self.resolve(sentence, Subject::Before(index), token.start, span));
            }
        }
        // The sentence before announces it: `Il a réagi :`
        let previous = sentence
            .checked_sub(1)
            .map(|index| &self.sentences[index])?;
        let announces = end <= 1 && previous.text.trim_end().ends_with(':');
        announces.then(|| {
            let at = previous
                .tokens
                .iter()
                .rposition(|token| is_attribution(token.text));
            match at {
                Some(at) => self.resolve(
                    sentence - 1,
                    Subject::Before(at),
                    previous.tokens[at].start,
                    span,
                ),
                None => self.last_person(Place { sentence, at: 0 }, span),
            }
        })
    }

    fn resolve(
        &self,
        sentence: usize,
        subject: Subject,
        verb: usize,
        span: &Span,
    ) -> Option<String> {
        let tokens = &self.sentences[sentence].tokens;
        match subject {
            Subject::Pronoun => self.last_person(Place { sentence, at: verb }, span),
            Subject::After(from) => {
                let first = tokens.get(from)?;
                if matches!(first.text, "lui" | "elle" | "eux" | "il" | "elles" | "ils") {
                    return self.last_person(Place { sentence, at: verb }, span);
                }
                let last = tokens
                    .get(from + 1)
                    .is_some_and(|next| next.text.starts_with("derni"));
                if last && first.text.starts_with("ce") {
                    return self.last_person(Place { sentence, at: verb }, span);
                }
                let end = clause_end(tokens, from);
                let range = first.start..tokens[end - 1].end();
                // `le ministre de l'Intérieur, Gérald Darmanin`
                let wider = tokens
                    .get(end)
                    .filter(|token| token.text == ",")
                    .map_or(range.end, |_| {
                        tokens.get(end + 4).map_or(range.end, |token| token.end())
                    });
                self.person_within(sentence, range.start, wider)
                    .or_else(|| self.named_within(sentence, range.start, range.end))
                    .or_else(|| Some(self.sentences[sentence].text[range].to_owned()))
            }
            Subject::Before(verb_index) => {
                let mut from = verb_index;
                while from > 0
                    && !matches!(
                        tokens[from - 1].text,
                        "." | ";" | ":" | "\"" | "«" | "»" | "”" | "•"
                    )
                {
                    from -= 1;
                }
                let start = tokens.get(from)?.start;
                let named = self.nearest_before(sentence, start, verb);
                let pronoun = tokens[from..verb_index].iter().rev().take(6).find(|token| {
                    matches!(
                        token.text.to_lowercase().as_str(),
                        "il" | "elle" | "ils" | "elles" | "qui"
                    )
                });
                if let Some(pronoun) = pronoun
                    && named.is_none_or(|(at, _)| pronoun.start > at)
                    && pronoun.text != "qui"
                {
                    return self.last_person(
                        Place {
                            sentence,
                            at: pronoun.start,
                        },
                        span,
                    );
                }
                let described = || {
                    let subject = subject_before(tokens, from, verb_index)?;
                    Some(self.sentences[sentence].text[subject].to_owned())
                };
                // `Il a dénoncé « … » et évoqué « … »`: the subject stands before the first one.
                let further = || {
                    let first = tokens.first().filter(|_| from > 0)?;
                    match first.text {
                        "Il" | "Elle" | "Ils" | "Elles" => {
                            self.last_person(Place { sentence, at: 0 }, span)
                        }
                        _ => self
                            .nearest_before(sentence, 0, start)
                            .map(|(_, name)| name.to_owned()),
                    }
                };
                named
                    .map(|(_, name)| name.to_owned())
                    .or_else(described)
                    .or_else(further)
                    .or_else(|| {
                        self.last_person(
                            Place {
                                sentence,
                                at: start,
                            },
                            span,
                        )
                    })
            }
        }
    }

    fn person_within(&self, sentence: usize, start: usize, end: usize) -> Option<String> {
        self.within(sentence, start, end)
            .find(|mention| mention.3)
            .map(|mention| mention.2.to_owned())
    }

    /// A name that the words begin with, but for an article: `le Medef`, not `un élu du Medef`.
    fn named_within(&self, sentence: usize, start: usize, end: usize) -> Option<String> {
        self.within(sentence, start, end)
            .find(|mention| mention.0.at <= start + 4)
            .map(|mention| mention.2.to_owned())
    }

    fn within(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = &(Place, usize, &'a str, bool)> {
        let from = self.mentions.partition_point(|mention| {
            mention.0
                < Place {
                    sentence,
                    at: start,
                }
        });
        self.mentions[from..]
            .iter()
            .take_while(move |mention| mention.0 < Place { sentence, at: end })
    }

    /// The first person named between `start` and the verb, else the name nearest to it.
    fn nearest_before(
        &self,
        sentence: usize,
        start: usize,
        verb: usize,
    ) -> Option<(usize, &'a str)> {
        let all: Vec<_> = self.within(sentence, start, verb).collect();
        all.iter()
            .rev()
            .find(|mention| mention.3)
            .or_else(|| {
                all.iter()
                    .rev()
                    .find(|mention| verb - mention.1.min(verb) <= 12)
            })
            .map(|mention| (mention.0.at, mention.2))
    }

    /// The person named last before the place and outside the quotation, within a few sentences;
    /// else an organisation.
    fn last_person(&self, before: Place, span: &Span) -> Option<String> {
        let to = self.mentions.partition_point(|mention| mention.0 < before);
        let near = self.mentions[..to]
            .iter()
            .rev()
            .take(REACH)
            .filter(|mention| !(span.first <= mention.0 && mention.0 < span.last));
        // Without people it is what the sentence before speaks of first.
        let last = near.clone().next();
        let subject = last.and_then(|last| {
            near.clone()
                .take_while(|mention| mention.0.sentence == last.0.sentence)
                .last()
        });
        near.clone()
            .find(|mention| mention.3)
            .or(subject)
            .map(|mention| mention.2.to_owned())
    }
}
