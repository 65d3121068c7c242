//! Words reported between quotation marks; `speaker` finds who said them.
//!
//! Titles, nicknames and single words in quotation marks are not quotations. A quotation may run over
//! several sentences of a paragraph; one that nothing closes ends with its paragraph.

mod after;
mod before;
mod clause;
mod mentions;
mod passages;
mod speaker;
mod voice;

use std::collections::HashSet;

use super::classes::Class;
use super::names::Names;
use super::tokens::{Token, TokenizedSentence};
use super::types::{Mention, Quotation};
use before::is_idiom;
use clause::says;
use passages::Passage;
use speaker::{Attribution, Quoted, Speaker, Speakers, Spoken};

/// Maximal gap, in sentences, between quotations of one speaker when the second opens its sentence and
/// has no attribution.
const SAME_VOICE: usize = 2;
/// The rules for words that the text attributes to nobody.
const GOING_ON: &str = "going on";
const SUBJECT: &str = "subject of the sentence";

pub(super) fn read(sentences: &[TokenizedSentence], names: &Names) -> Vec<Quotation> {
    let (passages, lines) = passages(sentences);
    let speakers = Speakers::new(sentences, names, &passages);
    let mut quotations: Vec<Quotation> = Vec::new();
    let mut last: Option<Spoken> = None;
    for (at, passage) in passages.iter().enumerate() {
        let quoted = Quoted {
            passage,
            last: last.as_ref(),
        };
        let (strategy, attribution) = match speakers.of(quoted) {
            Some((strategy, attribution)) => (Some(strategy), attribution),
            None => (None, Attribution::Nobody),
        };
        let said = strategy.map(|strategy| strategy.states);
        if !lines.contains(passage) && !is_reported(passage, sentences, said, last.as_ref()) {
            continue;
        }
        let (rule, speaker) = match (strategy, attribution) {
            (Some(strategy), Attribution::Named(speaker)) => (strategy.name, Some(speaker)),
            (Some(strategy), _) if strategy.states => (strategy.name, None),
            (strategy, _) if passage.opens_sentence(sentences) => {
                let rule = strategy.map_or(GOING_ON, |strategy| strategy.name);
                let next = passages.get(at + 1);
                (rule, going_on(&speakers, quoted, next, sentences))
            }
            _ => (SUBJECT, speakers.likely(quoted)),
        };
        let text = text_of(&speakers, passage, sentences);
        if text.contains(char::is_alphanumeric) {
            let first = speakers.parts(passage).map_or(*passage, |(first, _)| first);
            quotations.push(Quotation {
                mention: Mention {
                    sentence: sentences[first.first.sentence].id,
                    range: first.first_range(sentences),
                },
                last_sentence: sentences[passage.last.sentence].id,
                text,
                speaker: speaker.as_ref().map(|speaker| speaker.name.clone()),
                description: (speaker.as_ref()).and_then(|speaker| speaker.description.clone()),
                rule,
            });
        }
        last = Some(Spoken {
            sentence: passage.last.sentence,
            speaker,
        });
    }
    quotations
}

/// Whether the text says whose words they are.
pub(super) fn is_attributed(quote: &Quotation) -> bool {
    ![GOING_ON, SUBJECT].contains(&quote.rule)
}

/// The speaker of words that open their sentence and are attributed to nobody: that of the words before or,
/// where a paragraph begins with them, of the words after.
fn going_on(
    speakers: &Speakers,
    quoted: Quoted,
    next: Option<&Passage>,
    sentences: &[TokenizedSentence],
) -> Option<Speaker> {
    let passage = quoted.passage;
    let paragraph = |sentence: usize| sentences[sentence].paragraph;
    let last = quoted
        .last
        .filter(|last| passage.first.sentence - last.sentence <= SAME_VOICE);
    let same_paragraph =
        last.is_some_and(|last| paragraph(last.sentence) == paragraph(passage.first.sentence));
    if !same_paragraph && let Some(speaker) = speakers.next_voice(passage, next) {
        return Some(speaker);
    }
    last.and_then(|last| last.speaker.clone())
}

