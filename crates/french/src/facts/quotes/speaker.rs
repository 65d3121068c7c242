//! Who said the quoted words: an ordered table of strategies, each with examples. The first that succeeds
//! decides. `before` and `after` read the words on either side, `voice` finds whom pronouns and descriptions mean.

use super::super::classes::Class;
use super::super::names::{Names, Sex, is_title};
use super::super::tokens::{Token, TokenKind, TokenizedSentence, inverted};
use super::clause::{Aside, Subject, aside, clause_start, subjects_before};
use super::mentions::{Mentions, Named};
use super::passages::{Passage, Position};

/// Someone who speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Speaker {
    /// The full name, or else the description.
    pub name: String,
    /// As the text describes them where they speak.
    pub description: Option<String>,
    pub sex: Option<Sex>,
}

impl Speaker {
    pub(super) fn named(mention: &Named) -> Self {
        Self {
            name: mention.name.to_owned(),
            description: None,
            sex: mention.sex,
        }
    }

    /// Whether `il` or `elle` can mean them, as far as it is known.
    pub(super) fn fits(&self, sex: Option<Sex>) -> bool {
        sex.is_none() || self.sex.is_none() || sex == self.sex
    }
}

/// What the text says about who said some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// The text attributes the words to nobody.
    Nobody,
    /// Someone said them, but the text does not say who.
    Unnamed,
    Named(Speaker),
}

impl From<Option<Speaker>> for Attribution {
    fn from(speaker: Option<Speaker>) -> Self {
        speaker.map_or(Self::Unnamed, Self::Named)
    }
}

/// Finds the speakers of quotations.
pub(super) struct Speakers<'a> {
    pub(super) sentences: &'a [TokenizedSentence<'a>],
    pub(super) mentions: Mentions<'a>,
    pub(super) passages: Vec<Passage>,
}

/// The quotation before, and who said it.
#[derive(Clone, Debug)]
pub(super) struct Spoken {
    /// The sentence in which it ends, by its index.
    pub sentence: usize,
    pub speaker: Option<Speaker>,
}

/// A quotation whose speaker is looked for.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'q> {
    pub passage: &'q Passage,
    pub last: Option<&'q Spoken>,
}

impl Quoted<'_> {
    /// Who spoke before, if they did so in the same sentence.
    pub(super) fn spoken_in(&self, sentence: usize) -> Option<&Spoken> {
        self.last.filter(|spoken| spoken.sentence == sentence)
    }
}

