//! Who said the quoted words: the subject of a verb of speech after or before them, or of `selon`.

use std::collections::{HashMap, HashSet};

use super::super::lexicon::{is_attribution, is_role};
use super::super::names::Names;
use super::super::names::is_people_ending;
use super::super::tokens::{TokenizedSentence, starts_upper, tokenize};
use super::super::types::SentenceId;
use super::clause::{
    Aside, announces, aside, clause_end, inverted, is_bare_verb, is_participle, is_preposition,
    is_title, names_source, starts_subject, subject_after, subject_before,
};
use super::{Place, Span};

/// Names before a quotation among which its speaker is looked for.
const REACH: usize = 60;

/// The names that can speak, where they stand.
pub(super) struct Speakers<'a> {
    sentences: &'a [TokenizedSentence<'a>],
    /// By place.
    mentions: Vec<Named<'a>>,
    names: HashSet<&'a str>,
}

/// A name where it stands.
struct Named<'a> {
    start: Place,
    /// Byte of the sentence.
    end: usize,
    name: &'a str,
    role: Option<&'a str>,
    person: bool,
}

/// The quotation before, and who said it.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    /// The sentence in which it ends.
    pub sentence: usize,
    pub speaker: Option<String>,
    /// Whether the speaker has a name.
    pub named: bool,
}

