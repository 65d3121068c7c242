//! Whom the subject of a verb of saying means: a name, a pronoun, a description.

use std::ops::Range;

use super::super::classes::{Class, classes};
use super::super::lexicon;
use super::super::names::{Sex, is_demonym};
use super::super::tokens::{Token, TokenKind, starts_upper, tokenize};
use super::clause::{Subject, contrast_start, is_verb, phrase_end, starts_subject};
use super::mentions::Named;
use super::passages::Position;
use super::speaker::{Quoted, Speaker, Speakers, is_wordlike};
use crate::text::numbers::french_cardinal;

/// Number of sentences after which `il` or `elle` can still mean the last speaker.
const VOICE_REACH: usize = 8;
/// Number of sentences to search for whom `il` or `elle` means if nobody has spoken.
const SUBJECT_REACH: usize = 3;
/// Maximal number of words from the article of a description to its word for the role.
const ROLE_WORDS: usize = 3;
/// Maximal number of tokens from the comma of an apposition into the name in it: `, l'ancien préfet de police Gérald`.
const APPOSITION: usize = 6;

impl Speakers<'_> {
    /// The subject that begins at the token `from`: the person named there, a name, or whom the
    /// description means.
    pub(super) fn subject_at(
        &self,
        sentence: usize,
        from: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let first = tokens.get(from)?;
        let position = Position {
            sentence,
            at: first.start,
        };
        if matches!(first.text, "lui" | "elle" | "eux" | "il" | "elles" | "ils") {
            return self.pronoun(first.text, position, quoted);
        }
        self.whom(sentence, from..phrase_end(tokens, from), quoted)
    }

    /// The subject of the verb at the token `verb`, which stands before it.
    pub(super) fn subject_of(
        &self,
        sentence: usize,
        verb: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let from = self.clause_start(sentence, verb);
        let subjects = self.find_subjects(sentence, from, verb);
        if subjects.is_empty() {
            // `Il a dénoncé « … » et évoqué « … »`: whoever has just been said to speak.
            return match quoted.spoken_in(sentence) {
                Some(spoken) => spoken.speaker.clone(),
                None if from > 0 => self.sentence_subject(sentence, usize::MAX, quoted),
                None => None,
            };
        }
        (subjects.into_iter()).find_map(|subject| self.meaning(sentence, subject, quoted))
    }

    /// Whom the subject means.
    fn meaning(&self, sentence: usize, subject: Subject, quoted: Quoted) -> Option<Speaker> {
        match subject {
            Subject::Phrase(range) => self.whom(sentence, range, quoted),
            Subject::Relative(at) => self.antecedent(sentence, at, quoted),
            Subject::Pronoun(at) => {
                let token = &self.tokens(sentence)[at];
                let at = token.start;
                self.pronoun(token.text, Position { sentence, at }, quoted)
            }
        }
    }

    /// Whom `qui` at the token `at` means: the name or the phrase right before it.
    fn antecedent(&self, sentence: usize, at: usize, quoted: Quoted) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let position = Position {
            sentence,
            at: tokens[at].start,
        };
        if let Some(name) = self.mentions.ending_before(position) {
            return Some(Speaker::named(name));
        }
        if let Some(spoken) = quoted.spoken_in(sentence) {
            return spoken.speaker.clone();
        }
        let end = at - usize::from(at > 0 && tokens[at - 1].text == ",");
        let start = (0..end)
            .rev()
            .take_while(|&at| is_wordlike(&tokens[at]))
            .find(|&at| {
                tokens[at].is(Class::Article)
                    && !tokens[at].is(Class::Of)
                    && !(at > 0 && tokens[at - 1].is(Class::Preposition))
            })?;
        (phrase_end(tokens, start) >= end).then(|| self.whom(sentence, start..end, quoted))?
    }

    /// Who speaks where the prepositional phrase at the token `from` says: `au ministère`, `dans l'entourage
    /// du maire`, `du côté de la CGT`.
    pub(super) fn of_place(&self, sentence: usize, from: usize, quoted: Quoted) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let word = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let mut at = from;
        at += usize::from(word(at) == ",");
        if word(at).eq_ignore_ascii_case("du") && word(at + 1) == "côté" {
            at += 2;
        }
        at += usize::from(word(at) == "auprès");
        let preposition = word(at).to_lowercase();
        let merged = matches!(&*preposition, "au" | "aux" | "du" | "des");
        let leads = merged
            || matches!(
                &*preposition,
                "à" | "dans" | "chez" | "de" | "sur" | "parmi"
            );
        if !leads {
            return None;
        }
        at += 1;
        // `dans un communiqué du groupe`
        if matches!(word(at), "un" | "une" | "son" | "leur")
            && matches!(word(at + 2), "de" | "du" | "d'")
        {
            let group =
                at + 3 + usize::from(word(at + 2) == "de" && matches!(word(at + 3), "la" | "l'"));
            if let Some(name) = self.mentions.name_end(sentence, group) {
                return self.whom(sentence, group..name, quoted);
            }
        }
        let phrase = at..phrase_end(tokens, at);
        if !merged {
            return self.whom(sentence, phrase, quoted);
        }
        if let Some(name) = self.mentions.name_end(sentence, at) {
            return self.whom(sentence, at..name, quoted);
        }
        let article = if matches!(&*preposition, "au" | "du") {
            "le"
        } else {
            "les"
        };
        let bytes = tokens.get(at)?.start..tokens[phrase.end - 1].end();
        let speaks = tokens[at].is(Class::Speaking) || tokens[at].is(Class::People);
        let clean = (at..phrase.end).all(|at| !is_verb(tokens, at));
        let description = format!("{article} {}", &self.sentences[sentence].text[bytes]);
        (speaks && clean).then(|| Speaker {
            name: description.clone(),
            description: Some(description),
            sex: None,
        })
    }

    /// Who is meant by `on` before the verb at the token `verb`: `Au ministère, on assure que`.
    pub(super) fn whose_one(
        &self,
        sentence: usize,
        verb: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let from = self.clause_start(sentence, verb);
        let one = (from..verb).rev().find(|&at| tokens[at].text == "on")?;
        let near = verb - one <= 4 && one > from;
        near.then(|| self.of_place(sentence, from, quoted))?
    }

    /// The subject of a participle is that of its sentence: `X a salué le geste, ajoutant que « … »`,
    /// `Soulignant que « … », X a remercié`.
    pub(super) fn subject_of_participle(
        &self,
        sentence: usize,
        participle: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let words_before = tokens[..participle].iter().filter(|token| token.is_word());
        // `Tout en` may stand before it.
        if words_before.count() <= 2 {
            return self.subject_behind(quoted);
        }
        if let Some(spoken) = quoted.spoken_in(sentence) {
            return spoken.speaker.clone();
        }
        self.sentence_subject(sentence, usize::MAX, quoted)
    }

    /// The subject of the main clause that follows the quotation: `Soulignant que « … », X part`.
    fn subject_behind(&self, quoted: Quoted) -> Option<Speaker> {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let is_comma = |token: &Token| token.start >= at && token.text == ",";
        let comma = tokens.iter().position(is_comma)?;
        let first = tokens.get(comma + 1)?;
        if first.is(Class::Pronoun) || starts_subject(first) {
            return self.subject_at(sentence, comma + 1, quoted);
        }
        let person = self.mentions.person_within(sentence, at, usize::MAX);
        person.map(Speaker::named)
    }

    /// The subject of an infinitive is that of its sentence, or whoever has been speaking.
    pub(super) fn subject_of_infinitive(
        &self,
        sentence: usize,
        infinitive: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let words_before = self.tokens(sentence)[..infinitive]
            .iter()
            .filter(|token| token.is_word());
        // `Pour dénoncer « … », X a défilé`
        let opens = self.tokens(sentence).first();
        if opens.is_some_and(|first| matches!(first.text, "Pour" | "Afin" | "Avant" | "Sans"))
            && words_before.clone().count() <= 3
            && let Some(speaker) = self.subject_behind(quoted)
        {
            return Some(speaker);
        }
        // `Et d'ajouter`, after `Anne Morel n'en a cure.`
        if words_before.count() <= 2 {
            let spoken = quoted.last.map(|spoken| spoken.sentence);
            let since = sentence.checked_sub(1).filter(|&it| {
                spoken.is_none_or(|spoken| spoken < it)
                    && self.sentences[it].paragraph == self.sentences[sentence].paragraph
            });
            let subject = since.and_then(|previous| self.opening_subject(previous, quoted));
            if let Some((_, speaker)) = subject.filter(|(_, it)| self.mentions.is_person(&it.name))
            {
                return Some(speaker);
            }
            return quoted.last.and_then(|spoken| spoken.speaker.clone());
        }
        if let Some(spoken) = quoted.spoken_in(sentence) {
            return spoken.speaker.clone();
        }
        self.sentence_subject(sentence, usize::MAX, quoted)
    }

    /// The subject of the first verb of the sentence that has one, before the token `end`; if no verb is
    /// known, the phrase that the sentence begins with.
    pub(super) fn sentence_subject(
        &self,
        sentence: usize,
        end: usize,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let end = end.min(tokens.len());
        let quoted_at = |at: usize| self.is_quoted(sentence, at);
        let start = contrast_start(tokens, end, quoted_at).unwrap_or(0);
        let subjects = self.main_subjects(sentence, start..end).into_iter();
        let mut subjects = subjects.filter(|subject| !matches!(subject, Subject::Relative(_)));
        subjects.find_map(|subject| self.meaning(sentence, subject, quoted))
    }

    fn main_subjects(&self, sentence: usize, clause: Range<usize>) -> Vec<Subject> {
        let tokens = self.tokens(sentence);
        let Range { start, end } = clause;
        (start..end)
            .filter(|&at| !self.is_quoted(sentence, at) && is_verb(tokens, at))
            .map(|verb| self.find_subjects(sentence, start, verb))
            .find(|subjects| !subjects.is_empty())
            .unwrap_or_else(|| self.find_subjects(sentence, start, end))
    }

    /// Whom the noun phrase or name means. Returns `None` if it can be no speaker.
    pub(super) fn whom(
        &self,
        sentence: usize,
        phrase: Range<usize>,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let first = tokens.get(phrase.start)?;
        let position = Position {
            sentence,
            at: first.start,
        };
        let second = tokens.get(phrase.start + 1).map_or("", |next| next.text);
        // `le Dr Lise Okafor`: such titles have no feminine.
        let sex = sex_of_article(first.text).filter(|_| !matches!(second, "Dr" | "Pr" | "Me"));
        // `ce dernier`, `celui-ci`, `l'intéressée`
        if first.text.to_lowercase().starts_with("ce") && second.starts_with("derni")
            || second.starts_with("intéressé")
        {
            let sex = sex.or(second.ends_with('e').then_some(Sex::Female));
            return self.last_person(position, quoted, sex);
        }
        if first.text.starts_with("celui") || first.text.starts_with("celle") {
            let sex = match first.text.starts_with("celui") {
                true => Sex::Male,
                false => Sex::Female,
            };
            return self.last_person(position, quoted, Some(sex));
        }
        if let Some(speaker) = self.one_of_two(tokens, phrase.clone(), position) {
            return speaker;
        }
        let bytes = first.start..tokens[phrase.end - 1].end();
        // `l'ancien ministre de François Hollande` is not François Hollande.
        let mut own = self.mentions.ungoverned(sentence, bytes.start, bytes.end);
        if let Some(person) = own.find(|person| person.fits(sex)) {
            return Some(Speaker::named(person));
        }
        if let Some(person) = self.apposed(sentence, phrase.end) {
            return Some(Speaker::named(person));
        }
        let description = &self.sentences[sentence].text[bytes.clone()];
        // `les propos du journal`
        if matches!(
            second,
            "propos" | "dires" | "mots" | "informations" | "termes"
        ) && tokens
            .get(phrase.start + 2)
            .is_some_and(|of| of.is(Class::Of))
        {
            return self.subject_at(sentence, phrase.start + 3, quoted);
        }
        if let Some(speaker) = self.described(description, position, quoted) {
            return Some(speaker);
        }
        if let Some(name) = self.mentions.name_at(sentence, bytes.start, bytes.end) {
            return Some(Speaker::named(name));
        }
        // `soupire Monique, une voisine`
        if first.is_capitalised() && phrase.len() == 1 && lexicon::is_first_name(first.text) {
            return Some(Speaker {
                name: first.text.to_owned(),
                description: None,
                sex: None,
            });
        }
        is_description(&tokens[phrase]).then(|| Speaker {
            name: uncapitalised(description),
            description: Some(uncapitalised(description)),
            sex,
        })
    }

    /// Whom `le premier`, `la seconde` mean: of the two people whom the nearest sentence before names. The inner
    /// `None` is for one of others.
    #[expect(clippy::option_option, reason = "who is meant may be unknown")]
    fn one_of_two(
        &self,
        tokens: &[Token],
        phrase: Range<usize>,
        position: Position,
    ) -> Option<Option<Speaker>> {
        let [article, which] = &tokens[phrase] else {
            return None;
        };
        let second = match which.text {
            "premier" | "première" => false,
            "second" | "seconde" => true,
            _ => return None,
        };
        if !matches!(article.text, "le" | "la" | "Le" | "La") {
            return None;
        }
        let from = position.sentence.saturating_sub(SUBJECT_REACH);
        let pair = (from..position.sentence).rev().find_map(|sentence| {
            let mut people: Vec<&Named> = Vec::new();
            let named = self.mentions.within(sentence, 0, usize::MAX);
            for person in named.filter(|named| named.person) {
                if people.iter().all(|other| other.name != person.name) {
                    people.push(person);
                }
            }
            (people.len() >= 2).then_some(people)
        });
        let person = pair
            .filter(|pair| pair.len() == 2)
            .map(|pair| pair[usize::from(second)]);
        Some(person.map(Speaker::named))
    }

    /// The person named in the apposition that begins with the comma at the token `comma`: `le ministre de
    /// l'Intérieur, Gérald Darmanin`, `son directeur financier, l'ancien préfet Olivier Masson,`.
    fn apposed(&self, sentence: usize, comma: usize) -> Option<&Named<'_>> {
        let tokens = self.tokens(sentence);
        // `son porte-parole à Ouagadougou, X`
        let complement = tokens.get(comma)?.is(Class::Preposition);
        let comma = match complement {
            true => {
                (comma..tokens.len().min(comma + APPOSITION)).find(|&at| !tokens[at].is_word())?
            }
            false => comma,
        };
        tokens.get(comma).filter(|token| token.text == ",")?;
        let reach = tokens[(comma + APPOSITION).min(tokens.len() - 1)].end();
        let mut named = (self.mentions).ungoverned(sentence, tokens[comma].start, reach);
        let person = named.next()?;
        let at = tokens.partition_point(|token| token.start < person.start.at);
        let lead = &tokens[comma + 1..at];
        let titles = lead
            .iter()
            .all(|token| token.text == "." || super::super::names::is_title(token));
        let is_role = |token: &Token| {
            token.is_lower(Class::Role)
                || token.is_lower(Class::Partisan)
                || matches!(token.text, "ancien" | "ancienne")
        };
        let role = lead.first().is_some_and(|first| first.is(Class::Article))
            && lead.iter().any(is_role)
            && lead.iter().all(is_wordlike);
        (titles || role).then_some(person)
    }

    /// Resolves `il`, `elle` or `on`: to the subject of a sentence since the last speech, else the last
    /// speaker, else the last person named, as far as the sex fits.
    pub(super) fn pronoun(
        &self,
        pronoun: &str,
        position: Position,
        quoted: Quoted,
    ) -> Option<Speaker> {
        let pronoun = pronoun.to_lowercase();
        let last = quoted.last.filter(|spoken| {
            spoken.speaker.is_some()
                && position.sentence.saturating_sub(spoken.sentence) <= VOICE_REACH
        });
        let bare = pronoun.trim_start_matches("-t").trim_start_matches('-');
        let sex = match bare {
            "il" | "lui" => Some(Sex::Male),
            "elle" => Some(Sex::Female),
            "on" => return None,
            // Several people, not someone who has just been named.
            _ => {
                let speaker = last.and_then(|spoken| spoken.speaker.clone());
                return speaker.filter(|speaker| {
                    speaker.description.is_some() || !self.mentions.is_person(&speaker.name)
                });
            }
        };
        let since = match last {
            Some(spoken) => spoken.sentence + 1,
            None => position.sentence.saturating_sub(SUBJECT_REACH),
        };
        let subject = (since..=position.sentence).rev().find_map(|sentence| {
            let (at, speaker) = self.opening_subject(sentence, quoted)?;
            (at < position && speaker.fits(sex)).then_some(speaker)
        });
        let voice = last.and_then(|spoken| spoken.speaker.clone());
        let voice = voice.filter(|speaker| speaker.fits(sex));
        // `la maire`, after someone has spoken of whom nothing is said.
        let subject = subject.filter(|subject| match (&subject.description, &voice) {
            (Some(_), Some(voice)) => {
                voice.description.is_some() || self.mentions.role_of(&voice.name).is_some()
            }
            _ => true,
        });
        subject
            .or(voice)
            .or_else(|| self.most_salient(position, quoted, sex))
    }

    /// The subject of a sentence that begins with it: a name, or a person who is described. Pronouns
    /// are not resolved.
    fn opening_subject(&self, sentence: usize, quoted: Quoted) -> Option<(Position, Speaker)> {
        let tokens = self.tokens(sentence);
        let subject = self
            .main_subjects(sentence, 0..self.tokens(sentence).len())
            .into_iter()
            .next()?;
        let Subject::Phrase(range) = subject else {
            return None;
        };
        if self.is_quoted(sentence, range.start) {
            return None;
        }
        let at = Position {
            sentence,
            at: tokens[range.start].start,
        };
        let is_person = range
            .clone()
            .take(ROLE_WORDS + 1)
            .any(|at| tokens[at].is_lower(Class::Role) || tokens[at].is_lower(Class::People));
        let speaker = self.whom(sentence, range, quoted)?;
        let counts = speaker.description.is_none() || is_person && !is_plural(&speaker.name);
        counts.then_some((at, speaker))
    }

    /// The person whom the subject of a sentence names, or `l'intéressée`; other descriptions are not looked up:
    /// one could lead to the sentence before, and so on.
    pub(super) fn named_subject(&self, sentence: usize, quoted: Quoted) -> Option<Speaker> {
        let tokens = self.tokens(sentence);
        let subjects = self.main_subjects(sentence, 0..tokens.len());
        let Some(Subject::Phrase(range)) = subjects.into_iter().next() else {
            return None;
        };
        if self.is_quoted(sentence, range.start) {
            return None;
        }
        let bytes = tokens[range.start].start..tokens[range.end - 1].end();
        let mut own = self.mentions.ungoverned(sentence, bytes.start, bytes.end);
        if let Some(person) = own.next().or_else(|| self.apposed(sentence, range.end)) {
            return Some(Speaker::named(person));
        }
        let concerned = tokens[range.clone()].get(1);
        let concerned = concerned.is_some_and(|it| it.text.starts_with("intéressé"));
        concerned.then(|| self.whom(sentence, range, quoted))?
    }

    /// The person of this sex who is most present before the position: by how lately and how often they are
    /// named, and whether as a subject.
    fn most_salient(
        &self,
        position: Position,
        quoted: Quoted,
        sex: Option<Sex>,
    ) -> Option<Speaker> {
        /// Number of sentences to look back.
        const REACH: usize = 6;
        let from = position.sentence.saturating_sub(REACH);
        let mut presence: Vec<(&str, f64, &Named)> = Vec::new();
        let near = (self.mentions.before(position))
            .take_while(|named| named.start.sentence >= from)
            .filter(|named| {
                named.person && !quoted.passage.contains(named.start) && named.fits(sex)
            });
        for named in near {
            let distance = (position.sentence - named.start.sentence) as i32;
            let tokens = self.tokens(named.start.sentence);
            let at = tokens.partition_point(|token| token.start < named.start.at);
            let place = if self.is_quoted(named.start.sentence, at.min(tokens.len() - 1)) {
                0.3
            } else if self.mentions.is_governed(named) {
                0.6
            } else if at <= 3 || self.has_verb_behind(named) {
                1.2
            } else {
                1.0
            };
            let weight = place * 0.6f64.powi(distance);
            match presence.iter_mut().find(|(name, ..)| *name == named.name) {
                Some((_, sum, _)) => *sum += weight,
                None => presence.push((named.name, weight, named)),
            }
        }
        let most = presence
            .into_iter()
            .reduce(|most, next| if next.1 > most.1 { next } else { most });
        match most {
            Some((_, _, named)) => Some(Speaker::named(named)),
            None => self.last_person(position, quoted, sex),
        }
    }

    /// Whether a verb stands right behind the name.
    fn has_verb_behind(&self, named: &Named) -> bool {
        let tokens = self.tokens(named.start.sentence);
        let at = tokens.partition_point(|token| token.start < named.end);
        at < tokens.len() && is_verb(tokens, at)
    }

    fn last_person(&self, position: Position, quoted: Quoted, sex: Option<Sex>) -> Option<Speaker> {
        let person = self.mentions.last_person(position, quoted.passage, sex);
        person.map(Speaker::named)
    }

    /// Resolves a description: a definite one such as `le secrétaire d'État` to the only person with that
    /// role, a demonstrative one such as `cet éleveur` to the person named right before.
    fn described(&self, description: &str, position: Position, quoted: Quoted) -> Option<Speaker> {
        let office = &one_name_for_each_office(description);
        let mut words = lowered(office);
        // `la boxeuse de 26 ans`
        if let [.., of, _, years] = &words[..]
            && of == "de"
            && years == "ans"
        {
            words.truncate(words.len() - 3);
        }
        // `le vieil homme`, `la jeune maire`
        if words.len() == 3
            && matches!(
                &*words[1],
                "vieil"
                    | "jeune"
                    | "vieille"
                    | "grand"
                    | "célèbre"
                    | "nouveau"
                    | "nouvelle"
                    | "ancien"
                    | "ancienne"
            )
        {
            words.remove(1);
        }
        let article = words.first()?.as_str();
        let sex = sex_of_article(article);
        let as_described = |mut speaker: Speaker| {
            speaker.description = Some(uncapitalised(description));
            speaker
        };
        if matches!(article, "ce" | "cet" | "cette") {
            let person = self.mentions.before(position).find(|named| {
                named.person && !quoted.passage.contains(named.start) && named.fits(sex)
            })?;
            let near = position.sentence - person.start.sentence <= 1;
            return near.then(|| as_described(Speaker::named(person)));
        }
        if !matches!(article, "le" | "la" | "l'") {
            return None;
        }
        // `le Français`, said of whoever is speaking or was named last.
        let noun = description.rsplit([' ', '\'']).next();
        if noun.is_some_and(|noun| words.len() == 2 && starts_upper(noun) && is_demonym(noun)) {
            let speaker = quoted.last.and_then(|spoken| spoken.speaker.clone());
            return speaker
                .filter(|speaker| speaker.description.is_none() && speaker.fits(sex))
                .or_else(|| self.most_salient(position, quoted, sex));
        }
        let is_role = |word: &&String| lexicon::is_role(word);
        let head = words[1..].iter().take(ROLE_WORDS).find(is_role)?;
        // All that the description says about the role has to be said of the person, too.
        let fits = |role: &str| {
            let role = lowered(&one_name_for_each_office(role));
            let mut telling = words[1..].iter().filter(|word| {
                word.chars().count() > 3 && !matches!(word.as_str(), "ancien" | "ancienne")
            });
            role.contains(head) && telling.all(|word| role.contains(word))
        };
        if let Some(person) = self.mentions.only_with_role(fits, sex) {
            return Some(as_described(Speaker::named(person)));
        }
        // What stands behind the noun but says nothing about the office: `le technicien brestois`.
        let behind = words.iter().skip_while(|word| *word != head).skip(1);
        // `l'élu du Gard`
        let placed = behind
            .clone()
            .next()
            .is_some_and(|of| classes(of).has(Class::Of))
            && !classes(head).has(Class::Office)
            && description
                .rsplit([' ', '\''])
                .next()
                .is_some_and(|last| lexicon::place(last).is_some());
        let bare = words[1] == *head
            && (placed || behind.clone().count() <= 1)
            && behind.clone().all(|word| {
                placed
                    || word.chars().count() > 3
                        && !classes(word).has(Class::Rank)
                        && !classes(word).has(Class::Role)
            });
        let person = bare.then(|| self.taken_up(head, sex, position, quoted))?;
        person.map(as_described)
    }

    /// Who is taken up by an epithet: `le magistrat` for a public prosecutor whom the paragraphs before name,
    /// `la directrice` for the subject of the sentence before, if no role of hers is told.
    fn taken_up(
        &self,
        noun: &str,
        sex: Option<Sex>,
        position: Position,
        quoted: Quoted,
    ) -> Option<Speaker> {
        /// Number of sentences to look back.
        const REACH: usize = 6;
        let known = sex.is_some();
        // `l'élu` and `l'élue`
        let sex = sex.or_else(|| lexicon::sex_of_epithet(noun));
        let from = position.sentence.saturating_sub(REACH);
        let near: Vec<&Named> = (self.mentions.before(position))
            .take_while(|named| named.start.sentence >= from)
            .filter(|named| {
                named.person && !quoted.passage.contains(named.start) && named.fits(sex)
            })
            .collect();
        let fits = |named: &&&Named| lexicon::takes_up(noun, named.role?);
        // Anyone can be `le prévenu` or `la quinquagénaire`.
        if lexicon::takes_up(noun, "") == Some(true) {
            return self.most_salient(position, quoted, sex);
        }
        if let Some(person) = near.iter().find(|named| fits(named) == Some(true)) {
            return Some(Speaker::named(person));
        }
        // Whoever the sentence before is about, if no role of theirs is told.
        let previous = position.sentence.checked_sub(1)?;
        let same =
            self.sentences[previous].paragraph == self.sentences[position.sentence].paragraph;
        let is_office = classes(noun).has(Class::Office);
        let subject = (same || !is_office)
            .then(|| self.named_subject(previous, quoted))
            .flatten()
            .filter(|speaker| {
                let unknown = self.mentions.role_of(&speaker.name).is_none();
                self.mentions.is_person(&speaker.name) && unknown && speaker.fits(sex)
            });
        if subject.is_some() || is_office {
            return subject;
        }
        // A trade is that of the only person whom the sentences before name without a role.
        let mut only = near.iter().filter(|named| {
            named.role.is_none() && (known || position.sentence - named.start.sentence <= 2)
        });
        let first = only.next()?;
        (only.all(|other| other.name == first.name)).then(|| Speaker::named(first))
    }
}