/// A way to find the speaker.
pub(super) struct Strategy {
    pub name: &'static str,
    find: fn(&Speakers, Quoted) -> Attribution,
    /// Whether it reads a statement that someone said these words.
    pub states: bool,
    /// Texts, and the speaker of the last quotation in them. An empty one is unnamed.
    /// Paragraphs are lines.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [(&'static str, &'static str)],
    /// Texts in which it finds nobody.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// In order of precedence.
pub(super) const STRATEGIES: &[Strategy] = &[
    Strategy {
        name: "charge",
        find: |speakers, quoted| speakers.charge(quoted),
        states: true,
        yes: &[
            (
                "Il a été mis en examen pour « vol en réunion », a indiqué Anne Morel.",
                "",
            ),
            (
                "Une enquête a été ouverte pour « vol », selon Anne Morel.",
                "",
            ),
        ],
        no: &[
            "Elle a plaidé pour « une route ouverte », a indiqué Anne Morel.",
            "Il a été condamné « pour un mot », a indiqué Anne Morel.",
            "Il est jugé pour « vol en réunion ».",
        ],
    },
    Strategy {
        name: "verb after",
        find: |speakers, quoted| speakers.after(quoted),
        states: true,
        yes: &[
            (
                "« La route est fermée », a déclaré Anne Morel.",
                "Anne Morel",
            ),
            (
                "« La route est fermée », a commenté auprès de l'AFP Anne Morel, maire du village.",
                "Anne Morel",
            ),
            (
                "« La route est fermée », s'est défendue la porte-parole du ministère.",
                "la porte-parole du ministère",
            ),
            (
                "« La route est fermée », a fait valoir Anne Morel.",
                "Anne Morel",
            ),
            ("« La route est fermée », selon Anne Morel.", "Anne Morel"),
            ("« La route est fermée », dit-on.", ""),
            (
                "« La route est fermée », indique-t-on au ministère.",
                "le ministère",
            ),
            (
                "« La route est fermée », a-t-on appris de source policière.",
                "",
            ),
            (
                "« La route est fermée », s'est contentée de dire Anne Morel.",
                "Anne Morel",
            ),
            (
                "« La route est fermée », peut-on lire dans le rapport.",
                "le rapport",
            ),
            ("« La route est fermée », calcule Anne Morel.", "Anne Morel"),
            (
                "Anne Morel se lève. « La route est fermée », commence-t-elle.",
                "Anne Morel",
            ),
            (
                "« La route est fermée », s'emballe la députée.",
                "la députée",
            ),
            (
                "« La route est fermée », a bougonné, las, Paul Durand.",
                "Paul Durand",
            ),
            (
                "« La route est fermée », a mâchonné Paul Durand.",
                "Paul Durand",
            ),
            ("« La route est fermée », tonne la CGT.", "CGT"),
            (
                "« La route est fermée », a répondu au journal, qui l'interrogeait, le porte-parole du maire.",
                "le porte-parole du maire",
            ),
            (
                "« La route est fermée », soupire Monique, une voisine.",
                "Monique",
            ),
            (
                "« La route est fermée », écrivent une dizaine d'élus.",
                "une dizaine d'élus",
            ),
            (
                "« Enfin », a soufflé la mère de la victime.",
                "la mère de la victime",
            ),
        ],
        no: &[
            "Anne Morel a déclaré : « La route est fermée. »",
            "« La route fermée » est un film d'Anne Morel.",
            "« La route fermée », tourne autour du pont.",
            "« La route fermée », a remporté la Palme.",
            "Le maire, qui promet de « rouvrir la route », a convaincu les élus.",
        ],
    },
    Strategy {
        name: "signature",
        find: |speakers, quoted| speakers.signature(quoted),
        states: true,
        yes: &[
            (
                "« Un maître généreux et drôle. » – Anne Morel, maire de Lyon.",
                "Anne Morel",
            ),
            (
                "« Un maître généreux et drôle » (Anne Morel, maire)",
                "Anne Morel",
            ),
        ],
        no: &[
            "« Un maître généreux et drôle. » Anne Morel est partie.",
            "« Un maître généreux et drôle » (Gallimard) est paru.",
        ],
    },
    Strategy {
        name: "opinion",
        find: |speakers, quoted| speakers.holder_of_opinion(quoted),
        states: true,
        yes: &[
            ("Pour Anne Morel, « la route est fermée ».", "Anne Morel"),
            (
                "Pour la préfecture, « la route est fermée ».",
                "la préfecture",
            ),
            (
                "C'est faux, selon la maire Anne Morel, pour qui « la route est ouverte ».",
                "Anne Morel",
            ),
            (
                "Le maire se réjouit ; pour Anne Morel, c'est « la fin de la route ».",
                "Anne Morel",
            ),
        ],
        no: &[
            "Pour partir, « la route est fermée ».",
            "Pour la première fois, « la route est fermée ».",
        ],
    },
    Strategy {
        name: "verb left out",
        find: |speakers, quoted| speakers.gapped(quoted),
        states: true,
        yes: &[
            (
                "Anne Morel évoque « une longue attente », et son mari « une attente ».",
                "son mari",
            ),
            (
                "Le maire parle d'« une attente », la CGT d'« une honte ».",
                "CGT",
            ),
            (
                "Le maire évoque « une attente » ; la préfète, Anne Morel, « une honte ».",
                "Anne Morel",
            ),
        ],
        no: &[
            "Anne Morel évoque « une attente » et « une lassitude ».",
            "Anne Morel évoque « une attente », et son mari a quitté « la ville ».",
        ],
    },
    Strategy {
        name: "verb before",
        find: |speakers, quoted| speakers.before(quoted),
        states: true,
        yes: &[
            ("Selon Anne Morel, « la route est fermée ».", "Anne Morel"),
            (
                "Anne Morel a déclaré : « La route est fermée. »",
                "Anne Morel",
            ),
            (
                "Soulignant que « la route est fermée », Anne Morel a remercié les pompiers.",
                "Anne Morel",
            ),
            (
                "Interrogé par la presse, le secrétaire du club, Paul Durand, a dénoncé « une route fermée ».",
                "Paul Durand",
            ),
            (
                "La procureure de Laval, chargée de l'enquête, a indiqué à France Bleu que « la route est fermée ».",
                "la procureure de Laval",
            ),
            ("Un témoin parle d'« un homme violent ».", "un témoin"),
            (
                "Le maire, Paul Durand, défend un choix « dicté par les factures ».",
                "Paul Durand",
            ),
            (
                "Son adjointe, Anne Morel, a tenu à rappeler que « la route est fermée ».",
                "Anne Morel",
            ),
            (
                "Selon un témoin cité par Le Monde, il « aurait glissé ».",
                "un témoin",
            ),
            (
                "Une accusation que Paul Durand réfute : « C'est faux. »",
                "Paul Durand",
            ),
            (
                "Sa présidente, Anne Morel, a mis en garde contre « une route fermée ».",
                "Anne Morel",
            ),
            (
                "Le préfet, Paul Durand, se tait. Et la voisine Anne Morel d'ajouter, lasse : « La route est fermée. »",
                "Anne Morel",
            ),
            (
                "Le Monde évoque « une route longue », quand La Croix regrette « une route fermée ».",
                "La Croix",
            ),
            (
                "Au ministère, on assure que « la route est fermée ».",
                "le ministère",
            ),
            (
                "Anne Morel a salué les pompiers et évoqué « une route fermée ».",
                "Anne Morel",
            ),
        ],
        no: &[
            "Un panneau « route fermée » barre la rue.",
            "Anne Morel, accusée de « route fermée », est partie.",
        ],
    },
    Strategy {
        name: "handed over",
        find: |speakers, quoted| speakers.handed_over(quoted),
        states: true,
        yes: &[
            (
                "Même constat chez Anne Morel, éleveuse : « On vend à perte. »",
                "Anne Morel",
            ),
            (
                "Un avis que partage la voisine, Anne Morel : « On respire. »",
                "Anne Morel",
            ),
            (
                "Ce que conteste la voisine, Anne Morel : « On respire. »",
                "Anne Morel",
            ),
            (
                "Un argument qui fait bondir Anne Morel, éleveuse : « On respire. »",
                "Anne Morel",
            ),
        ],
        no: &[
            "Les pompiers ont dormi chez Anne Morel : « Le bon accueil ».",
            "Même constat chez Anne Morel, qui est « lasse ».",
        ],
    },
    Strategy {
        name: "colon",
        find: |speakers, quoted| speakers.colon(quoted),
        states: false,
        yes: &[
            (
                "Anne Morel lui a rendu hommage : « Il m'a tout appris. »",
                "Anne Morel",
            ),
            (
                "Réponse de l'avocat Paul Durand : « C'est non. »",
                "Paul Durand",
            ),
            (
                "Une caissière, elle, baisse les yeux : « C'est non. »",
                "une caissière",
            ),
            (
                "Paul Durand a cédé, alors que la voisine, Anne Morel, s'y refuse : « C'est non. »",
                "Anne Morel",
            ),
        ],
        no: &["Sur le panneau : « Route fermée. »"],
    },
    Strategy {
        name: "sentence before",
        find: |speakers, quoted| speakers.sentence_before(quoted),
        states: true,
        yes: &[
            (
                "Anne Morel a réagi :\n« La route est fermée. »",
                "Anne Morel",
            ),
            (
                "Anne Morel, 28 ans, témoigne. « La route est fermée. »",
                "Anne Morel",
            ),
        ],
        no: &["Anne Morel est partie.\n« La route est fermée. »"],
    },
    Strategy {
        name: "aside",
        find: |speakers, quoted| speakers.inside(quoted),
        states: true,
        yes: &[
            (
                "« La route, explique Anne Morel, est fermée. »",
                "Anne Morel",
            ),
            (
                "« Elles savent. La route est fermée, s'insurge Anne Morel. Elle l'est. »",
                "Anne Morel",
            ),
        ],
        no: &["« La route, la seule, est fermée. »"],
    },
    Strategy {
        name: "subject before",
        find: |speakers, quoted| speakers.subject_before(quoted),
        states: false,
        yes: &[(
            "Anne Morel, 19 ans, n'a rien oublié. « J'ai crié fort. »",
            "Anne Morel",
        )],
        no: &[
            "Anne Morel n'a rien oublié.\n« J'ai crié fort. »",
            "Le vent souffle. « J'ai crié fort. »",
            "« C'est fini », dit Paul Durand. Anne Morel est là. « J'ai crié fort. »",
        ],
    },
    Strategy {
        name: "sentence after",
        find: |speakers, quoted| speakers.sentence_after(quoted),
        states: false,
        yes: &[
            (
                "« La route est fermée. » Anne Morel n'en revient pas.",
                "Anne Morel",
            ),
            (
                "« La route est fermée. » Assise dehors, Anne Morel soupire.",
                "Anne Morel",
            ),
        ],
        no: &[
            "« La route est fermée. » Le vent souffle.",
            "Paul Durand et Anne Morel partent.\n« La route est fermée. » Anne Morel soupire.",
            "« La route est fermée », a dit Paul Durand. Anne Morel soupire.",
        ],
    },
];

impl<'a> Speakers<'a> {
    pub(super) fn new(
        sentences: &'a [TokenizedSentence<'a>],
        names: &'a Names,
        passages: &[Passage],
    ) -> Self {
        Self {
            sentences,
            mentions: Mentions::new(sentences, names),
            passages: passages.to_vec(),
        }
    }