/// The quoted words in one piece, without an aside that names the speaker.
fn text_of(speakers: &Speakers, passage: &Passage, sentences: &[TokenizedSentence]) -> String {
    let Some((first, rest)) = speakers.parts(passage) else {
        return passage.text(sentences);
    };
    let mut text = first.text(sentences);
    if let Some(rest) = rest {
        let ends_sentence = rest.first.sentence > first.last.sentence;
        if ends_sentence && !text.ends_with(['.', '!', '?', '…']) {
            text.push('.');
        }
        text.push(' ');
        text.push_str(&rest.text(sentences));
    }
    text
}

/// Candidate quotations in order, and the lines of a dialogue.
fn passages(sentences: &[TokenizedSentence]) -> (Vec<Passage>, Vec<Passage>) {
    let lines = passages::dialogue(sentences);
    let mut all = passages::marked(sentences);
    // A line with quotation marks is read by them.
    let marked: HashSet<usize> = all.iter().map(|passage| passage.first.sentence).collect();
    let unmarked = |line: &&Passage| !marked.contains(&line.first.sentence);
    all.extend(lines.iter().filter(unmarked));
    all.sort_by_key(|passage| passage.first);
    (all, lines)
}

/// Whether the passage is speech, judged by its length, its introduction and any attribution: `said` is
/// whether the text attributes the words, and then whether by stating that someone said them.
fn is_reported(
    passage: &Passage,
    sentences: &[TokenizedSentence],
    said: Option<bool>,
    last: Option<&Spoken>,
) -> bool {
    let text = passage.text(sentences);
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1)
        .count();
    let before = &sentences[passage.first.sentence].text[..passage.first.at];
    let words_before = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut words_back = words_before.rsplit(|c: char| !c.is_alphanumeric());
    let announced = words_back.next().unwrap_or_default();
    // `se dit « navré »` names nothing.
    let says = matches!(
        words_back.next(),
        Some("se" | "a" | "ont" | "avait" | "est" | "sont" | "était")
    );
    let sentence_like = text.ends_with(['.', '!', '?', '…']) || words >= 9;
    let attributed = said.is_some();
    let own = &sentences[passage.first.sentence];
    let end = own
        .tokens
        .partition_point(|token| token.start < passage.first.at);
    let evoked = || evokes(&own.tokens[..end], &text);
    let titled = TITLED.contains(&announced.to_lowercase().as_str()) && !says && !evoked();
    if titled && !(attributed && sentence_like) {
        return false;
    }
    let behind = &sentences[passage.last.sentence].text[passage.last.at..];
    let behind = behind.trim_start_matches(['"', '»', '”', '›', ' ']);
    // `publie « L'Impôt juste » (Gallimard)`, `chez Gallimard`
    let published = behind.starts_with("chez ")
        || behind.starts_with("aux éditions ")
        || behind
            .strip_prefix('(')
            .is_some_and(|inside| inside.starts_with(char::is_uppercase));
    if published && !words_before.is_empty() && words < 8 && text.starts_with(char::is_uppercase) {
        return false;
    }
    let capital = text.starts_with(char::is_uppercase);
    let mid_sentence = !words_before.is_empty();
    let colon = before
        .trim_end_matches(['"', '«', '“', '‹', ' '])
        .ends_with(':');
    // `« Le dossier est vide », dit X. « Mon client est innocent. »`
    let goes_on = !mid_sentence
        && capital
        && sentence_like
        && last.is_some_and(|last| {
            last.speaker.is_some()
                && last.sentence + 1 == passage.first.sentence
                && sentences[last.sentence].paragraph == own.paragraph
        });
    match words {
        0 => false,
        // `« Enfin », a soufflé X`
        1..=2 => said == Some(true) && (capital && (!mid_sentence || colon) || evoked()),
        3..=5 => attributed && (!capital || !mid_sentence || colon) || goes_on,
        6..=8 => attributed || !mid_sentence || colon || !capital,
        _ => true,
    }
}