impl<'a> Speakers<'a> {
    pub(super) fn new(sentences: &'a [TokenizedSentence<'a>], names: &'a Names) -> Self {
        let index: HashMap<SentenceId, usize> = sentences
            .iter()
            .enumerate()
            .map(|(index, sentence)| (sentence.id, index))
            .collect();
        let people = names.people.iter().map(|person| {
            (
                &person.source_name,
                &person.mentions,
                Some(person.role.as_deref()),
            )
        });
        let others = names
            .organisations
            .iter()
            .map(|organisation| (&organisation.source_name, &organisation.mentions, None));
        let mut mentions: Vec<_> = people
            .chain(others)
            .flat_map(|(name, mentions, person)| {
                let index = &index;
                mentions.iter().filter_map(move |mention| {
                    let place = Place {
                        sentence: *index.get(&mention.sentence)?,
                        at: mention.range.start,
                    };
                    Some(Named {
                        start: place,
                        end: mention.range.end,
                        name,
                        role: person.flatten(),
                        person: person.is_some(),
                    })
                })
            })
            .collect();
        mentions.sort_by_key(|mention| mention.start);
        Self {
            sentences,
            names: mentions.iter().map(|mention| mention.name).collect(),
            mentions,
        }
    }

    /// Who is said to have said it: `None` when nothing says that anyone did, `Some(None)` when
    /// the text names no one.
    pub(super) fn of(&self, span: &Span, last: Option<&Spoken>) -> Option<Option<String>> {
        self.after(span, last)
            .or_else(|| self.before(span, last))
            .or_else(|| self.inside(span, last))
    }

    /// An aside within the marks: `« Nous voulions, explique X, le montrer. »`
    fn inside(&self, span: &Span, last: Option<&Spoken>) -> Option<Option<String>> {
        let (sentence, aside) = self.aside(span)?;
        let tokens = &self.sentences[sentence].tokens;
        match inverted(tokens[aside.verb].text) {
            Some((_, pronoun)) => {
                let place = Place {
                    sentence,
                    at: tokens[aside.verb].start,
                };
                Some(self.pronoun(pronoun, place, span, last))
            }
            None => Some(self.subject(sentence, aside.verb + 1, span, last)),
        }
    }

    /// The parts of a quotation before and after an aside in which its speaker is named; where
    /// nothing closes the quotation, the aside ends it.
    pub(super) fn parts(&self, span: &Span) -> Option<Vec<Span>> {
        let (sentence, aside) = self.aside(span)?;
        let tokens = &self.sentences[sentence].tokens;
        // Not the comma before an apposition: `, explique X, la maire du village.`
        let opens_apposition = |at: usize| {
            let mut next = tokens[at + 1..].iter().take(2);
            next.any(|token| is_role(&token.text.to_lowercase()))
        };
        let end = (aside.verb..tokens.len()).find(|&at| match tokens[at].text {
            "," => !opens_apposition(at),
            "." => !is_title(tokens[at - 1].text),
            mark => matches!(mark, "!" | "?" | ":"),
        });
        let rest = match end.map(|at| &tokens[at]) {
            Some(token) if token.text == "," => Place {
                sentence,
                at: token.end(),
            },
            _ => Place {
                sentence: sentence + 1,
                at: 0,
            },
        };
        let first = Span {
            first: span.first,
            last: Place {
                sentence,
                at: aside.end_of_words(tokens),
            },
        };
        let second = Span {
            first: rest,
            last: span.last,
        };
        let closed = self.sentences[span.last.sentence].text.len() > span.last.at;
        let goes_on = rest < span.last && (closed || rest.sentence == sentence);
        Some(if goes_on {
            vec![first, second]
        } else {
            vec![first]
        })
    }

    /// The aside in the sentence where the quotation begins.
    fn aside(&self, span: &Span) -> Option<(usize, Aside)> {
        let sentence = span.first.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let start = tokens.partition_point(|token| token.start < span.first.at);
        let end = match span.last.sentence == sentence {
            true => tokens.partition_point(|token| token.start < span.last.at),
            false => tokens.len(),
        };
        Some((sentence, aside(tokens, start, end)?))
    }

    /// `», a déclaré X`, `», explique-t-il`.
    fn after(&self, span: &Span, last: Option<&Spoken>) -> Option<Option<String>> {
        let sentence = span.last.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let start = tokens.partition_point(|token| token.start <= span.last.at);
        if tokens.get(start).is_some_and(|token| token.text == ".") {
            return None;
        }
        let mut quoted = false;
        for (index, token) in tokens.iter().enumerate().skip(start).take(45) {
            if matches!(token.text, "\"" | "«" | "»" | "“" | "”") {
                quoted = !quoted;
            }
            if quoted {
                continue;
            }
            let place = Place {
                sentence,
                at: token.start,
            };
            if let Some((verb, pronoun)) = inverted(token.text) {
                let next = tokens[index + 1..]
                    .iter()
                    .take(3)
                    .any(|token| is_attribution(token.text));
                if is_attribution(verb) || (matches!(verb, "a" | "ont" | "avait" | "est") && next) {
                    return Some(self.pronoun(pronoun, place, span, last));
                }
            }
            // Far away only the verb with its subject behind it belongs to the quotation.
            if names_source(tokens, index) && index - start <= 25 {
                return Some(self.subject(sentence, index + 1, span, last));
            }
            if !is_attribution(token.text)
                || matches!(token.text, "appelé" | "demande")
                || !is_bare_verb(tokens, start, index)
            {
                continue;
            }
            let name_end = |at| self.name_end(sentence, at);
            if let Some(subject) = subject_after(tokens, index, name_end) {
                return Some(self.subject(sentence, subject, span, last));
            }
        }
        None
    }

    /// `X a déclaré : «`, `Selon X, «`, `Pour X, «`.
    fn before(&self, span: &Span, last: Option<&Spoken>) -> Option<Option<String>> {
        let sentence = span.first.sentence;
        let tokens = &self.sentences[sentence].tokens;
        let end = tokens.partition_point(|token| token.start < span.first.at);
        for index in (0..end).rev() {
            let token = &tokens[index];
            if names_source(tokens, index) {
                return Some(self.subject(sentence, index + 1, span, last));
            }
            let place = Place {
                sentence,
                at: token.start,
            };
            if let Some((verb, pronoun)) = inverted(token.text)
                && is_attribution(verb)
            {
                return Some(self.pronoun(pronoun, place, span, last));
            }
            if is_participle(token.text) {
                return Some(self.of_participle(sentence, index, span, last));
            }
            let accused = token.text.starts_with("accusé")
                && index > 0
                && !matches!(tokens[index - 1].text, "a" | "ont" | "avait" | "avaient");
            // `estimés par X « … »`
            if is_attribution(token.text)
                && tokens.get(index + 1).is_some_and(|next| next.text == "par")
                && tokens.get(index + 2).is_some_and(starts_subject)
            {
                return Some(self.subject(sentence, index + 2, span, last));
            }
            if (is_attribution(token.text) || announces(token.text)) && !accused {
                return Some(self.subject_of(sentence, index, span, last));
            }
        }
        if tokens.first().is_some_and(|first| first.text == "Pour")
            && tokens.get(1).is_some_and(starts_subject)
            && let Some(name) = self.holder_of_opinion(sentence, end)
        {
            return Some(Some(name));
        }
        // The sentence before announces it: `Il a réagi :`
        let previous = sentence
            .checked_sub(1)
            .map(|index| &self.sentences[index])?;
        let announces = end <= 1 && previous.text.trim_end().ends_with(':');
        announces.then(|| {
            let verb = previous
                .tokens
                .iter()
                .rposition(|token| is_attribution(token.text));
            match verb {
                Some(verb) => self.subject_of(sentence - 1, verb, span, last),
                None => self.last_person(Place { sentence, at: 0 }, span),
            }
        })
    }

    /// X in `Pour X, « … »`: the person named before the first comma.
    fn holder_of_opinion(&self, sentence: usize, end: usize) -> Option<String> {
        let tokens = &self.sentences[sentence].tokens;
        let comma = tokens[..end].iter().position(|token| token.text == ",")?;
        self.person_within(sentence, 0, tokens[comma].start)
    }

    /// The subject that begins at the token `from`: the person named there, a name, or whom the
    /// description means.
    fn subject(
        &self,
        sentence: usize,
        from: usize,
        span: &Span,
        last: Option<&Spoken>,
    ) -> Option<String> {
        let tokens = &self.sentences[sentence].tokens;
        let first = tokens.get(from)?;
        let place = Place {
            sentence,
            at: first.start,
        };
        if matches!(first.text, "lui" | "elle" | "eux" | "il" | "elles" | "ils") {
            return self.pronoun(first.text, place, span, last);
        }
        let latter = (tokens.get(from + 1)).is_some_and(|next| next.text.starts_with("derni"));
        if latter && first.text.starts_with("ce") {
            return self.last_person(place, span);
        }
        if first.text.starts_with("celui") || first.text.starts_with("celle") {
            return self.pronoun("il", place, span, last);
        }
        let end = clause_end(tokens, from);
        let range = first.start..tokens[end - 1].end();
        // `le ministre de l'Intérieur, Gérald Darmanin`
        let wider = tokens
            .get(end)
            .filter(|token| token.text == ",")
            .map_or(range.end, |_| {
                let last = tokens.len() - 1;
                tokens[last.min(end + 4)].end()
            });
        let description = &self.sentences[sentence].text[range.clone()];
        // `l'ancien ministre de François Hollande` is not François Hollande.
        let own = self
            .ungoverned(sentence, range.start, range.end)
            .next()
            .map(|mention| mention.name.to_owned());
        let next = || self.person_within(sentence, range.end, wider);
        own.or_else(next)
            .or_else(|| self.described(description, place, last))
            .or_else(|| self.named_within(sentence, range.start, range.end))
            .or_else(|| Some(description.to_owned()))
    }

    /// The subject of the verb at `verb`, which stands before it.
    fn subject_of(
        &self,
        sentence: usize,
        verb_index: usize,
        span: &Span,
        last: Option<&Spoken>,
    ) -> Option<String> {
        let tokens = &self.sentences[sentence].tokens;
        let verb = tokens[verb_index].start;
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
        let place = |at| Place { sentence, at };
        let named = self.nearest_before(sentence, start, verb);
        let pronoun = tokens[from..verb_index].iter().rev().take(6).find(|token| {
            matches!(
                token.text.to_lowercase().as_str(),
                "il" | "elle" | "ils" | "elles" | "qui"
            )
        });
        if let Some(pronoun) = pronoun
            && named.is_none_or(|(at, _)| pronoun.start > at)
        {
            if pronoun.text != "qui" {
                return self.pronoun(pronoun.text, place(pronoun.start), span, last);
            }
            // `selon le préfet, qui ajoute`: who has just been said to speak.
            if named.is_none()
                && let Some(spoken) = last.filter(|spoken| spoken.sentence == sentence)
            {
                return spoken.speaker.clone();
            }
        }
        let described = || {
            let subject = subject_before(tokens, from, verb_index)?;
            let at = place(subject.start);
            let description = &self.sentences[sentence].text[subject];
            self.described(description, at, last)
                .or_else(|| Some(description.to_owned()))
        };
        // `Il a dénoncé « … » et évoqué « … »`: the subject stands before the first one.
        let further = || {
            let first = tokens.first().filter(|_| from > 0)?;
            match first.text {
                "Il" | "Elle" | "Ils" | "Elles" => self.pronoun(first.text, place(0), span, last),
                _ => self
                    .nearest_before(sentence, 0, start)
                    .map(|(_, name)| name.to_owned()),
            }
        };
        named
            .map(|(_, name)| name.to_owned())
            .or_else(described)
            .or_else(further)
            .or_else(|| self.last_person(place(start), span))
    }

    /// The subject of a participle is that of its sentence: `X a salué le geste, ajoutant que « … »`,
    /// `Soulignant que « … », X a remercié`.
    fn of_participle(
        &self,
        sentence: usize,
        participle: usize,
        span: &Span,
        last: Option<&Spoken>,
    ) -> Option<String> {
        let tokens = &self.sentences[sentence].tokens;
        let at = tokens[participle].start;
        if tokens[..participle]
            .iter()
            .filter(|token| token.is_word())
            .count()
            <= 1
        {
            let after = Place {
                sentence: span.last.sentence,
                at: span.last.at,
            };
            return self
                .within(after.sentence, after.at, usize::MAX)
                .find(|mention| mention.person)
                .map(|mention| mention.name.to_owned());
        }
        if let Some(pronoun) = tokens
            .first()
            .filter(|token| matches!(token.text, "Il" | "Elle" | "Ils" | "Elles"))
        {
            return self.pronoun(pronoun.text, Place { sentence, at: 0 }, span, last);
        }
        let spoken = last.filter(|spoken| spoken.sentence == sentence);
        spoken
            .and_then(|spoken| spoken.speaker.clone())
            .or_else(|| {
                let mut people = self.ungoverned(sentence, 0, at);
                people.next().map(|mention| mention.name.to_owned())
            })
            .or_else(|| {
                let verb = tokens[1..].iter().position(|token| {
                    matches!(token.text, "a" | "ont" | "est" | "avait" | "se" | "s'")
                });
                let end = clause_end(tokens, 0).min(verb.map_or(usize::MAX, |verb| verb + 1));
                let description =
                    &self.sentences[sentence].text[tokens[0].start..tokens[end - 1].end()];
                let subject = starts_subject(&tokens[0]).then(|| description.to_owned());
                self.described(description, Place { sentence, at: 0 }, last)
                    .or(subject)
            })
            .or_else(|| self.subject_of(sentence, participle, span, last))
    }

    /// Whom `il`, `elle` or `on` means: who has been brought up as the subject of a sentence since
    /// someone last spoke, else who last spoke, else who was named last.
    fn pronoun(
        &self,
        pronoun: &str,
        place: Place,
        span: &Span,
        last: Option<&Spoken>,
    ) -> Option<String> {
        /// Sentences over which a speaker goes on speaking.
        const BREATH: usize = 8;
        let last = last.filter(|spoken| {
            spoken.speaker.is_some() && place.sentence.saturating_sub(spoken.sentence) <= BREATH
        });
        // Several people, or anyone: not someone who has just been named.
        if pronoun.ends_with("on") || pronoun.ends_with('s') {
            return last.and_then(|spoken| spoken.speaker.clone());
        }
        let since = last.map_or(place.sentence.saturating_sub(3), |spoken| {
            spoken.sentence + 1
        });
        let subject = (since..=place.sentence).rev().find_map(|sentence| {
            let end = if sentence == place.sentence {
                place.at
            } else {
                usize::MAX
            };
            let subject = self.opening_subject(sentence)?;
            let outside = !(span.first <= subject.start && subject.start < span.last);
            (subject.start.at < end && outside).then(|| subject.name.to_owned())
        });
        subject
            .or_else(|| last.and_then(|spoken| spoken.speaker.clone()))
            .or_else(|| self.last_person(place, span))
    }

    /// The person who is the subject of a sentence that begins with him.
    fn opening_subject(&self, sentence: usize) -> Option<&Named<'a>> {
        let first = self.ungoverned(sentence, 0, usize::MAX).next()?;
        let tokens = &self.sentences[sentence].tokens;
        let before = tokens.partition_point(|token| token.start < first.start.at);
        (before <= 10
            && !tokens[..before]
                .iter()
                .any(|token| matches!(token.text, "\"" | "«" | "»" | ":" | "que" | "qu'")))
        .then_some(first)
    }

    /// People named in the range of a sentence whom no preposition governs.
    fn ungoverned(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = &Named<'a>> {
        let tokens = &self.sentences[sentence].tokens;
        self.within(sentence, start, end).filter(move |mention| {
            let at = tokens.partition_point(|token| token.start < mention.start.at);
            // A title stands between: `de M. Untel`, `du président Untel`.
            let before = tokens[..at].iter().rev().take(3);
            let before = before.take_while(|token| {
                token.text == "."
                    || is_preposition(token.text)
                    || matches!(token.text, "M" | "Mme" | "Dr" | "l'" | "le" | "la")
                    || is_role(token.text)
            });
            mention.person && !before.into_iter().any(|token| is_preposition(token.text))
        })
    }

    /// Whom a description means: `le secrétaire d'État` is the person whose role that is, else who
    /// has just spoken; `None` if it names no person by function.
    fn described(&self, description: &str, place: Place, last: Option<&Spoken>) -> Option<String> {
        const DEFINITE: [&str; 6] = ["le", "la", "l'", "ce", "cet", "cette"];
        // Offices that go by two names.
        let description = &description
            .replace("chef du gouvernement", "Premier ministre")
            .replace("chef de l'Etat", "président")
            .replace("chef de l'État", "président");
        let lowered = |text: &str| -> Vec<String> {
            let tokens = tokenize(text);
            tokens
                .iter()
                .map(|token| token.text.to_lowercase())
                .collect()
        };
        let words = lowered(description);
        if !DEFINITE.contains(&words.first()?.as_str()) {
            return None;
        }
        // `le Français`, said of who is speaking or was named last.
        let people = description
            .rsplit([' ', '\''])
            .next()
            .filter(|word| words.len() == 2 && starts_upper(word) && is_people_ending(word));
        if people.is_some() {
            let going_on = last.filter(|spoken| spoken.named);
            return going_on
                .and_then(|spoken| spoken.speaker.clone())
                .or_else(|| {
                    let to = self
                        .mentions
                        .partition_point(|mention| mention.start < place);
                    let mut before = self.mentions[..to].iter().rev();
                    let person = before.find(|mention| mention.person)?;
                    Some(person.name.to_owned())
                });
        }
        let head = words[1..].iter().take(3).find(|word| is_role(word))?;
        let fits = |role: &str| {
            let role = lowered(role);
            role.contains(head)
                && words[1..]
                    .iter()
                    .filter(|word| word.chars().count() > 3 && *word != head)
                    .filter(|word| !matches!(word.as_str(), "ancien" | "ancienne"))
                    .all(|word| role.contains(word))
        };
        let to = self
            .mentions
            .partition_point(|mention| mention.start < place);
        let by_role = self.mentions[..to]
            .iter()
            .rev()
            .take(10 * REACH)
            .find(|mention| mention.role.is_some_and(fits));
        // `le magistrat`, said of who is speaking; not `le porte-parole du gouvernement`.
        let short = words.len() <= 3;
        let going_on = last.filter(|spoken| {
            short && spoken.named && place.sentence.saturating_sub(spoken.sentence) <= 3
        });
        by_role
            .map(|mention| mention.name.to_owned())
            .or_else(|| going_on.and_then(|spoken| spoken.speaker.clone()))
    }

    /// Who else may have said what nothing is said about: the person whom the sentence before the
    /// quotation begins with, else who spoke in the sentence.
    pub(super) fn likely(&self, span: &Span, last: Option<&Spoken>) -> Option<String> {
        let sentence = span.first.sentence;
        let opening = self
            .opening_subject(sentence)
            .filter(|subject| subject.start < span.first);
        let going_on = last.filter(|spoken| spoken.sentence == sentence);
        going_on
            .and_then(|spoken| spoken.speaker.clone())
            .or_else(|| opening.map(|subject| subject.name.to_owned()))
    }

    /// Whether the name is that of a person or organisation of the article.
    pub(super) fn is_named(&self, speaker: &str) -> bool {
        self.names.contains(speaker)
    }

    /// The token after the name that begins at the token `at`.
    fn name_end(&self, sentence: usize, at: usize) -> Option<usize> {
        let tokens = &self.sentences[sentence].tokens;
        let start = tokens.get(at)?.start;
        let mention = self.within(sentence, start, start + 1).next()?;
        Some(tokens.partition_point(|token| token.start < mention.end))
    }

    fn person_within(&self, sentence: usize, start: usize, end: usize) -> Option<String> {
        self.within(sentence, start, end)
            .find(|mention| mention.person)
            .map(|mention| mention.name.to_owned())
    }

    /// A name that the words begin with, but for an article: `le Medef`, not `un élu du Medef`.
    fn named_within(&self, sentence: usize, start: usize, end: usize) -> Option<String> {
        self.within(sentence, start, end)
            .find(|mention| mention.start.at <= start + 4)
            .map(|mention| mention.name.to_owned())
    }

    fn within(
        &self,
        sentence: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = &Named<'a>> {
        let from = self.mentions.partition_point(|mention| {
            mention.start
                < Place {
                    sentence,
                    at: start,
                }
        });
        self.mentions[from..]
            .iter()
            .take_while(move |mention| mention.start < Place { sentence, at: end })
    }

    /// The last person named between `start` and the verb who can be its subject, else the name right
    /// before it.
    fn nearest_before(
        &self,
        sentence: usize,
        start: usize,
        verb: usize,
    ) -> Option<(usize, &'a str)> {
        let subject = self.ungoverned(sentence, start, verb).last();
        let near = || {
            self.within(sentence, start, verb)
                .filter(|mention| verb - mention.end.min(verb) <= 12)
                .last()
        };
        subject
            .or_else(near)
            .map(|mention| (mention.start.at, mention.name))
    }

    /// The person named last before the place and outside the quotation, within a few sentences;
    /// else an organisation.
    fn last_person(&self, before: Place, span: &Span) -> Option<String> {
        let to = self
            .mentions
            .partition_point(|mention| mention.start < before);
        let near = self.mentions[..to]
            .iter()
            .rev()
            .take(REACH)
            .filter(|mention| !(span.first <= mention.start && mention.start < span.last));
        // Without people it is what the sentence before speaks of first.
        let last = near.clone().next();
        let subject = last.and_then(|last| {
            near.clone()
                .take_while(|mention| mention.start.sentence == last.start.sentence)
                .last()
        });
        near.clone()
            .find(|mention| mention.person)
            .or(subject)
            .map(|mention| mention.name.to_owned())
    }
}