    pub(super) fn tokens(&self, sentence: usize) -> &'a [Token<'a>] {
        &self.sentences[sentence].tokens
    }

    /// Whom the text names as the speaker, and the strategy that found them; `None` if it attributes the
    /// words to nobody.
    pub(super) fn of(&self, quoted: Quoted) -> Option<(&'static Strategy, Attribution)> {
        STRATEGIES
            .iter()
            .map(|strategy| (strategy, (strategy.find)(self, quoted)))
            .find(|(_, attribution)| *attribution != Attribution::Nobody)
    }

    /// Whether the token of the sentence stands in a quotation.
    pub(super) fn is_quoted(&self, sentence: usize, token: usize) -> bool {
        let at = self.tokens(sentence)[token].start;
        let position = Position { sentence, at };
        let from = self
            .passages
            .partition_point(|passage| passage.last < position);
        (self.passages[from..].iter())
            .take_while(|passage| passage.first.sentence <= sentence)
            .any(|passage| passage.contains(position))
    }

    /// The words of the law for what someone is charged with: `mis en examen pour « … » et « … »`. Whoever
    /// tells of it has not said them.
    fn charge(&self, quoted: Quoted) -> Attribution {
        /// Words for what happens to those who are charged, by their beginnings.
        const PROCEEDINGS: [&str; 17] = [
            "examen",
            "poursuiv",
            "condamn",
            "jugé",
            "enquête",
            "information",
            "plainte",
            "interpell",
            "contravention",
            "incarcér",
            "écrou",
            "soupçonn",
            "inculp",
            "prison",
            "chef",
            "coupable",
            "verbalis",
        ];
        let Position { sentence, at } = quoted.passage.first;
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < at);
        let before = |back: usize| end.checked_sub(back).map_or("", |at| tokens[at].text);
        // The mark that opens the words stands before them.
        let lead = match before(2) {
            "et" | "," if self.is_quoted_before(sentence, end) => true,
            "pour" | "chefs" | "chef" => true,
            "de" | "d'" => matches!(before(3), "chef" | "chefs" | "coupable" | "coupables"),
            _ => false,
        };
        let named = tokens[..end].iter().any(|token| {
            PROCEEDINGS
                .iter()
                .any(|stem| token.text.to_lowercase().starts_with(stem))
        });
        // The name of an offence has no verb and no article.
        let opening = tokens.get(end).is_some_and(|token| {
            token.text.starts_with(char::is_lowercase)
                && !token.is(Class::Article)
                && !token.is_lower(Class::SpeechInfinitive)
                && !["er", "ir", "re"]
                    .iter()
                    .any(|ending| token.text.ends_with(ending))
        });
        let told = || {
            self.after(quoted) != Attribution::Nobody || self.before(quoted) != Attribution::Nobody
        };
        match lead && named && opening && told() {
            true => Attribution::Unnamed,
            false => Attribution::Nobody,
        }
    }

    /// Whether the words before those at the token `end` are another quotation after `pour`.
    fn is_quoted_before(&self, sentence: usize, end: usize) -> bool {
        let tokens = self.tokens(sentence);
        let first = (0..end.saturating_sub(3))
            .rev()
            .take_while(|&at| self.is_quoted(sentence, at) || !tokens[at].is_word())
            .last();
        first.is_some_and(|first| first > 0 && tokens[first - 1].text == "pour")
    }

    /// An aside within the marks: `« Nous voulions, explique X, le montrer. »`
    fn inside(&self, quoted: Quoted) -> Attribution {
        let Some((sentence, aside)) = self.aside(quoted.passage) else {
            return Attribution::Nobody;
        };
        let tokens = self.tokens(sentence);
        let verb = &tokens[aside.verb];
        match inverted(verb.text) {
            Some((_, pronoun)) => {
                let at = verb.start;
                self.pronoun(pronoun, Position { sentence, at }, quoted)
            }
            None => self.subject_at(sentence, aside.verb + 1, quoted),
        }
        .into()
    }

    /// The parts of a quotation before and after an aside in which its speaker is named. If nothing
    /// closes the quotation, the aside ends it. Returns `None` if it has no aside.
    pub(super) fn parts(&self, passage: &Passage) -> Option<(Passage, Option<Passage>)> {
        let (sentence, aside) = self.aside(passage)?;
        let tokens = self.tokens(sentence);
        // Not the comma before an apposition: `, explique X, la maire du village.`
        let opens_apposition = |at: usize| {
            let mut next = tokens[at + 1..].iter().take(2);
            next.any(|token| token.is(Class::Role) || token.is(Class::Relative))
        };
        let end = (aside.verb..tokens.len()).find(|&at| match tokens[at].text {
            "," => !opens_apposition(at),
            "." => !is_title(&tokens[at - 1]),
            mark => matches!(mark, "!" | "?" | ":"),
        });
        let rest = match end.map(|at| &tokens[at]) {
            Some(token) if token.text == "," => Position {
                sentence,
                at: token.end(),
            },
            _ => Position {
                sentence: sentence + 1,
                at: 0,
            },
        };
        let first = Passage {
            first: passage.first,
            last: Position {
                sentence,
                at: aside.end_of_words(tokens),
            },
        };
        let second = Passage {
            first: rest,
            last: passage.last,
        };
        let closed = self.sentences[passage.last.sentence].text.len() > passage.last.at;
        let goes_on = rest < passage.last && (closed || rest.sentence == sentence);
        Some((first, goes_on.then_some(second)))
    }

    /// The aside in the quotation, and the index of its sentence.
    fn aside(&self, passage: &Passage) -> Option<(usize, Aside)> {
        (passage.first.sentence..=passage.last.sentence).find_map(|sentence| {
            let tokens = self.tokens(sentence);
            let start = match passage.first.sentence == sentence {
                true => tokens.partition_point(|token| token.start < passage.first.at),
                false => 0,
            };
            let end = match passage.last.sentence == sentence {
                true => tokens.partition_point(|token| token.start < passage.last.at),
                false => tokens.len(),
            };
            Some((sentence, aside(tokens, start, end)?))
        })
    }

    /// Who has said the words of the same paragraph after these, if the text tells: what stands before
    /// a second speaker's words without attribution is theirs, not the first one's.
    pub(super) fn next_voice(&self, passage: &Passage, next: Option<&Passage>) -> Option<Speaker> {
        let next = next?;
        let paragraph = |sentence: usize| self.sentences[sentence].paragraph;
        let near = paragraph(next.first.sentence) == paragraph(passage.last.sentence)
            && next.first.sentence - passage.last.sentence <= 2;
        let quoted = Quoted {
            passage: next,
            last: None,
        };
        match self.after(quoted) {
            Attribution::Named(speaker) if near => Some(speaker),
            _ => None,
        }
    }

    /// Returns the likely speaker of words without attribution: whoever spoke in the same sentence, else
    /// the subject of the sentence, if it is a name or a person.
    pub(super) fn likely(&self, quoted: Quoted) -> Option<Speaker> {
        let sentence = quoted.passage.first.sentence;
        if let Some(spoken) = quoted.spoken_in(sentence) {
            return spoken.speaker.clone();
        }
        let tokens = self.tokens(sentence);
        let end = tokens.partition_point(|token| token.start < quoted.passage.first.at);
        // A description speaks only by a verb of saying.
        self.sentence_subject(sentence, end, quoted)
            .filter(|speaker| speaker.description.is_none())
    }

    /// What can be the subject of the verb at the token `verb` among the tokens from `from` on, the
    /// likeliest first.
    pub(super) fn find_subjects(&self, sentence: usize, from: usize, verb: usize) -> Vec<Subject> {
        let tokens = self.tokens(sentence);
        let skip = |at: usize| self.is_quoted(sentence, at);
        let is_name = |at: usize| self.mentions.begins_at(sentence, tokens[at].start);
        subjects_before(tokens, from, verb, &skip, &is_name)
    }

    /// The first token of the clause of the token `at`.
    pub(super) fn clause_start(&self, sentence: usize, at: usize) -> usize {
        let quoted = |token: usize| self.is_quoted(sentence, token);
        clause_start(self.tokens(sentence), at, quoted)
    }
}