/// Whether the tokens, a noun phrase, can describe who speaks: they begin with an article, and the first noun
/// is of people, of a body or of a writing. No verb stands in them.
fn is_description(tokens: &[Token]) -> bool {
    /// Words that may stand between the article and the noun.
    const BEFORE_NOUN: [&str; 27] = [
        "vieil",
        "vieille",
        "vieux",
        "futur",
        "future",
        "seul",
        "grand",
        "grande",
        "dernier",
        "ancien",
        "ancienne",
        "jeune",
        "jeunes",
        "nouveau",
        "nouvelle",
        "même",
        "troisième",
        "autre",
        "autres",
        "petit",
        "petite",
        "premier",
        "première",
        "deux",
        "trois",
        "nombreux",
        "principal",
    ];
    let [first, rest @ ..] = tokens else {
        return false;
    };
    // `l'un de ses proches`
    let partitive = rest
        .first()
        .is_some_and(|token| matches!(token.text, "un" | "une"));
    // `une dizaine d'élus`
    let round = rest
        .first()
        .is_some_and(|token| token.text.ends_with("aine"))
        && rest.get(1).is_some_and(|token| token.is(Class::Of));
    let rest = if round { &rest[2..] } else { rest };
    let noun = rest.iter().find(|token| {
        let lower = token.text.to_lowercase();
        let skipped = BEFORE_NOUN.contains(&&*lower)
            || !lower.starts_with("un") && french_cardinal([&*lower]).is_some();
        let of = token.is(Class::Of) || token.is(Class::Article) || token.text == "plus";
        !(skipped || partitive && of)
    });
    let speaks = noun.is_some_and(|noun| {
        noun.is(Class::Role)
            || noun.is(Class::People)
            || noun.is(Class::Speaking)
            || noun.is_capitalised()
            || noun.text.starts_with(char::is_lowercase) && is_agent(noun.text)
    });
    let clean = (1..tokens.len()).all(|at| !is_verb(tokens, at) || tokens[at].is(Class::Role));
    let counted = rest.iter().any(|token| token.kind == TokenKind::Number);
    let age = rest.iter().any(|token| matches!(token.text, "ans" | "an"));
    first.is(Class::Article) && speaks && clean && (!counted || age)
}