/// Whether a verb right before the mark says that someone uses these words: `parle d'« un gâchis »`, `se dit
/// « navré »`, `a appelé à « un sursaut »`.
fn evokes(before: &[Token], quoted: &str) -> bool {
    let words = match before {
        [words @ .., mark] if !mark.is_word() => words,
        words => words,
    };
    let words = match words {
        [words @ .., lead]
            if lead.is(Class::Of)
                || matches!(
                    lead.text,
                    "à" | "que" | "qu'" | "contre" | "pour" | "avoir" | "être"
                ) =>
        {
            words
        }
        words => words,
    };
    let Some((verb, rest)) = words.split_last() else {
        return false;
    };
    // `le dit « canal »`, `le lieu dit « … »`
    let reflexive = rest
        .iter()
        .rev()
        .take(2)
        .any(|token| matches!(token.text, "se" | "s'" | "a" | "ont" | "avait"));
    match verb.text {
        // `dit « prendre acte »`
        "dit" | "dite" | "disent" | "disait" | "dits" => {
            let first = quoted.split(' ').next().unwrap_or_default();
            reflexive || ["er", "ir", "re"].iter().any(|it| first.ends_with(it))
        }
        // `met en garde contre « … »`
        "garde" | "cause" | "avant" | "part" | "état" | "acte" => {
            (1..=2).any(|back| back < words.len() && is_idiom(words, words.len() - 1 - back))
        }
        _ => {
            (says(words, words.len() - 1)
                || verb.is_lower(Class::Announcing)
                || verb.is_lower(Class::SpeechInfinitive))
                && !matches!(verb.text, "accusé" | "accusée" | "accusés")
        }
    }
}

/// Words before a title or a name in quotation marks.
const TITLED: [&str; 41] = [
    "film",
    "livre",
    "roman",
    "album",
    "série",
    "chanson",
    "titre",
    "émission",
    "pièce",
    "essai",
    "documentaire",
    "magazine",
    "journal",
    "opération",
    "plan",
    "dispositif",
    "projet",
    "collectif",
    "mouvement",
    "groupe",
    "association",
    "single",
    "tube",
    "spectacle",
    "jeu",
    "programme",
    "intitulé",
    "intitulée",
    "baptisé",
    "baptisée",
    "appelé",
    "appelée",
    "dit",
    "dite",
    "surnommé",
    "surnommée",
    "nommé",
    "nommée",
    "rubrique",
    "exposition",
    "label",
];

#[cfg(test)]
mod tests {
    use super::super::tests::facts;

    fn quotes(sentences: &[&str]) -> Vec<(String, Option<String>)> {
        facts(sentences)
            .quotes
            .into_iter()
            .map(|quote| (quote.text, quote.speaker))
            .collect()
    }

    #[test]
    fn a_quotation_runs_over_sentences_to_its_mark() {
        assert_eq!(
            quotes(&[
                "« Nous y sommes. », dit-on.",
                "« Il faut partir vite.",
                "Demain, peut-être », a déclaré Paul Durand."
            ])
            .last(),
            Some(&(
                "Il faut partir vite. Demain, peut-être".to_owned(),
                Some("Paul Durand".to_owned())
            ))
        );
    }

    #[test]
    fn straight_marks_glued_together_are_two_quotations() {
        let found = quotes(&[
            "Il assure : \"le feu est dans la maison\"\"Le métier est un dur métier\", souligne Marie Lebrun.",
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].1.as_deref(), Some("Marie Lebrun"));
    }

    #[test]
    fn titles_and_single_words_are_no_quotations() {
        assert_eq!(
            quotes(&["Il a joué dans le film \"Les Quatre Cents Coups\" et reste \"précaire\"."]),
            []
        );
    }

    #[test]
    fn a_pronoun_is_the_person_named_last() {
        let found = quotes(&[
            "La ministre Sophie Martin a pris la parole.",
            "\"Nous ne céderons pas sur ce point\", a-t-elle expliqué.",
        ]);
        assert_eq!(found[0].1.as_deref(), Some("Sophie Martin"));
    }

    #[test]
    fn a_participle_keeps_the_speaker_and_the_next_quotation_goes_on() {
        let found = quotes(&[
            "\"Nous livrons des enfants\", a dit Anne Morel, en avertissant que \"les plus grands vont suivre les petits\".",
            "\"Et cela ne s'arrêtera pas de sitôt.\"",
        ]);
        let speakers: Vec<_> = found.iter().map(|quote| quote.1.as_deref()).collect();
        assert_eq!(speakers, [Some("Anne Morel"); 3]);
    }

