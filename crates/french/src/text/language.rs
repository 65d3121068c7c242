//! Language identification. `whatlang` judges by letters alone; its judgement is corrected by
//! French words that no related language shares, so that a short French text is not refused and a
//! related language is not taken for French.

use unicode_normalization::UnicodeNormalization;
use whatlang::Lang;

use super::normalize::is_invisible;

/// Minimal number of letters of a text that can be identified.
const FEWEST_LETTERS: usize = 20;
/// Maximal number of letters considered; more do not change the result.
const MOST_LETTERS: usize = 20_000;

/// The language of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Language {
    /// ISO 639-1.
    pub code: &'static str,
    /// In English.
    pub name: &'static str,
    /// Between 0 and 1.
    pub confidence: f64,
    /// Whether the result is certain enough to refuse an article.
    pub reliable: bool,
}

impl Language {
    /// Whether the text is identified as French.
    pub fn is_french(&self) -> bool {
        self.code == code(Lang::Fra)
    }
}

/// A language and its commonest words, without those that related languages share.
struct Vocabulary {
    code: &'static str,
    name: &'static str,
    words: &'static [&'static str],
}

/// English function words that are no French words.
const ENGLISH: &[&str] = &[
    "about", "all", "and", "are", "at", "be", "been", "by", "can", "could", "for", "from", "had",
    "has", "have", "he", "her", "his", "i", "in", "is", "it", "its", "my", "not", "of", "our",
    "she", "should", "that", "the", "their", "there", "they", "this", "to", "was", "we", "were",
    "what", "when", "where", "which", "who", "will", "with", "would", "you", "your",
];
/// Share of English function words from which on a sentence is in English.
const ENGLISH_SHARE: f64 = 0.3;
/// Minimal number of words of a sentence that is taken for English.
const FEWEST_ENGLISH_WORDS: usize = 4;
/// Share of French and English function words up to which a sentence may be in another language.
const MOST_KNOWN: f64 = 0.1;
/// Minimal number of letters of a sentence that is taken for another language that is written in
/// Latin letters, and of one that is not.
const FEWEST_FOREIGN_LETTERS: usize = 50;
const FEWEST_LETTERS_OF_OTHER_SCRIPTS: usize = 6;

/// French, and the creole that `whatlang` does not know and takes for French.
const VOCABULARIES: &[Vocabulary] = &[
    Vocabulary {
        code: "fr",
        name: "French",
        words: &[
            "au", "aux", "avec", "ce", "ces", "cette", "dans", "des", "du", "elle", "elles", "est",
            "et", "il", "ils", "je", "les", "leur", "leurs", "mais", "nous", "ont", "où", "par",
            "plus", "pour", "qu", "qui", "sont", "sur", "une", "vous", "à", "été", "était", "être",
        ],
    },
    Vocabulary {
        code: "ht",
        name: "Haitian Creole",
        words: &[
            "ak", "ap", "ki", "konnen", "li", "mwen", "nan", "nou", "pou", "sa", "te", "yo", "yon",
        ],
    },
];

/// Minimal share of such words that decides the language.
const SETTLING_SHARE: f64 = 0.2;
/// Share of such words that leaves no doubt; ordinary prose has about as many.
const FULL_SHARE: f64 = 0.3;

