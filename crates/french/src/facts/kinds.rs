//! What an article does with each of its sentences. Most state something; questions, greetings, links and
//! notes about the article itself do not, nor do the words of an interviewer. Read once, so that all that
//! is made of an article agrees on it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::RegexSet;

use super::tokens::TokenizedSentence;
use super::types::SentenceKind;
use crate::text::without_accents;

/// A form of sentences that state nothing. Patterns are of sentences as [`folded`] makes them, in any case
/// unless they say otherwise.
struct KindRule {
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    name: &'static str,
    kind: SentenceKind,
    /// What the sentence may begin with, behind marks.
    begins: &'static [&'static str],
    /// What may stand anywhere in it.
    holds: &'static [&'static str],
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    yes: &'static [&'static str],
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    no: &'static [&'static str],
}

/// The first that matches decides.
const RULES: &[KindRule] = &[
    KindRule {
        name: "label of a note",
        kind: SentenceKind::Note,
        begins: &[
            r"(?:correctifs?|rectificatifs?|rectifications?|corrections?|erratum|errata|mea culpa|precisions?|mise au point|n\.?d\.?l\.?r\.?|notes? (?:de la redaction|aux lecteurs|de l'editeur))(?: \([^)]*\)|,? (?:du|le|ce|a) [^:]{1,40}| (?:apportees?|ajoutees?) [^:]{1,40})? ?(?::|- |\W*$)",
        ],
        holds: &[],
        yes: &[
            "CORRECTIF : 62 000 personnes.",
            "Rectificatif du 3 mars – Il y avait 12 élus.",
            "Rectificatif",
            "[NDLR : le maire a été élu en 2020.]",
            "Précision (9 mai) : la rue compte 40 maisons.",
        ],
        no: &[
            "La correction : 12 points.",
            "Corrections et amendes ont coûté 300 euros.",
            "Rectificatif budgétaire de 3 millions d'euros.",
        ],
    },
    KindRule {
        name: "version of the article",
        kind: SentenceKind::Note,
        begins: &[],
        holds: &[
            r"(?:version (?:anterieure|precedente|initiale|originale)|(?:premiere|precedente|ancienne) version) (?:de (?:cet|cette|ce|la|notre) |de l'|du )(?:present )?(?:article|depeche|papier|texte publie|billet|sujet|reportage|infographie|graphique)\b",
        ],
        yes: &[
            "Une version antérieure de cet article parlait de 40 morts.",
            "Dans une première version de notre papier, M. Roy était présenté comme maire.",
        ],
        no: &[
            "La première version du texte de loi prévoyait 300 euros.",
            "Une version antérieure du logiciel coûtait 30 euros.",
        ],
    },
    KindRule {
        name: "error of the paper",
        kind: SentenceKind::Note,
        begins: &[
            r"(?:(?:le|son|leur|les|leurs) )?prenoms? (?:a|ont) ete (?:modifie|change)s?\b",
            r"(?:toutes )?nos excuses (?:a|aux|pour)\b",
        ],
        holds: &[
            r"contrairement a ce que nous (?:avons|avions|\w+ions)\b",
            r"contrairement a ce qu'(?:indiquait|affirmait|annoncait|ecrivait) (?:cet|notre|une premiere)\b",
            r"contrairement a ce qui (?:etait|est|a ete|avait ete) (?:ecrit|indique|annonce|publie|affirme|mentionne)\b",
            r"nous (?:avons|avions|vous avons) (?:\w+ )?(?:ecrit|indique|publie|annonce|affirme|attribue|confondu) (?:\w+ )?(?:par erreur|a tort)\b",
            r"(?:par erreur|a tort)\b.*\b(?:cet article|notre article|nos colonnes|notre edition)\b",
            r"(?:cet article|notre article|nos colonnes|notre edition)\b.*\b(?:par erreur|a tort|errone\w*)\b",
            r"une erreur s'est glissee\b",
            r"une erreur\b.*\b(?:cet article|notre article|nos colonnes|notre edition)\b",
            r"nous (?:presentons|adressons) (?:toutes )?nos excuses a\b",
            r"nous (?:nous (?:en )?excusons|prions nos lecteurs)\b",
        ],
        yes: &[
            "Contrairement à ce que nous écrivions jeudi, le pont a coûté 3 millions d'euros.",
            "Nous avons écrit par erreur que 300 personnes étaient mortes.",
            "Notre article du 3 mai indiquait à tort 45 emplois supprimés.",
            "Une erreur s'est glissée dans notre édition du 4 mars.",
            "Toutes nos excuses à nos lecteurs.",
            "Une erreur de date figurait dans notre article d'hier.",
        ],
        no: &[
            "Contrairement à ce que nous vivons, 300 familles partent.",
            "Il a été arrêté par erreur en 2012.",
            "« Nos excuses ne suffiront pas », a dit le maire.",
        ],
    },
    KindRule {
        name: "history of the article",
        kind: SentenceKind::Note,
        begins: &[
            r"(?:article|depeche|texte|contenu|papier) (?:initialement )?(?:mise?|actualisee?|modifiee?|corrigee?|publiee?|rectifiee?) (?:a jour )?(?:le|a|ce|par)\b",
            r"(?:maj|mise?e? a jour|actualisee?|actualisation|modifiee?)(?:[ ,:(-]+(?:(?:le|a|ce|du|de|h|heures?|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b|\d+(?:h|er)?\d*\b))*[ .)]*$",
            r"(?:maj|mise a jour|actualisation|ajout)\b[^:]{0,40}: .*\b(?:ajout\w*|article|titre|version|precisions?|correction|corrige\w*|rectifi\w*|reactions? d\w*|declarations? d\w*)\b",
        ],
        holds: &[
            r"(?:cet|cette|notre|ce|le present) (?:article|depeche|papier|billet)(?:, [^,]{1,60},)? a (?:d'abord |initialement )?ete (?:initialement |depuis )?(?:mise? a jour|modifiee?|corrigee?|rectifiee?|actualisee?|editee?|completee?|amendee?|publiee?|depubliee?)\b",
            r"(?:l'article|le titre de (?:cet |l')article) a (?:depuis )?ete (?:mise? a jour|modifiee?|corrigee?|rectifiee?|actualisee?)\b",
        ],
        yes: &[
            "Cet article a été mis à jour le 3 mars 2024 à 18 heures.",
            "Article publié le 2 mai à 8 h 30.",
            "Cet article, publié le 8 juillet, a été corrigé : M. Roy est maire depuis 2014.",
            "Mis à jour le 3 mars 2024 à 18h20",
            "Mise à jour (14 mai, 18 heures) : ajout de la réaction du ministre.",
        ],
        no: &[
            "Mise à jour : le bilan est de 12 morts.",
            "Le fichier mis à jour le 3 mars compte 300 noms.",
            "L'article a été adopté par 300 voix.",
        ],
    },
    KindRule {
        name: "link",
        kind: SentenceKind::Link,
        begins: &[
            r"a (?:lire|relire|voir|revoir|ecouter|decouvrir) (?:aussi|egalement|encore|ensuite|sur le meme|par ailleurs|ici)\b",
            r#"(?:a )?(?:lire|relire|voir|revoir|ecouter|lisez|relisez|retrouvez|decouvrez)(?: aussi| egalement| par ailleurs| l'article| le dossier| l'enquete| le reportage| la suite)* ?(?:[:>|"]|- )"#,
            r"(?:lire|relire|voir|lisez|relisez) (?:aussi|egalement|par ailleurs)(?:\W*$| ?(?-i:[A-Z])| (?:notre|nos|l'article|en pages?|pages?|p\.|ci-))",
            r"(?:lire|relire|voir|lisez|relisez) (?:notre|nos|pages?|en pages?|ci-(?:contre|dessous|dessus))\b",
            r"retrouvez (?:notre|nos|tous nos|toutes nos|l'(?:integralite|ensemble) de (?:notre|nos|cet))\b",
            r"(?:pour aller plus loin|sur le meme sujet|en savoir plus|notre dossier|notre enquete) ?(?::|\W*$)",
        ],
        holds: &[],
        yes: &[
            "Lire aussi : 300 emplois supprimés à Lyon",
            "À lire également, notre enquête sur les 40 écoles fermées.",
            "» Lire aussi - Le pont ferme en 2024",
            "LIRE AUSSI Le pont ferme en 2024",
            "Relire notre entretien du 3 mai avec Jean Roy.",
            "Retrouvez notre dossier sur les élections de 2022.",
        ],
        no: &[
            "Lire aussi les notes prend du temps.",
            "Voir Naples et mourir.",
            "À lire ces 300 pages, on comprend.",
        ],
    },
    KindRule {
        name: "greeting",
        kind: SentenceKind::Greeting,
        begins: &[
            r"(?:(?:re-?)?bonjour|(?:re-?)?bonsoir|salut|hello|coucou)(?:\W*$|,? (?:a (?:tous|toutes|vous|chacun)|et (?:bienvenue|merci)|chers?|cheres?|les amis|mesdames)\b| ?!)",
            r"(?:soyez (?:les |la |le )?)?bienvenue?s? (?:a (?:tous|toutes|vous)|dans (?:ce|cette|cet|notre|votre)|sur (?:ce|notre|votre|le direct))\b",
        ],
        holds: &[],
        yes: &[
            "Bonjour à tous !",
            "Bonsoir et bienvenue dans ce direct du 3 mai.",
            "Bienvenue dans ce direct consacré à l'incendie.",
        ],
        no: &[
            "Bonjour tristesse a été vendu à 300 000 exemplaires.",
            "Le salut est venu en 1944.",
            "Bienvenue à Marwen sort mercredi.",
        ],
    },
    KindRule {
        name: "wish",
        kind: SentenceKind::Greeting,
        begins: &[
            r"(?:tres )?(?:bonne|excellente|belle)s? (?:et heureuse )?(?:lecture|journee|soiree|nuit|ecoute|semaine|annee|visite|vacances|fetes|fin de (?:journee|soiree|semaine))(?: \d{4})?(?: a (?:tous|toutes|vous|demain)(?: et .{1,30})?)?\W*$",
            r"(?:tres )?bon (?:week-end|dimanche|match|direct|visionnage|courage|appetit)(?: a (?:tous|toutes|vous))?\W*$",
        ],
        holds: &[],
        yes: &["Bonne lecture !", "Très bonne année 2024 à tous."],
        no: &[
            "Bonne année pour les vignerons : 300 hectares plantés.",
            "Bon match des Lyonnais.",
        ],
    },
    KindRule {
        name: "thanks to readers",
        kind: SentenceKind::Greeting,
        begins: &[
            r"merci (?:(?:a (?:tous|toutes|vous)|encore|beaucoup|et a toutes)[ ,]*)*(?:d'avoir (?:suivi|lu|ete|participe)|de nous (?:avoir )?(?:lus?|suivis?|suivre|lire|ecouter)|(?:de|pour) votre (?:fidelite|attention|lecture|confiance|ecoute)|pour vos (?:questions|messages|commentaires)|\W*$)",
            r"abonnez-vous\b",
            r"(?:donnez|partagez)(?:-nous)? (?:votre|vos) (?:avis|opinion|temoignages?|experiences?)\b",
            r"(?:posez|envoyez|laissez)(?:-nous)? (?:vos|toutes vos) (?:questions|temoignages|photos|commentaires|reactions)\b",
        ],
        holds: &[],
        yes: &[
            "Merci à tous d'avoir suivi ce direct.",
            "Merci pour votre fidélité depuis 2004.",
            "Posez-nous vos questions avant le 3 mai.",
            "Donnez votre avis.",
        ],
        no: &[
            "Merci patron a coûté 150 000 euros.",
            "Merci à la ville, qui a donné 300 euros.",
        ],
    },
    KindRule {
        name: "end of a live blog",
        kind: SentenceKind::Greeting,
        begins: &[
            r"c'est (?:la fin|fini|termine) (?:de|pour) (?:ce|notre|cette) (?:direct|live|suivi|edition|soiree)\b",
            r"(?:ce|notre) (?:direct|live) (?:est (?:desormais |maintenant )?(?:termine|clos|fini)|s'acheve|se termine|touche a sa fin)\b",
            r"(?:suivez|retrouvez|vivez) (?:avec nous |ici |sur notre site )?(?:notre|ce|en) (?:direct|live)\b",
            r"(?:on|nous) (?:se|vous|nous) (?:donne|donnons|retrouve|retrouvons)\b.{0,40}\b(?:demain|rendez-vous|prochaine?|bientot)\b",
            r"a (?:demain|bientot|tres vite|tout a l'heure|la semaine prochaine|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?: (?:matin|soir|a tous|a toutes|prochain))*(?: pour (?:un|une|la|de|le) (?:nouve\w+|prochain\w*|suite).*)?\W*$",
            r"rendez-vous .{1,40} pour (?:un|une|la|de|le) (?:nouve\w+|prochain\w*|suite)\b",
        ],
        holds: &[],
        yes: &[
            "C'est la fin de ce direct.",
            "À demain pour une nouvelle édition !",
            "Nous vous donnons rendez-vous mardi 3 mai à 20 heures.",
        ],
        no: &[
            "Notre direct a été suivi par 300 000 personnes.",
            "À demain les réformes de 2024.",
        ],
    },
];