    /// The speakers of the quotations of one paragraph.
    fn speakers(sentences: &[&str]) -> Vec<Option<String>> {
        let found = quotes(sentences).into_iter();
        found.map(|quote| quote.1).collect()
    }

    #[test]
    fn complements_stand_between_a_verb_and_its_subject() {
        for sentence in [
            "\"La route est encore fermée\", a déclaré pour sa part Mme Anne Morel.",
            "\"La route est encore fermée\", a commenté auprès de l'AFP Anne Morel, maire du village.",
            "\"La route est encore fermée\", avait rappelé dans la matinée la maire Anne Morel.",
            "\"La route est encore fermée\", plaisantait Anne Morel.",
            "Pour Anne Morel, \"la route est encore fermée\".",
            "Soulignant que \"la route est encore fermée\", Anne Morel a remercié les pompiers.",
        ] {
            assert_eq!(
                speakers(&[sentence]),
                [Some("Anne Morel".to_owned())],
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_pronoun_is_who_has_been_speaking_and_not_who_was_spoken_of() {
        let found = speakers(&[
            "\"Nous ne céderons pas\", a dit Anne Morel.",
            "La maire a rappelé ses années avec Paul Durand sous le gouvernement de Jean Petit.",
            "\"Il a les reins solides\", a-t-elle ajouté.",
            "Anne Morel a critiqué la députée Lise Roux qui, estime-t-elle, \"s'est trompée de combat\".",
        ]);
        assert_eq!(found, vec![Some("Anne Morel".to_owned()); 3]);
    }

    #[test]
    fn a_description_is_the_person_whose_role_it_is() {
        let found = speakers(&[
            "Le secrétaire d'État Paul Durand a rencontré Anne Morel.",
            "\"Rien n'est encore décidé\", a répondu le secrétaire d'État.",
            "\"Nous verrons bien demain\", a précisé l'ancien conseiller de Jean Petit.",
        ]);
        assert_eq!(
            found,
            [
                Some("Paul Durand".to_owned()),
                Some("l'ancien conseiller de Jean Petit".to_owned())
            ]
        );
    }

    #[test]
    fn a_dialogue_is_quoted_and_a_list_is_not() {
        let found = quotes(&[
            "— Vous partez demain ? demande Anne Morel.",
            "— Oui, répond-il, par le train.",
            "— Bon voyage.",
        ]);
        let texts: Vec<&str> = found.iter().map(|quote| quote.0.as_str()).collect();
        assert_eq!(
            texts,
            ["Vous partez demain ?", "Oui par le train.", "Bon voyage."]
        );
        assert_eq!(found[0].1.as_deref(), Some("Anne Morel"));
        assert_eq!(
            quotes(&["– Du pain et du vin.", "– Du fromage de chèvre."]),
            []
        );
    }

    #[test]
    fn an_aside_that_names_the_speaker_is_not_quoted() {
        let found = quotes(&[
            "\"Nous montons encore le dossier, explique Anne Morel, la maire du village.",
            "Si nous avions pu, nous l'aurions déposé.\"",
        ]);
        let texts: Vec<&str> = found.iter().map(|quote| quote.0.as_str()).collect();
        assert_eq!(
            texts,
            ["Nous montons encore le dossier. Si nous avions pu, nous l'aurions déposé."]
        );
        assert_eq!(found[0].1.as_deref(), Some("Anne Morel"));
    }

    #[test]
    fn a_speaker_without_a_name_is_described() {
        let found =
            quotes(&["\"La sanction peut aller jusqu'à trois ans\", a souligné le magistrat."]);
        assert_eq!(found[0].1.as_deref(), Some("le magistrat"));
    }

    #[test]
    fn a_mark_that_nothing_closes_does_not_swallow_the_article() {
        let found = quotes(&["\"Nous irons jusqu'au bout, dit-il.", "Puis il est parti."]);
        let texts: Vec<&str> = found.iter().map(|quote| quote.0.as_str()).collect();
        assert_eq!(texts, ["Nous irons jusqu'au bout"]);
    }
}
