//! Who said the quoted words: an ordered table of strategies, each with examples. The first that succeeds
//! decides. `voice` finds whom pronouns and descriptions mean.

use super::super::classes::Class;
use super::super::names::{Names, Sex, is_title};
use super::super::tokens::{Token, TokenKind, TokenizedSentence, inverted, tokenize};
use super::clause::{
    Aside, Subject, aside, clause_start, is_bare_verb, is_inverted_speech, is_noun_here, is_verb,
    names_source, phrase_end, says, starts_subject, subject_after, subjects_before,
};
use super::mentions::{Mentions, Named};
use super::passages::{Passage, Position};

/// Maximal number of tokens between a quotation and its verb of saying: about a long sentence.
const VERB_REACH: usize = 45;
/// Maximal number of tokens between a quotation and a `selon X` that belongs to it. Farther away, only
/// a verb followed by its subject does.
const SOURCE_REACH: usize = 25;
/// Maximal number of tokens between a verb such as `juge` and the words it reports.
const ANNOUNCING_REACH: usize = 6;

/// Verbs of saying that are nouns unless they follow the quotation.
const NOUNS_TOO: [&str; 13] = [
    "image",
    "titre",
    "loue",
    "demande",
    "tonne",
    "tempête",
    "juge",
    "critique",
    "note",
    "pointe",
    "réplique",
    "doute",
    "twitte",
];

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

/// The end of `lit-on`, `peut-on lire` at the token `at`.
fn reading_end(tokens: &[Token], at: usize) -> Option<usize> {
    let next = || tokens.get(at + 1).map_or("", |next| next.text);
    match tokens[at].text {
        "lit-on" => Some(at + 1),
        "peut-on" | "pouvait-on" | "pourra-t-on" if matches!(next(), "lire" | "y") => {
            Some(at + 2 + usize::from(next() == "y"))
        }
        _ => None,
    }
}

