//! Counts what is right, missed and extra in the facts of annotated articles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};

use super::annotation::{self, Article, Items, Role};
use super::compare::Comparison;
use super::measure::{Measure, Tally};
use super::reading::{Date, Figure, Name, Quote, Reading};
use super::same;

/// Something to look at: a fact that is not as annotated.
pub(crate) struct Difference {
    pub(crate) measure: Measure,
    pub(crate) article: String,
    pub(crate) what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            measure,
            article,
            what,
        } = self;
        write!(f, "{:14} {article}: {what}", measure.name())
    }
}

/// The scores of some annotated articles, over all of them together.
#[derive(Default)]
pub(crate) struct Scores {
    /// Only of what is annotated.
    pub(crate) tallies: BTreeMap<Measure, Tally>,
    /// What each rule has read: how much of it is right, and how much wrong.
    pub(crate) rules: BTreeMap<(Measure, &'static str), Tally>,
    pub(crate) differences: Vec<Difference>,
}

impl Scores {
    pub(crate) fn of(articles: &[Article]) -> Self {
        let mut scores = Self::default();
        for article in articles {
            let reading = Reading::of(article.paragraphs(), article.date.as_deref());
            ArticleScore {
                scores: &mut scores,
                article,
            }
            .add(&reading);
        }
        scores
    }
}

/// Adds one article to the scores.
struct ArticleScore<'a> {
    scores: &'a mut Scores,
    article: &'a Article,
}

impl ArticleScore<'_> {
    fn add(&mut self, reading: &Reading) {
        let none = Items::default();
        let items = &self.article.items;
        let optional = self.article.optional.as_ref().unwrap_or(&none);
        if let Some(gold) = &items.dates {
            self.dates(&reading.dates, gold, listed(&optional.dates));
        }
        if let Some(gold) = &items.figures {
            self.figures(&reading.figures, gold, listed(&optional.figures));
        }
        if let Some(gold) = &items.people {
            self.people(&reading.people, gold, listed(&optional.people));
        }
        if let Some(gold) = &items.places {
            let optional = listed(&optional.places);
            self.names(Measure::Places, &reading.places, gold, optional);
        }
        if let Some(gold) = &items.organisations {
            let optional = listed(&optional.organisations);
            self.names(
                Measure::Organisations,
                &reading.organisations,
                gold,
                optional,
            );
        }
        if let Some(gold) = &items.quotes {
            self.quotes(&reading.quotes, gold, listed(&optional.quotes));
        }
        if let Some(gold) = &self.article.sentences_fr {
            self.sentence_ends(&reading.sentences, gold);
        }
    }

    /// A wording that is repeated is annotated once; an interval covers both of its ends.
    fn dates(&mut self, found: &[Date], gold: &[annotation::Date], optional: &[annotation::Date]) {
        let mut wordings = BTreeSet::new();
        let found = found
            .iter()
            .filter(|date| wordings.insert(&date.as_written));
        let comparison = Comparison::new(found, gold, same::date)
            .covering(same::date)
            .allowing(optional, same::date);
        self.count(Measure::Dates, &comparison);
        self.credit_all(Measure::Dates, &comparison, |date| date.rule);
    }

    fn figures(
        &mut self,
        found: &[Figure],
        gold: &[annotation::Figure],
        optional: &[annotation::Figure],
    ) {
        let comparison = Comparison::new(found, gold, same::figure)
            .allowing(optional, same::figure)
            .allowing(gold, same::figure);
        self.count(Measure::Figures, &comparison);
        self.credit_all(Measure::Figures, &comparison, |figure| figure.rule);
        for (found, gold) in comparison.pairs {
            let right = found.qualifier == gold.qualifier.as_deref();
            let found = (&found.as_written, found.qualifier);
            let gold = (&gold.as_written, &gold.qualifier);
            self.judge(Measure::Qualifiers, right, &found, &gold);
        }
    }

    fn people(&mut self, found: &[Name], gold: &[annotation::Name], optional: &[annotation::Name]) {
        let comparison = Comparison::new(found, gold, same::person)
            .allowing(optional, same::name)
            .allowing(gold, same::person);
        self.count(Measure::People, &comparison);
        self.credit_all(Measure::People, &comparison, |name| name.rule);
        self.english(&comparison);
        for (found, gold) in comparison.pairs {
            let role = match &gold.role_fr {
                Role::NotAnnotated => continue,
                Role::NotGiven => None,
                Role::Given(role) => Some(role.as_str()),
            };
            let right = same::role(found.role.as_deref(), role);
            self.judge(Measure::Roles, right, &(&found.french, &found.role), &role);
            if let Some(rule) = found.role_rule {
                self.credit(Measure::Roles, rule, right);
            }
        }
    }

    fn names(
        &mut self,
        measure: Measure,
        found: &[Name],
        gold: &[annotation::Name],
        optional: &[annotation::Name],
    ) {
        let comparison = Comparison::new(found, gold, same::name)
            .allowing(optional, same::name)
            .allowing(gold, same::name);
        self.count(measure, &comparison);
        self.credit_all(measure, &comparison, |name| name.rule);
        self.english(&comparison);
    }

    fn english(&mut self, comparison: &Comparison<Name, annotation::Name>) {
        for (found, gold) in &comparison.pairs {
            if let Some(english) = &gold.en {
                let right = found.english == *english;
                self.judge(Measure::EnglishNames, right, &found.english, english);
            }
        }
    }

    fn quotes(
        &mut self,
        found: &[Quote],
        gold: &[annotation::Quote],
        optional: &[annotation::Quote],
    ) {
        let gold = &in_one_piece(found, gold);
        let comparison = Comparison::new(found, gold, same::quote).allowing(optional, same::quote);
        self.count(Measure::Quotes, &comparison);
        for (found, gold) in comparison.pairs {
            let is_gold = |speaker: &Option<String>| {
                same::speaker(speaker.as_deref(), gold.speaker_fr.as_deref())
            };
            let right = is_gold(&found.speaker)
                || found.description.is_some() && is_gold(&found.description);
            self.judge(Measure::Speakers, right, found, &gold.speaker_fr);
            self.credit(Measure::Speakers, found.rule, right);
        }
    }

    fn sentence_ends(&mut self, found: &[String], gold: &[String]) {
        let (found, gold) = (ends(found), ends(gold));
        let comparison = Comparison::new(&found, &gold, |found, gold| found.0 == gold.0);
        self.count(Measure::SentenceEnds, &comparison);
    }

    fn count<F: Debug, G: Debug>(&mut self, measure: Measure, comparison: &Comparison<F, G>) {
        let tally = self.scores.tallies.entry(measure).or_default();
        tally.right += comparison.pairs.len();
        tally.missed += comparison.missed.len();
        tally.extra += comparison.extra.len();
        for missed in &comparison.missed {
            self.differ(measure, format!("missed {missed:?}"));
        }
        for extra in &comparison.extra {
            self.differ(measure, format!("extra {extra:?}"));
        }
    }

    fn judge(&mut self, measure: Measure, right: bool, found: &dyn Debug, gold: &dyn Debug) {
        let tally = self.scores.tallies.entry(measure).or_default();
        if right {
            tally.right += 1;
        } else {
            tally.missed += 1;
            tally.extra += 1;
            self.differ(measure, format!("found {found:?}, expected {gold:?}"));
        }
    }

    /// Counts what a rule has read.
    fn credit(&mut self, measure: Measure, rule: &'static str, right: bool) {
        let tally = self.scores.rules.entry((measure, rule)).or_default();
        match right {
            true => tally.right += 1,
            false => tally.extra += 1,
        }
    }

    fn credit_all<F, G>(
        &mut self,
        measure: Measure,
        comparison: &Comparison<F, G>,
        rule: fn(&F) -> &'static str,
    ) {
        for (found, _) in &comparison.pairs {
            self.credit(measure, rule(found), true);
        }
        for extra in &comparison.extra {
            self.credit(measure, rule(extra), false);
        }
    }

    fn differ(&mut self, measure: Measure, what: String) {
        self.scores.differences.push(Difference {
            measure,
            article: self.article.id.clone(),
            what,
        });
    }
}

