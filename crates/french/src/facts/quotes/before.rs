//! Speakers that the text names before their words: `X a déclaré : «`, `Selon X, «`.

use super::super::classes::Class;
use super::super::names::is_title;
use super::super::tokens::{Token, inverted, tokenize};
use super::clause::{
    clause_start, is_inverted_speech, is_noun_here, is_verb, names_source, phrase_end, says,
    starts_subject, subject_after,
};
use super::passages::Position;
use super::speaker::{Attribution, Quoted, Speaker, Speakers};

/// Maximal number of tokens between a verb such as `juge` and the words it reports.
const ANNOUNCING_REACH: usize = 6;

impl Speakers<'_> {
    /// `X a déclaré : «`, `Selon X, «`, `Soulignant que «`.
    pub(super) fn before(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        let unquoted = (0..end)
            .rev()
            .filter(|&index| !self.is_quoted(sentence, index));
        for index in unquoted {
            let token = &tokens[index];
            if names_source(tokens, index) {
                return self.subject_at(sentence, index + 1, quoted).into();
            }
            if is_inverted_speech(tokens, index, end) {
                let (_, pronoun) = inverted(token.text).unwrap_or_default();
                let position = Position {
                    sentence,
                    at: token.start,
                };
                return self.pronoun(pronoun, position, quoted).into();
            }
            if token.is(Class::SpeechParticiple) {
                return self.subject_of_participle(sentence, index, quoted).into();
            }
            // `Et le médecin d'ajouter : « … »`
            if token.is_lower(Class::SpeechInfinitive)
                && index > 3
                && tokens[index - 1].is_lower(Class::Of)
                && matches!(tokens[0].text, "Et" | "Puis")
                && phrase_end(tokens, 1) >= index - 1
            {
                return self.whom(sentence, 1..index - 1, quoted).into();
            }
            // `Et d'ajouter : « … »`, `avant de conclure : « … »`, `tient à préciser que « … »`
            if token.is_lower(Class::SpeechInfinitive)
                && end - index <= ANNOUNCING_REACH
                && !(index > 0 && tokens[index - 1].is(Class::Article))
                || self.adds(tokens, index)
            {
                return self.subject_of_infinitive(sentence, index, quoted).into();
            }
            // `selon une source citée par un journal, « … »`
            if is_relayed(tokens, index) {
                continue;
            }
            // `estimés par X « … »`
            if says(tokens, index)
                && token.text.ends_with(['é', 's', 'e'])
                && tokens.get(index + 1).is_some_and(|next| next.text == "par")
                && tokens.get(index + 2).is_some_and(starts_subject)
            {
                return self.subject_at(sentence, index + 2, quoted).into();
            }
            // `X, accusé de « … »` has not said it, `X a accusé « … »` has.
            let has = |token: &Token| matches!(token.text, "a" | "ont" | "avait" | "avaient");
            let accused =
                token.text.starts_with("accusé") && !(index > 0 && has(&tokens[index - 1]));
            let announces = (token.is_lower(Class::Announcing) && !is_noun_here(tokens, index)
                || is_idiom(tokens, index))
                && end - index <= ANNOUNCING_REACH;
            // `assure la préfecture, ajoutant « … »`
            let inverted = says(tokens, index) && index > 0 && tokens[index - 1].text == ",";
            let name_end = |at| self.mentions.name_end(sentence, at);
            if inverted
                && let Some(subject) = subject_after(&tokens[..end], index, name_end)
                && subject == index + 1
                && let Some(speaker) = self.subject_at(sentence, subject, quoted)
            {
                return Attribution::Named(speaker);
            }
            // `Ce que conteste X : « … »`
            if (says(tokens, index) || announces)
                && index > 0
                && matches!(tokens[index - 1].text, "que" | "qu'")
                && tokens.get(index + 1).is_some_and(starts_subject)
            {
                return self.subject_at(sentence, index + 1, quoted).into();
            }
            if (says(tokens, index) || announces) && !accused {
                let subject = self.subject_of(sentence, index, quoted);
                return subject
                    .or_else(|| self.whose_one(sentence, index, quoted))
                    .into();
            }
        }
        Attribution::Nobody
    }

    /// Whether a verb of saying stands right before the quotation.
    pub(super) fn is_announced(&self, quoted: Quoted) -> bool {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        let from = end.saturating_sub(2 * ANNOUNCING_REACH);
        (from..end).any(|index| says(tokens, index) || tokens[index].is_lower(Class::Announcing))
    }

    /// Whether the token is the infinitive in `Et d'ajouter`, `avant de conclure`.
    fn adds(&self, tokens: &[Token], index: usize) -> bool {
        let of = index
            .checked_sub(1)
            .is_some_and(|at| tokens[at].is_lower(Class::Of));
        let starts = index.checked_sub(2).is_some_and(|at| {
            matches!(
                tokens[at].text,
                "Et" | "et" | "Puis" | "puis" | "avant" | "Avant"
            )
        });
        of && starts && tokens[index].is_lower(Class::SpeechInfinitive)
    }

    /// X in `Pour X, « … »`, `X, pour qui « … »`.
    pub(super) fn holder_of_opinion(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        let mark = |at: &usize| matches!(tokens[*at].text, "«" | "\"" | "“");
        let words = end - usize::from(end.checked_sub(1).is_some_and(|at| mark(&at)));
        if words >= 2
            && matches!(
                tokens[words - 1].text,
                "qui" | "lequel" | "laquelle" | "lesquels"
            )
            && tokens[words - 2].text == "pour"
        {
            let before = Position {
                sentence,
                at: tokens[words - 2].start,
            };
            // `la CGT, premier syndicat, pour laquelle « … »`
            let nearest = || {
                let mut names = self.mentions.before(before);
                names.next().filter(|name| name.start.sentence == sentence)
            };
            let named = self.mentions.ending_before(before).or_else(nearest);
            return named.map_or(Attribution::Nobody, |name| {
                Attribution::Named(Speaker::named(name))
            });
        }
        let quoted_at = |at: usize| self.is_quoted(sentence, at);
        let mut from = clause_start(tokens, words, quoted_at);
        from += usize::from(tokens.get(from).is_some_and(|it| it.is(Class::Conjunction)));
        let holds = (tokens.get(from)).is_some_and(|it| matches!(it.text, "Pour" | "pour"))
            && tokens.get(from + 1).is_some_and(starts_subject);
        let is_comma = |&at: &usize| tokens[at].text == ",";
        let Some(comma) = (from..end).find(is_comma).filter(|_| holds) else {
            return Attribution::Nobody;
        };
        if let Some(name) =
            (self.mentions).person_within(sentence, tokens[from].start, tokens[comma].start)
        {
            return Attribution::Named(Speaker::named(name));
        }
        let name = self
            .mentions
            .name_at(sentence, tokens[from + 1].start, tokens[comma].start);
        if let Some(name) =
            name.filter(|_| self.mentions.name_end(sentence, from + 1) == Some(comma))
        {
            return Attribution::Named(Speaker::named(name));
        }
        // `Pour la préfecture, « … »`
        let phrase = from + 1..comma;
        let speaker = (tokens[from + 1].is(Class::Article)
            && phrase_end(tokens, phrase.start) == comma)
            .then(|| self.whom(sentence, phrase, quoted))
            .flatten();
        speaker.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// Who stands between two quotations of a sentence without a verb: `X évoque « … », et Y « … »`.
    pub(super) fn gapped(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let before = self
            .passages
            .iter()
            .rev()
            .find(|it| it.last < quoted.passage.first);
        let Some(before) = before.filter(|it| it.last.sentence == sentence) else {
            return Attribution::Nobody;
        };
        if quoted.spoken_in(sentence).is_none() {
            return Attribution::Nobody;
        }
        let tokens = self.tokens(sentence);
        let joins = |token: &Token| !token.is_word() || token.is(Class::Conjunction);
        let mut from = tokens.partition_point(|token| token.start < before.last.at);
        let mut to = tokens.partition_point(|token| token.start < at);
        while from < to && joins(&tokens[from]) {
            from += 1;
        }
        // `, et la CGT d'« un crime »`
        while from < to && (joins(&tokens[to - 1]) || tokens[to - 1].is(Class::Of)) {
            to -= 1;
        }
        let mut names = vec![false; to];
        for at in from..to {
            if let Some(end) = self.mentions.name_end(sentence, at) {
                names[at..end.min(to)].fill(true);
            }
        }
        let speaks = |at: usize| {
            names[at] || tokens[at].is_lower(Class::Role) || tokens[at].is_lower(Class::Speaking)
        };
        let goes_with = |at: usize| {
            matches!(tokens[at].text, "," | ".")
                || tokens[at].is(Class::Article)
                || tokens[at].is(Class::Of)
                || is_title(&tokens[at])
        };
        let is_someone = (from..to).any(speaks) && (from..to).all(|at| speaks(at) || goes_with(at));
        let speaker = is_someone.then(|| self.whom(sentence, from..to, quoted));
        speaker
            .flatten()
            .map_or(Attribution::Nobody, Attribution::Named)
    }

    /// The sentence and the token of the colon right before the quotation.
    fn colon_before(&self, quoted: Quoted) -> Option<(usize, usize)> {
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        let colon = (0..end)
            .rev()
            .take_while(|&index| !tokens[index].is_word())
            .find(|&index| tokens[index].text == ":")?;
        (colon > 0).then_some((sentence, colon))
    }

    /// To whom the sentence hands over: `Même constat chez X : « … »`
    pub(super) fn handed_over(&self, quoted: Quoted) -> Attribution {
        let speaker = self.colon_before(quoted).and_then(|(sentence, colon)| {
            let tokens = self.tokens(sentence);
            let lead = (0..colon).find(|&at| hands_over(&tokens[..=at]))?;
            self.whom(sentence, lead + 1..colon, quoted)
        });
        speaker.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// Whose sentence leads to the quotation with a colon, without a verb of saying.
    pub(super) fn colon(&self, quoted: Quoted) -> Attribution {
        /// Nouns for what someone says: `Réponse de X : « … »`.
        const REPLIES: [&str; 10] = [
            "réponse",
            "réaction",
            "commentaire",
            "verdict",
            "explication",
            "conclusion",
            "constat",
            "message",
            "mot",
            "résumé",
        ];
        let Some((sentence, colon)) = self.colon_before(quoted) else {
            return Attribution::Nobody;
        };
        let tokens = self.tokens(sentence);
        // `Puis, après un silence : « … »`
        let goes_on = matches!(
            tokens[0].text,
            "Puis" | "Et" | "Ensuite" | "Avant" | "Après" | "Enfin"
        );
        let lacks_verb = || (0..colon).all(|at| !is_verb(tokens, at));
        if let Some(last) = quoted.last.filter(|last| {
            goes_on
                && self.sentences[last.sentence].paragraph == self.sentences[sentence].paragraph
                && lacks_verb()
        }) {
            return last
                .speaker
                .clone()
                .map_or(Attribution::Nobody, Attribution::Named);
        }
        let is_reply = |index: usize| REPLIES.contains(&tokens[index].text.to_lowercase().as_str());
        if let Some(reply) = (0..colon.min(4)).find(|&index| is_reply(index))
            && tokens[reply + 1].is(Class::Of)
        {
            return self.subject_at(sentence, reply + 2, quoted).into();
        }
        // A description that nobody is named for speaks only if it is of a person, and a sentence.
        let words = &self.sentences[sentence].text[quoted.passage.first.at..];
        let words = words.trim_start_matches(|c: char| !c.is_alphanumeric());
        let sentence_like = words.starts_with(char::is_uppercase);
        self.sentence_subject(sentence, colon, quoted)
            .filter(|speaker| {
                let bare = speaker
                    .description
                    .as_ref()
                    .is_none_or(|it| *it != speaker.name);
                bare || sentence_like && is_someone(&speaker.name)
            })
            .map_or(Attribution::Nobody, Attribution::Named)
    }

    /// Words that are a sentence by themselves are those of whoever the sentence before is about, if nobody
    /// has spoken in this paragraph.
    pub(super) fn subject_before(&self, quoted: Quoted) -> Attribution {
        let first = quoted.passage.first.sentence;
        let paragraph = |sentence: usize| self.sentences[sentence].paragraph;
        let Some(previous) = first.checked_sub(1) else {
            return Attribution::Nobody;
        };
        let spoken = quoted
            .last
            .is_some_and(|last| paragraph(last.sentence) == paragraph(first));
        let last = quoted.passage.last;
        let alone = quoted.passage.opens_sentence(self.sentences)
            && !self.sentences[last.sentence].text[last.at..].contains(char::is_alphanumeric);
        if spoken || !alone || paragraph(previous) != paragraph(first) {
            return Attribution::Nobody;
        }
        let subject = self.named_subject(previous, quoted);
        subject.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// The sentence before announces the quotation: `Il a réagi :`
    pub(super) fn sentence_before(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.first;
        let before = self.tokens(sentence).iter();
        // Nothing but the opening mark.
        let opens = before.take_while(|token| token.start < at).count() <= 1;
        let Some(previous) = sentence.checked_sub(1).filter(|_| opens) else {
            return Attribution::Nobody;
        };
        let previous_sentence = &self.sentences[previous];
        let tokens = &previous_sentence.tokens;
        // `Anne Morel témoigne. « … »`
        let last = tokens.iter().rposition(Token::is_word);
        if let Some(verb) = last.filter(|&at| says(tokens, at) && !self.is_quoted(previous, at))
            && previous_sentence.paragraph == self.sentences[sentence].paragraph
            && previous_sentence.text.trim_end().ends_with('.')
        {
            return self.subject_of(previous, verb, quoted).into();
        }
        if !previous_sentence.text.trim_end().ends_with(':') {
            return Attribution::Nobody;
        }
        match (0..tokens.len()).rev().find(|&at| says(tokens, at)) {
            Some(verb) => self.subject_of(previous, verb, quoted),
            None => self.sentence_subject(previous, tokens.len(), quoted),
        }
        .into()
    }
}

/// Whether the beginning of a sentence ends with the word that hands over to someone: `Même constat chez`,
/// `Un avis que partage`.
fn hands_over(tokens: &[Token]) -> bool {
    let [first, .., before, last] = tokens else {
        return false;
    };
    match last.text {
        // `Ce que conteste X`, `Un avis que partage X`
        _ if matches!(before.text, "que" | "qu'") => {
            last.says() || matches!(last.text, "partage" | "partagent" | "récuse" | "réfute")
        }
        // `Un argument qui fait bondir X`
        "bondir" | "réagir" | "sourire" | "rire" | "enrager" | "tiquer" | "hurler"
        | "sursauter" => {
            matches!(before.text, "fait" | "font" | "faire" | "faisait")
        }
        "chez" | "pour" | "côté" => {
            let first = first.text.to_lowercase();
            matches!(&*first, "même" | "mêmes" | "idem" | "pareil" | "autre")
        }
        _ => false,
    }
}

/// Whether the verb at `at` says through whom the words of another came: `citée par l'AFP`.
fn is_relayed(tokens: &[Token], at: usize) -> bool {
    const RELAYED: [&str; 8] = [
        "cité",
        "relayé",
        "rapporté",
        "interrogé",
        "contacté",
        "consulté",
        "révélé",
        "repris",
    ];
    let participle = tokens[at].text.trim_end_matches('s').trim_end_matches('e');
    RELAYED.contains(&participle) && tokens.get(at + 1).is_some_and(|next| next.text == "par")
}

/// Whether an idiom of saying begins at `at`: `met en garde contre « … »`, `a fait part de « … »`.
pub(super) fn is_idiom(tokens: &[Token], at: usize) -> bool {
    let next = |n: usize| tokens.get(at + n).map_or("", |next| next.text);
    match tokens[at].text {
        "met" | "mis" | "mettait" | "mettent" => {
            next(1) == "en" && matches!(next(2), "garde" | "cause" | "avant")
        }
        "fait" | "faisait" | "font" => matches!(next(1), "part" | "état"),
        "prend" | "pris" => next(1) == "acte",
        "plaide" | "plaidé" | "plaident" | "milite" => next(1) == "pour",
        _ => false,
    }
}

/// Whether the description is of a person, by its first noun.
fn is_someone(description: &str) -> bool {
    let tokens = tokenize(description);
    let noun = tokens.iter().find(|token| !token.is(Class::Article));
    noun.is_some_and(|noun| noun.is_lower(Class::Role) || noun.is_lower(Class::People))
}