/// The end of the words of saying that begin with the inverted verb at `at`: `indique-t-on`, `a-t-on appris`,
/// `fait-on savoir`.
fn speech_end(tokens: &[Token], at: usize) -> usize {
    let goes_on = |at: usize| {
        tokens.get(at).is_some_and(|token| {
            token.says() || matches!(token.text, "savoir" | "valoir" | "appris" | "encore")
        })
    };
    (at + 1..).find(|&at| !goes_on(at)).unwrap_or(at + 1)
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
    passages: Vec<Passage>,
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

    /// `», a déclaré X`, `», explique-t-il`, `», selon X`.
    fn after(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let start = tokens.partition_point(|token| token.start <= at);
        if tokens.get(start).is_some_and(|token| token.text == ".") {
            return Attribution::Nobody;
        }
        for index in start..tokens.len().min(start + VERB_REACH) {
            let token = &tokens[index];
            if self.is_quoted(sentence, index) {
                continue;
            }
            // Another sentence, or the words before the next quotation.
            if matches!(token.text, ";" | ":") {
                return Attribution::Nobody;
            }
            if let Some(end) = reading_end(tokens, index) {
                return self.of_place(sentence, end, quoted).into();
            }
            // `», commence-t-il`, whatever the verb means
            let bare = index == start + 1 && tokens[start].text == ",";
            let inverts = || {
                inverted(token.text).is_some_and(|(verb, _)| {
                    verb.len() > 3 && token.text.starts_with(char::is_lowercase)
                })
            };
            if is_inverted_speech(tokens, index, tokens.len()) || bare && inverts() {
                let (_, pronoun) = inverted(token.text).unwrap_or_default();
                if pronoun.ends_with("on") {
                    let end = speech_end(tokens, index);
                    return self.of_place(sentence, end, quoted).into();
                }
                let position = Position {
                    sentence,
                    at: token.start,
                };
                return self.pronoun(pronoun, position, quoted).into();
            }
            if names_source(tokens, index) && index - start <= SOURCE_REACH {
                // `X a demandé de « … », selon un journal`: X has said it.
                if self.is_announced(quoted)
                    && let said @ Attribution::Named(_) = self.before(quoted)
                {
                    return said;
                }
                return self.subject_at(sentence, index + 1, quoted).into();
            }
            // `», s'est contentée de dire X`, `», a tenu à préciser X`
            if token.is_lower(Class::SpeechInfinitive)
                && index - start <= 6
                && matches!(tokens[index - 1].text, "de" | "d'" | "à" | "par")
                && tokens[start + 1..index].iter().all(Token::is_word)
            {
                let name_end = |at| self.mentions.name_end(sentence, at);
                if let Some(subject) = subject_after(tokens, index, name_end) {
                    return self.subject_at(sentence, subject, quoted).into();
                }
            }
            // `», tonne X`, but not `une tonne`
            let said = says(tokens, index) || bare && NOUNS_TOO.contains(&token.text);
            if !said
                || matches!(token.text, "appelé" | "demande")
                || !is_bare_verb(tokens, start, index)
            {
                continue;
            }
            let name_end = |at| self.mentions.name_end(sentence, at);
            if let Some(subject) = subject_after(tokens, index, name_end) {
                return self.subject_at(sentence, subject, quoted).into();
            }
        }
        self.inverted(sentence, start, quoted)
    }

    /// Whoever stands behind the verb that follows the words at once, whatever it means: `», calcule X`, `»,
    /// s'amuse X`.
    fn inverted(&self, sentence: usize, start: usize, quoted: Quoted) -> Attribution {
        let tokens = self.tokens(sentence);
        let lead = |at: usize| {
            (tokens.get(at)).is_some_and(|token| {
                token.is_lower(Class::BeforeInverted) && !token.is(Class::Preposition)
            })
        };
        let verb = (start + 1..start + 6)
            .find(|&at| !lead(at))
            .unwrap_or(start + 1);
        let (Some(token), Some(next)) = (tokens.get(verb), tokens.get(verb + 1)) else {
            return Attribution::Nobody;
        };
        let composed = (start + 1..verb).any(|at| tokens[at].is_lower(Class::Auxiliary));
        let endings: &[&str] = match composed {
            true => &["é", "ée", "és", "i", "u", "it", "is"],
            false => &["e", "it", "ent"],
        };
        let finite = endings.iter().any(|it| token.text.ends_with(it))
            && token.text.starts_with(char::is_lowercase)
            && token.text.chars().count() > 3
            && !token.is(Class::Function)
            && !token.is(Class::Role);
        let comma = tokens.get(start).is_some_and(|it| it.text == ",");
        // `X, qui promet de « … », a appelé les électeurs`
        let announced = self.is_announced(quoted);
        if !comma || !finite || !starts_subject(next) || next.is(Class::Of) || announced {
            return Attribution::Nobody;
        }
        // `« Anora », a remporté la Palme`: nobody.
        let someone = |speaker: &Speaker| {
            let described = || {
                let first = tokens[verb + 1..].iter().find(|it| !it.is(Class::Article));
                first.is_some_and(|noun| {
                    noun.is_lower(Class::Role)
                        || noun.is_lower(Class::People)
                        || noun.is_lower(Class::Speaking)
                })
            };
            self.mentions.is_person(&speaker.name) || described()
        };
        let speaker = self.subject_at(sentence, verb + 1, quoted);
        let speaker = speaker.filter(someone);
        speaker.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// `« … » – X`, `« … » (X)`
    fn signature(&self, quoted: Quoted) -> Attribution {
        let Position { sentence, at } = quoted.passage.last;
        let tokens = self.tokens(sentence);
        let mut from = tokens.partition_point(|token| token.start <= at);
        if tokens.get(from).is_some_and(|token| token.text == ".") {
            from += 1;
        }
        let (sentence, from) = match tokens.get(from) {
            Some(_) => (sentence, from),
            None if sentence + 1 < self.sentences.len() => (sentence + 1, 0),
            None => return Attribution::Nobody,
        };
        let tokens = self.tokens(sentence);
        let signs = |token: &Token| matches!(token.text, "–" | "—" | "-" | "(");
        let Some(name) = tokens.get(from + 1).filter(|_| signs(&tokens[from])) else {
            return Attribution::Nobody;
        };
        match self
            .mentions
            .within(sentence, name.start, name.start + 1)
            .next()
        {
            // `« L'Impôt juste » (Seuil)`
            Some(mention) if mention.person || tokens[from].text != "(" => {
                Attribution::Named(Speaker::named(mention))
            }
            _ => Attribution::Nobody,
        }
    }

    /// `X a déclaré : «`, `Selon X, «`, `Soulignant que «`.
    fn before(&self, quoted: Quoted) -> Attribution {
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
    fn is_announced(&self, quoted: Quoted) -> bool {
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
    fn holder_of_opinion(&self, quoted: Quoted) -> Attribution {
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
    fn gapped(&self, quoted: Quoted) -> Attribution {
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
    fn handed_over(&self, quoted: Quoted) -> Attribution {
        let speaker = self.colon_before(quoted).and_then(|(sentence, colon)| {
            let tokens = self.tokens(sentence);
            let lead = (0..colon).find(|&at| hands_over(&tokens[..=at]))?;
            self.whom(sentence, lead + 1..colon, quoted)
        });
        speaker.map_or(Attribution::Nobody, Attribution::Named)
    }

    /// Whose sentence leads to the quotation with a colon, without a verb of saying.
    fn colon(&self, quoted: Quoted) -> Attribution {
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

    /// The sentence before announces the quotation: `Il a réagi :`
    fn sentence_before(&self, quoted: Quoted) -> Attribution {
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

    /// Words that open a paragraph by themselves are those of whoever the next sentence names for the first
    /// time.
    fn sentence_after(&self, quoted: Quoted) -> Attribution {
        let passage = quoted.passage;
        let next = passage.last.sentence + 1;
        let paragraph = |sentence: usize| self.sentences.get(sentence).map(|it| it.paragraph);
        let first = passage.first.sentence;
        let opens = first == 0 || paragraph(first - 1) != paragraph(first);
        let alone = passage.opens_sentence(self.sentences)
            && !self.sentences[passage.last.sentence].text[passage.last.at..]
                .contains(char::is_alphanumeric);
        if !opens || !alone || paragraph(next) != paragraph(first) {
            return Attribution::Nobody;
        }
        let Some(named) = self.mentions.person_within(next, 0, usize::MAX) else {
            return Attribution::Nobody;
        };
        let first = self.mentions.first(named.name);
        let known = first.is_some_and(|first| first.start < named.start);
        let at = self
            .tokens(next)
            .partition_point(|it| it.start < named.start.at);
        let fits = !known && !self.is_quoted(next, at) && !self.mentions.is_governed(named);
        match fits {
            true => Attribution::Named(Speaker::named(named)),
            false => Attribution::Nobody,
        }
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

/// Whether the description is of a person, by its first noun.
fn is_someone(description: &str) -> bool {
    let tokens = tokenize(description);
    let noun = tokens.iter().find(|token| !token.is(Class::Article));
    noun.is_some_and(|noun| noun.is_lower(Class::Role) || noun.is_lower(Class::People))
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