fn listed<T>(items: &Option<Vec<T>>) -> &[T] {
    items.as_deref().unwrap_or_default()
}

/// The annotated quotations. Two that a quotation read joins, because only the name of their speaker
/// stands between them, are one.
fn in_one_piece(found: &[Quote], gold: &[annotation::Quote]) -> Vec<annotation::Quote> {
    let is_read = |quote: &annotation::Quote| found.iter().any(|it| same::quote(it, quote));
    let mut quotes: Vec<annotation::Quote> = Vec::new();
    for quote in gold {
        if let Some(last) = quotes.last_mut().filter(|last| !is_read(last)) {
            let joined = annotation::Quote {
                text_fr: format!("{} {}", last.text_fr, quote.text_fr),
                speaker_fr: last.speaker_fr.clone(),
            };
            if is_read(&joined) && !is_read(quote) {
                *last = joined;
                continue;
            }
        }
        quotes.push(quote.clone());
    }
    quotes
}

/// Where sentences end, in letters and digits from the beginning of the text, each with its
/// sentence.
fn ends(sentences: &[String]) -> Vec<(usize, &str)> {
    let mut end = 0;
    let mut ends: Vec<(usize, &str)> = sentences
        .iter()
        .map(|sentence| {
            end += sentence.chars().filter(|it| it.is_alphanumeric()).count();
            (end, sentence.as_str())
        })
        .collect();
    ends.dedup_by_key(|(end, _)| *end);
    ends
}