/// Identifies the language of `text`. Returns `None` if it has too few letters. Words in quotation
/// marks count only if there is little else: an article that quotes English is still French.
pub fn identify(text: &str) -> Option<Language> {
    let (own, quoted) = words(text);
    let letters = |words: &[String]| words.iter().map(|w| w.chars().count()).sum::<usize>();
    let words = match letters(&own) {
        enough if enough >= FEWEST_LETTERS && 4 * own.len() >= quoted.len() => own,
        _ => [own, quoted].concat(),
    };
    if letters(&words) < FEWEST_LETTERS {
        return None;
    }
    let info = whatlang::detect(&words.join(" "))?;
    let by_letters = Language {
        code: code(info.lang()),
        name: info.lang().eng_name(),
        confidence: info.confidence(),
        reliable: info.is_reliable(),
    };
    let share = |known: &Vocabulary| {
        let hits = words
            .iter()
            .filter(|word| known.words.contains(&word.as_str()))
            .count();
        hits as f64 / words.len() as f64
    };
    let (known, share) = VOCABULARIES
        .iter()
        .map(|known| (known, share(known)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let rivals = info.script() == whatlang::Script::Latin && share >= SETTLING_SHARE;
    if !rivals {
        return Some(by_letters);
    }
    let by_words = Language {
        code: known.code,
        name: known.name,
        confidence: (share / FULL_SHARE).min(1.0),
        reliable: share >= FULL_SHARE,
    };
    let agree = by_words.code == by_letters.code;
    Some(if agree && by_letters.confidence > by_words.confidence {
        by_letters
    } else {
        by_words
    })
}

/// Whether a sentence or quotation is in English.
pub fn is_english(text: &str) -> bool {
    let (own, quoted) = words(text);
    let words = [own, quoted].concat();
    let count = |known: &[&str]| {
        let hits = words.iter().filter(|word| known.contains(&word.as_str()));
        hits.count()
    };
    let english = count(ENGLISH);
    words.len() >= FEWEST_ENGLISH_WORDS
        && english as f64 >= ENGLISH_SHARE * words.len() as f64
        && english > 3 * count(VOCABULARIES[0].words)
}

/// Returns the language of a sentence that stands among French ones and is surely in another
/// language than French and English. Unlike [`identify`] it says nothing when in doubt.
pub fn foreign_language(sentence: &str) -> Option<Language> {
    let (own, quoted) = words(sentence);
    let words = [own, quoted].concat();
    let known = [VOCABULARIES[0].words, ENGLISH].concat();
    let hits = words.iter().filter(|word| known.contains(&word.as_str()));
    if hits.count() as f64 > MOST_KNOWN * words.len() as f64 {
        return None;
    }
    let info = whatlang::detect(&words.join(" "))?;
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let is_sure = match info.script() {
        whatlang::Script::Latin => letters >= FEWEST_FOREIGN_LETTERS && info.is_reliable(),
        _ => letters >= FEWEST_LETTERS_OF_OTHER_SCRIPTS,
    };
    let is_foreign = !matches!(info.lang(), Lang::Fra | Lang::Eng);
    (is_sure && is_foreign).then(|| Language {
        code: code(info.lang()),
        name: info.lang().eng_name(),
        confidence: info.confidence(),
        reliable: true,
    })
}

/// The words of a text in lower case, letters only: those outside and those inside quotation marks.
fn words(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut own, mut quoted) = (Vec::new(), Vec::new());
    let mut inside = false;
    let mut word = String::new();
    let mut letters = 0;
    // Accents may be separate characters, with invisible characters between them.
    let seen = text.nfc().filter(|&c| !is_invisible(c));
    for c in seen.chain([' ']) {
        if c.is_alphabetic() {
            letters += 1;
            word.extend(c.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            let words = if inside { &mut quoted } else { &mut own };
            words.push(std::mem::take(&mut word));
        }
        if letters > MOST_LETTERS {
            break;
        }
        inside = match c {
            '«' | '“' => true,
            '»' | '”' => false,
            '"' => !inside,
            // A quotation without an end ends with its paragraph.
            '\n' => false,
            _ => inside,
        };
    }
    (own, quoted)
}

/// ISO 639-1.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn language(text: &str) -> Language {
        identify(text).expect("enough letters")
    }

    #[test]
    fn invisible_characters_do_not_hide_the_language() {
        let text = "Le maire a annoncé que l'école du centre sera fermée dès la rentrée prochaine.";
        let apart: String = text.chars().flat_map(|c| [c, '\u{200b}']).collect();
        assert!(language(&apart).is_french());
        let decomposed: String = text.nfd().collect();
        assert_eq!(language(&decomposed), language(text));
    }

    #[test]
    fn english_sentences_are_told_from_french_ones() {
        for english in [
            "We are not going to give up.",
            "This is the end of the road for all of us.",
            "\"The time has come to act\"",
        ] {
            assert!(is_english(english), "{english}");
        }
        for french in [
            "Le film \"The Voice of the World\" sort mercredi dans les salles.",
            "« The Voice »",
            "On a dit non, or il a plu.",
            "The Guardian et The Independent ont été primés.",
        ] {
            assert!(!is_english(french), "{french}");
        }
    }

    #[test]
    fn sentences_in_third_languages_are_found_only_where_they_are_sure() {
        let foreign = |text: &str| foreign_language(text).map(|language| language.code);
        for (text, wanted) in [
            (
                "La policía detuvo el lunes a tres personas sospechosas de haber robado.",
                Some("es"),
            ),
            ("Мы не сдадимся!", Some("ru")),
            (
                "Die Polizei hat am Montag drei Verdächtige in der Stadt festgenommen.",
                Some("de"),
            ),
            ("Hasta la victoria siempre!", None),
            (
                "Le maire a annoncé hier la fermeture de trois écoles du centre.",
                None,
            ),
            (
                "The mayor announced the closing of three schools in the centre.",
                None,
            ),
            ("Nadal bat Djokovic, Federer et Murray.", None),
        ] {
            assert_eq!(foreign(text), wanted, "{text}");
        }
    }

    #[test]
    fn too_little_text_has_no_language() {
        for text in [
            "",
            "Oui.",
            "12 345 678 901 234 567 890",
            "Coronavirus : 1.200 cas",
        ] {
            assert_eq!(identify(text), None, "{text}");
        }
    }

    #[test]
    fn french_is_recognised() {
        let texts = [
            "LE PRÉSIDENT DE LA RÉPUBLIQUE A ANNONCÉ HIER UNE SÉRIE DE MESURES CONTRE LA CRISE",
            "Le président a annoncé hier à Paris une série de mesures pour les hôpitaux.",
            "Le chanteur a lancé : \"We are so happy to be here tonight with all of you, thank you \
             so much for coming\", avant de quitter la scène sous les applaudissements.",
            "Mort de Diego Maradona à Buenos Aires",
        ];
        for text in texts {
            let language = language(text);
            assert!(
                language.is_french() || !language.reliable,
                "{text}: {language:?}"
            );
        }
        assert!(texts[..3].iter().all(|text| language(text).is_french()));
    }

    #[test]
    fn neighbours_of_french_are_told_apart() {
        let texts = [
            (
                "en",
                "The president announced yesterday in Paris that the hospitals which had been closed would be opened again.",
            ),
            (
                "es",
                "La policía detuvo el lunes a tres personas sospechosas de haber robado en una \
                    joyería del centro de la ciudad. Los precios han subido mucho este año.",
            ),
            (
                "it",
                "La polizia ha arrestato lunedì tre persone sospettate di aver rapinato una \
                    gioielleria nel centro della città.",
            ),
            (
                "ca",
                "La policia va detenir dilluns tres persones sospitoses d'haver robat en una \
                    joieria del centre de la ciutat. Els preus han pujat molt aquest any.",
            ),
            (
                "pt",
                "A polícia deteve na segunda-feira três pessoas suspeitas de terem assaltado \
                    uma joalharia no centro da cidade.",
            ),
            (
                "ht",
                "Lapolis te arete twa moun ki te sispèk yo te vòlè nan yon magazen nan mitan \
                    vil la. Nou poko konnen kilè lekòl yo pral louvri ankò.",
            ),
        ];
        for (code, text) in texts {
            let language = language(text);
            assert_eq!((language.code, language.reliable), (code, true), "{text}");
        }
    }

    #[test]
    fn languages_of_other_scripts_are_recognised() {
        assert_eq!(
            language("Президент объявил вчера в Москве о новых мерах поддержки").code,
            "ru"
        );
        assert_eq!(
            language("أعلن الرئيس أمس في باريس عن سلسلة من التدابير").code,
            "ar"
        );
    }
}
