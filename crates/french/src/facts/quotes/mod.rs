//! Words reported between quotation marks; `speaker` finds who said them.
//!
//! Titles, nicknames and quoted single words are no quotations. A quotation may run over several
//! sentences of a paragraph; a mark that nothing closes ends with its paragraph.

mod clause;
mod speaker;

use std::collections::HashSet;
use std::ops::Range;

use super::names::Names;
use super::tokens::TokenizedSentence;
use super::types::{Mention, Quotation};
use speaker::{Speakers, Spoken};

pub(super) fn read(sentences: &[TokenizedSentence], names: &Names) -> Vec<Quotation> {
    let speakers = Speakers::new(sentences, names);
    let mut quotations: Vec<Quotation> = Vec::new();
    let mut last: Option<Spoken> = None;
    let lines = dialogue(sentences);
    let mut spans = spans(sentences);
    // A line with quotation marks is read by them.
    let marked: HashSet<usize> = spans.iter().map(|span| span.first.sentence).collect();
    spans.extend(
        lines
            .iter()
            .filter(|line| !marked.contains(&line.first.sentence)),
    );
    spans.sort_by_key(|span| span.first);
    for span in spans {
        let line = lines.contains(&span);
        let text = span.text(sentences);
        let words = text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 1)
            .count();
        let attribution = speakers.of(&span, last.as_ref());
        if !line && !is_reported(&span, sentences, &text, words, attribution.is_some()) {
            continue;
        }
        // A quotation that opens its sentence goes on with the voice of the one before it.
        let opens = span.opens_sentence(sentences);
        let speaker = attribution.flatten().or_else(|| match opens {
            true => last
                .as_ref()
                .filter(|last| span.first.sentence - last.sentence <= 2)
                .and_then(|last| last.speaker.clone()),
            false => speakers.likely(&span, last.as_ref()),
        });
        last = Some(Spoken {
            sentence: span.last.sentence,
            named: speaker
                .as_deref()
                .is_some_and(|name| speakers.is_named(name)),
            speaker: speaker.clone(),
        });
        let parts = speakers.parts(&span).unwrap_or_else(|| vec![span]);
        quotations.extend(parts.into_iter().filter_map(|part| {
            let text = part.text(sentences);
            text.contains(char::is_alphanumeric).then(|| Quotation {
                mention: Mention {
                    sentence: sentences[part.first.sentence].id,
                    range: part.first_range(sentences),
                },
                last_sentence: sentences[part.last.sentence].id,
                text,
                speaker: speaker.clone(),
            })
        }));
    }
    quotations
}

/// A byte of a sentence; sentences by their index, not their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub sentence: usize,
    pub at: usize,
}

/// What stands between two marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub first: Place,
    /// Where the closing mark stands.
    pub last: Place,
}

impl Span {
    fn first_range(&self, sentences: &[TokenizedSentence]) -> Range<usize> {
        let text = sentences[self.first.sentence].text;
        let end = if self.last.sentence == self.first.sentence {
            self.last.at
        } else {
            text.len()
        };
        let inner = &text[self.first.at..end];
        let start = self.first.at + (inner.len() - inner.trim_start().len());
        start..start.max(self.first.at + inner.trim_end().len())
    }