/// One pattern for each of [`RULES`].
static PATTERNS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = RULES.iter().map(|rule| {
        let begins = rule.begins.iter().map(|it| format!(r"^\W*(?:{it})"));
        let holds = rule.holds.iter().map(|it| format!(r"\b(?:{it})"));
        let all: Vec<String> = begins.chain(holds).collect();
        format!("(?i-u){}", all.join("|"))
    });
    RegexSet::new(patterns).expect("the patterns are valid")
});

/// Sentences of the longest paragraph that an interviewer says.
const LONGEST_QUESTION: usize = 4;
/// Letters of the longest name before the words of a voice: `Ouest-Matin : Partez-vous ?`
const LONGEST_LABEL: usize = 40;

/// The kind of each sentence.
pub(super) fn kinds(sentences: &[TokenizedSentence]) -> Vec<SentenceKind> {
    let mut kinds = Vec::with_capacity(sentences.len());
    let mut marks = Marks::default();
    for (at, sentence) in sentences.iter().enumerate() {
        let opens = at == 0 || sentences[at - 1].paragraph != sentence.paragraph;
        let before = at
            .checked_sub(1)
            .map(|before| (kinds[before], &sentences[before]));
        // A paragraph of its own: `Rectificatif`.
        let is_label = |last: &TokenizedSentence, at: usize| {
            last.tokens.len() <= 2 && (at < 2 || sentences[at - 2].paragraph != last.paragraph)
        };
        let is_said = marks.is_open && !opens || sentence.text.starts_with(['«', '“', '"']);
        let is_quoted = marks.read(sentence.text, opens);
        let kind = match before {
            // A note goes on to the end of its paragraph, or in the next if it is only a label.
            Some((SentenceKind::Note, last)) if !opens || is_label(last, at) => SentenceKind::Note,
            _ if is_said => SentenceKind::Statement,
            _ => by_rule(sentence.text).unwrap_or_default(),
        };
        kinds.push(match kind {
            SentenceKind::Statement if !is_quoted && is_question(sentence.text) => {
                SentenceKind::Question
            }
            kind => kind,
        });
    }
    interview(sentences, &mut kinds);
    kinds
}