/// Whether the token is a number or a word of a description: marks are not.
pub(super) fn is_wordlike(token: &Token) -> bool {
    token.is_word() || token.kind == TokenKind::Number
}

#[cfg(test)]
mod tests {
    use super::super::super::names;
    use super::super::super::tokens::tokenized;
    use super::super::super::types::{SentenceId, SourceSentence};
    use super::super::passages::marked;
    use super::*;
    use crate::text::sentences;

    /// What the strategy finds for the last words in quotation marks.
    fn attribution(strategy: &Strategy, text: &str) -> Attribution {
        let paragraphs = text.lines().enumerate();
        let spans = paragraphs.flat_map(|(paragraph, line)| {
            let spans = sentences(line).into_iter();
            spans.map(move |span| (paragraph, span.slice(line)))
        });
        let source: Vec<_> = spans
            .enumerate()
            .map(|(id, (paragraph, text))| SourceSentence {
                id: SentenceId(id),
                paragraph,
                text,
            })
            .collect();
        let sentences = tokenized(&source);
        let names = names::read(&sentences, &[]);
        let passages = marked(&sentences);
        let (passage, before) = passages.split_last().expect("a quotation");
        let last = before.last().map(|before| Spoken {
            sentence: before.last.sentence,
            speaker: None,
        });
        let quoted = Quoted {
            passage,
            last: last.as_ref(),
        };
        (strategy.find)(&Speakers::new(&sentences, &names, &passages), quoted)
    }

    #[test]
    fn every_strategy_reads_its_examples() {
        for strategy in STRATEGIES {
            assert!(!strategy.yes.is_empty() && !strategy.no.is_empty());
            for (text, speaker) in strategy.yes {
                let found = match attribution(strategy, text) {
                    Attribution::Nobody => "nobody".to_owned(),
                    Attribution::Unnamed => String::new(),
                    Attribution::Named(speaker) => speaker.name,
                };
                assert_eq!(found, *speaker, "{}: {text}", strategy.name);
            }
            for text in strategy.no {
                let found = attribution(strategy, text);
                assert_eq!(found, Attribution::Nobody, "{}: {text}", strategy.name);
            }
        }
    }
}