    fn text(&self, sentences: &[TokenizedSentence]) -> String {
        let parts = (self.first.sentence..=self.last.sentence).map(|index| {
            let text = sentences[index].text;
            let start = if index == self.first.sentence {
                self.first.at
            } else {
                0
            };
            let end = if index == self.last.sentence {
                self.last.at
            } else {
                text.len()
            };
            text[start..end].trim()
        });
        parts
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Whether nothing stands before the quotation in its sentence.
    fn opens_sentence(&self, sentences: &[TokenizedSentence]) -> bool {
        let before = &sentences[self.first.sentence].text[..self.first.at];
        !before.chars().any(char::is_alphanumeric)
    }
}

/// What is said in dialogues, where each voice begins a sentence with a dash: `— Tu viens ? dit-il.`
/// Lists look the same; a dialogue says of one of its lines at least who speaks.
fn dialogue(sentences: &[TokenizedSentence]) -> Vec<Span> {
    let begins = |sentence: &TokenizedSentence| {
        let words = sentence.text.strip_prefix(['—', '–'])?.trim_start();
        words
            .starts_with(char::is_alphanumeric)
            .then(|| sentence.text.len() - words.len())
    };
    let mut spans = Vec::new();
    // The lines of one dialogue, and whether one of them has a speaker.
    let (mut lines, mut spoken) = (Vec::new(), false);
    for (index, sentence) in sentences.iter().enumerate() {
        let Some(start) = begins(sentence) else {
            if spoken {
                spans.append(&mut lines);
            }
            (lines, spoken) = (Vec::new(), false);
            continue;
        };
        let tokens = &sentence.tokens;
        let first = tokens.partition_point(|token| token.start < start);
        spoken |= clause::aside(tokens, first, tokens.len()).is_some();
        lines.push(Span {
            first: Place {
                sentence: index,
                at: start,
            },
            last: Place {
                sentence: index,
                at: sentence.text.len(),
            },
        });
    }
    if spoken {
        spans.append(&mut lines);
    }
    spans
}

/// The quoted spans of the article.
fn spans(sentences: &[TokenizedSentence]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut open: Option<(char, Place)> = None;
    let mut depth = 0usize;
    for (index, sentence) in sentences.iter().enumerate() {
        if let Some((_, first)) = open
            && sentences[first.sentence].paragraph != sentence.paragraph
        {
            // Some texts break the line before the closing mark.
            let closes_here = sentence.text.starts_with('"')
                && !sentence.text[1..].starts_with(char::is_alphanumeric);
            if !closes_here {
                let last = index - 1;
                spans.push(Span {
                    first,
                    last: Place {
                        sentence: last,
                        at: sentences[last].text.len(),
                    },
                });
                open = None;
                depth = 0;
            }
        }
        let text = sentence.text;
        for (at, mark) in text.char_indices() {
            if !matches!(mark, '«' | '»' | '“' | '”' | '"' | '‹' | '›') {
                continue;
            }
            let after = at + mark.len_utf8();
            let here = Place {
                sentence: index,
                at: after,
            };
            let end = Place {
                sentence: index,
                at,
            };
            match (open, mark) {
                (None, '«' | '“' | '‹') => open = Some((mark, here)),
                (None, '"') if opens(text, at) => open = Some((mark, here)),
                (Some((opened, _)), _) if opened == mark && mark != '"' => depth += 1,
                (Some((opened, first)), _) if closes(opened, mark) => {
                    if depth > 0 {
                        depth -= 1;
                        continue;
                    }
                    let reopens =
                        mark == '"' && opens(text, at) && text[..at].ends_with([' ', '(']);
                    if reopens {
                        // The closing mark was forgotten: what was quoted ends where unknown.
                        open = Some((mark, here));
                    } else {
                        spans.push(Span { first, last: end });
                        open = None;
                    }
                }
                _ => {}
            }
        }
    }
    if let (Some((_, first)), Some(last)) = (open, sentences.len().checked_sub(1)) {
        spans.push(Span {
            first,
            last: Place {
                sentence: last,
                at: sentences[last].text.len(),
            },
        });
    }
    for span in &mut spans {
        // A mark at the end of a sentence opens the next one.
        while span.first.sentence < span.last.sentence
            && sentences[span.first.sentence].text[span.first.at..]
                .trim()
                .is_empty()
        {
            span.first = Place {
                sentence: span.first.sentence + 1,
                at: 0,
            };
        }
    }
    // A mark forgotten for half a page quotes nothing that can be told.
    spans.retain(|span| span.last.sentence - span.first.sentence <= 12);
    spans
}

fn opens(text: &str, at: usize) -> bool {
    text[at + 1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '(' | '…' | '.'))
        || (at == 0 && text[1..].starts_with(' ') && text[2..].contains('"'))
}

fn closes(opened: char, mark: char) -> bool {
    matches!(
        (opened, mark),
        ('«', '»') | ('“', '”') | ('"', '"') | ('‹', '›') | ('“', '"')
    )
}

/// Whether the quoted words were said or written by someone, by their length, what announces them
/// and whether a verb of speech stands by.
fn is_reported(
    span: &Span,
    sentences: &[TokenizedSentence],
    text: &str,
    words: usize,
    attributed: bool,
) -> bool {
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
    if words < 3 {
        return false;
    }
    let before = sentences[span.first.sentence].text[..span.first.at]
        .trim_end_matches(|c: char| !c.is_alphanumeric());
    let announced = before
        .rsplit(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let capital = text.starts_with(char::is_uppercase);
    let sentence_like = text.ends_with(['.', '!', '?', '…']) || words >= 9;
    if TITLED.contains(&announced.to_lowercase().as_str()) && !(attributed && sentence_like) {
        return false;
    }
    let mid_sentence = !before.is_empty();
    let colon = sentences[span.first.sentence].text[..span.first.at]
        .trim_end_matches(['"', '«', '“', '‹', ' '])
        .ends_with(':');
    match words {
        3..=5 => attributed && (!capital || !mid_sentence || colon),
        6..=8 => attributed || !mid_sentence || colon || !capital,
        _ => true,
    }
}

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
            [
                "Vous partez demain ?",
                "Oui",
                "par le train.",
                "Bon voyage."
            ]
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
            [
                "Nous montons encore le dossier",
                "Si nous avions pu, nous l'aurions déposé."
            ]
        );
        assert_eq!(found[1].1.as_deref(), Some("Anne Morel"));
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