fn by_rule(text: &str) -> Option<SentenceKind> {
    let rule = PATTERNS.matches(folded(text).as_bytes()).iter().next()?;
    Some(RULES[rule].kind)
}

/// Without accents, with plain dashes, apostrophes and quotation marks: patterns of ASCII are fast.
fn folded(text: &str) -> String {
    let plain = |c| match c {
        '–' | '—' => '-',
        '’' => '\'',
        '«' | '»' | '“' | '”' => '"',
        c => c,
    };
    without_accents(text).chars().map(plain).collect()
}

/// Whether the text ends as a question.
fn is_question(text: &str) -> bool {
    let end = text.trim_end_matches([' ', ')', '!', '…', '*', '_']);
    end.ends_with('?')
}

/// Quotation marks, read sentence by sentence.
#[derive(Default)]
struct Marks {
    is_open: bool,
}

impl Marks {
    /// Whether words in quotation marks go on where the text ends. Those that nothing closes end with their
    /// paragraph.
    fn read(&mut self, text: &str, opens_paragraph: bool) -> bool {
        if opens_paragraph {
            self.is_open = false;
        }
        for mark in text.chars() {
            match mark {
                '«' | '“' => self.is_open = true,
                '»' | '”' => self.is_open = false,
                '"' => self.is_open = !self.is_open,
                _ => {}
            }
        }
        self.is_open
    }
}