/// Whether the noun ends like one for people.
fn is_agent(noun: &str) -> bool {
    const ENDINGS: [&str; 13] = [
        "teur", "trice", "seur", "feur", "vreur", "euse", "iste", "ienne", "icien", "ologue",
        "naire", "ier", "ière",
    ];
    const THINGS: [&str; 12] = [
        "secteur",
        "moteur",
        "facteur",
        "quartier",
        "dossier",
        "papier",
        "courrier",
        "chantier",
        "métier",
        "calendrier",
        "manière",
        "lumière",
    ];
    let noun = noun.strip_suffix('s').unwrap_or(noun);
    noun.chars().count() > 5
        && ENDINGS.iter().any(|ending| noun.ends_with(ending))
        && !THINGS.contains(&noun)
}

/// What a definite, demonstrative or indefinite article in the singular tells.
fn sex_of_article(article: &str) -> Option<Sex> {
    match article.to_lowercase().as_str() {
        "le" | "un" | "ce" | "cet" | "son" => Some(Sex::Male),
        "la" | "une" | "cette" | "sa" => Some(Sex::Female),
        _ => None,
    }
    // `son` also stands before a vowel: `son amie`.
    .filter(|_| !article.eq_ignore_ascii_case("son"))
}

fn is_plural(description: &str) -> bool {
    let first = description.split(' ').next().unwrap_or_default();
    matches!(
        first,
        "les" | "des" | "ces" | "ses" | "leurs" | "plusieurs" | "quelques" | "deux" | "trois"
    )
}

/// With its article in lower case.
fn uncapitalised(description: &str) -> String {
    let mut chars = description.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Replaces the second name of an office by its first.
fn one_name_for_each_office(description: &str) -> String {
    description
        .replace("en scène ", "")
        .replace("en chef ", "")
        .replace("premier magistrat", "maire")
        .replace("première magistrate", "maire")
        .replace("représentant de l'État", "préfet")
        .replace("représentante de l'État", "préfète")
        .replace("chef du gouvernement", "Premier ministre")
        .replace("chef de l'Etat", "président")
        .replace("chef de l'État", "président")
}

/// The tokens of a text in lower case.
fn lowered(text: &str) -> Vec<String> {
    let tokens = tokenize(text).into_iter();
    tokens.map(|token| token.text.to_lowercase()).collect()
}