/// Finds the interviewer's words: in an article of questions to someone and answers, all of a short paragraph
/// that asks, and those under the name of who asks.
fn interview(sentences: &[TokenizedSentence], kinds: &mut [SentenceKind]) {
    let paragraphs = paragraphs(sentences);
    let asks = |paragraph: &Range<usize>| {
        let own = &sentences[paragraph.clone()];
        let is_asking = kinds[paragraph.end - 1] == SentenceKind::Question;
        let leads = kinds[paragraph.start] == SentenceKind::Question;
        is_asking && own.len() <= LONGEST_QUESTION && (leads || own.iter().any(addresses))
    };
    let asking: Vec<bool> = paragraphs.iter().map(asks).collect();
    let addressing = (paragraphs.iter().zip(&asking)).filter(|(paragraph, asks)| {
        **asks && sentences[(*paragraph).clone()].iter().any(addresses)
    });
    // One question, even to someone, makes no interview.
    if addressing.count() < 2 {
        return;
    }
    // Who asks, and how often others are named so.
    let mut labels: HashMap<&str, (usize, usize)> = HashMap::new();
    for (paragraph, asks) in paragraphs.iter().zip(&asking) {
        if let Some(label) = label(sentences[paragraph.start].text) {
            let (asked, all) = labels.entry(label).or_default();
            *asked += usize::from(*asks);
            *all += 1;
        }
    }
    let dashed =
        |paragraph: &Range<usize>| sentences[paragraph.start].text.starts_with(['-', '–', '—']);
    let is_dashed = |is: bool| {
        let mut each = paragraphs
            .iter()
            .zip(&asking)
            .filter(|(_, asks)| **asks == is);
        each.all(|(paragraph, _)| dashed(paragraph))
    };
    let dash_asks = is_dashed(true) && !is_dashed(false);
    for (paragraph, asks) in paragraphs.iter().zip(&asking) {
        let own = &sentences[paragraph.clone()];
        let label = label(own[0].text).and_then(|label| labels.get(label));
        let is_named = label.is_some_and(|(asked, all)| *asked > 0 && 2 * asked >= *all);
        let is_addressed = own.len() <= LONGEST_QUESTION
            && own.iter().any(addresses)
            && !own.iter().any(speaks_of_oneself);
        let is_bare = label.is_none() && labels.is_empty();
        let says = *asks
            || is_named
            || dash_asks && dashed(paragraph)
            || is_bare && is_addressed && !own[0].text.contains(['«', '"', '“']);
        if says {
            kinds[paragraph.clone()].fill(SentenceKind::Interviewer);
        }
    }
}

/// The sentences of each paragraph.
fn paragraphs(sentences: &[TokenizedSentence]) -> Vec<Range<usize>> {
    let mut paragraphs: Vec<Range<usize>> = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        match paragraphs.last_mut() {
            Some(last) if sentences[last.start].paragraph == sentence.paragraph => {
                last.end = at + 1;
            }
            _ => paragraphs.push(at..at + 1),
        }
    }
    paragraphs
}

/// The name before the words of a voice.
fn label(text: &str) -> Option<&str> {
    let (label, words) = text.split_once(':')?;
    let label = label.trim_end();
    let is_name = label.starts_with(char::is_uppercase)
        && label.chars().count() <= LONGEST_LABEL
        && !label.contains(['«', '"', '?', '!', ','])
        && words.starts_with(char::is_whitespace);
    is_name.then_some(label)
}

/// Whether someone is spoken to.
fn addresses(sentence: &TokenizedSentence) -> bool {
    sentence.tokens.iter().any(|token| {
        let word = token.text.to_lowercase();
        matches!(word.as_str(), "vous" | "votre" | "vos")
            || word.ends_with("-vous") && word != "rendez-vous"
    })
}

/// Whether someone speaks of himself.
fn speaks_of_oneself(sentence: &TokenizedSentence) -> bool {
    sentence.tokens.iter().any(|token| {
        let word = token.text.to_lowercase();
        matches!(
            word.as_str(),
            "je" | "j'"
                | "moi"
                | "mon"
                | "ma"
                | "mes"
                | "nous"
                | "notre"
                | "nos"
                | "on"
                | "m'"
                | "me"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokenized;
    use super::super::types::{SentenceId, SourceSentence};
    use super::*;

    #[test]
    fn every_rule_knows_its_sentences_and_leaves_others_alone() {
        for (at, rule) in RULES.iter().enumerate() {
            assert!(!rule.yes.is_empty() && !rule.no.is_empty(), "{}", rule.name);
            let matches = |text: &str| PATTERNS.matches(folded(text).as_bytes()).matched(at);
            for text in rule.yes {
                assert!(matches(text), "{}: {text}", rule.name);
            }
            for text in rule.no {
                assert!(!matches(text), "{}: {text}", rule.name);
            }
        }
    }

    /// The kinds of sentences, each with the number of its paragraph.
    fn kinds_of(sentences: &[(usize, &str)]) -> Vec<SentenceKind> {
        let sentences: Vec<SourceSentence> = (sentences.iter().enumerate())
            .map(|(id, (paragraph, text))| SourceSentence {
                id: SentenceId(id),
                paragraph: *paragraph,
                text,
            })
            .collect();
        kinds(&tokenized(&sentences))
    }

    #[test]
    fn a_note_goes_on_to_the_end_of_its_paragraph() {
        use SentenceKind::{Note, Statement};
        let found = kinds_of(&[
            (0, "Le pont a coûté 3 millions d'euros."),
            (
                1,
                "Une première version de cet article parlait de 30 millions.",
            ),
            (1, "Le chiffre était faux."),
            (2, "Le pont est long de 80 mètres."),
            (3, "RECTIFICATIF"),
            (4, "Le pont n'a pas 90 ans."),
            (4, "Pardon."),
            (5, "Le pont est beau."),
        ]);
        let expected = [
            Statement, Note, Note, Statement, Note, Note, Note, Statement,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_someone_says_is_no_word_of_the_paper() {
        use SentenceKind::Statement;
        let found = kinds_of(&[
            (0, "« Bonjour à tous !"),
            (0, "Merci pour vos messages », a dit le maire."),
            (1, "« Nos excuses aux familles », a dit le maire."),
        ]);
        assert_eq!(found, [Statement; 3]);
    }

    #[test]
    fn questions_in_quotation_marks_are_what_someone_said() {
        use SentenceKind::{Question, Statement};
        let found = kinds_of(&[
            (0, "Faut-il fermer la rue ?"),
            (0, "« Où irons-nous ? »"),
            (1, "« Qui paiera ?"),
            (1, "Personne ne le sait », dit le maire."),
            (2, "Peut-on parler de « crise » ?"),
            (2, "« Gilets jaunes » : que reste-t-il ?"),
        ]);
        let said = [Statement; 3];
        assert_eq!(found[..4], [&[Question][..], &said[..]].concat());
        assert_eq!(found[4..], [Question, Question]);
    }

    #[test]
    fn an_interviewer_states_nothing() {
        use SentenceKind::{Interviewer, Statement};
        let questions = [
            (0, "Jean Roy dirige l'hôpital depuis 2012."),
            (1, "Vous avez perdu 40 infirmiers."),
            (1, "Comment l'expliquez-vous ?"),
            (2, "Nous en avons perdu 38."),
            (3, "Vous dites manquer de 3 millions d'euros."),
            (4, "Oui, il nous manque 3 millions."),
            (5, "Que ferez-vous en 2025 ?"),
            (6, "Je partirai."),
        ];
        let expected = [
            Statement,
            Interviewer,
            Interviewer,
            Statement,
            Interviewer,
            Statement,
            Interviewer,
            Statement,
        ];
        assert_eq!(kinds_of(&questions), expected);
        let named = [
            (0, "Ouest-Matin : Vous avez perdu 40 infirmiers ?"),
            (1, "Jean Roy : Nous en avons perdu 38."),
            (2, "Ouest-Matin : Il y en avait 300 avant votre arrivée."),
            (3, "Jean Roy : Vous savez, il y en avait 280."),
            (4, "Ouest-Matin : Partirez-vous ?"),
        ];
        let expected = [Interviewer, Statement, Interviewer, Statement, Interviewer];
        assert_eq!(kinds_of(&named), expected);
    }
}
