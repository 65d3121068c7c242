//! What became of an article between two nights.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::summarize::{Figure, SentenceId, Summary, TranslatedSentence};
use french::text::folded_words;

/// Least share of common words by which two sentences are versions of one.
const SAME: f64 = 0.5;

/// What a night brought: the articles that are new, have changed, or are gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Name and version of the tool.
    pub tool: String,
    /// Ids of articles.
    pub new: Vec<String>,
    pub changed: Vec<Changed>,
    pub removed: Vec<Removed>,
}

/// An article that is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    pub id: String,
    pub headline: String,
}

/// An article whose source has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed {
    pub id: String,
    /// As it is now.
    pub headline: String,
    /// What a reader has to know first.
    pub figures: Vec<FigureChange>,
    /// The title before and after, in French, if it has changed.
    pub title: Option<(Option<String>, Option<String>)>,
    pub edited: Vec<Edited>,
    /// Sentences that were added.
    pub added: Vec<SentenceId>,
    /// Sentences that are gone, in French.
    pub removed: Vec<String>,
}

/// A figure that another stands in place of, that was added or that is gone, as they are written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureChange {
    pub before: Option<String>,
    pub after: Option<String>,
    /// What is counted, in English.
    pub what: Option<String>,
    /// Where it stands now.
    pub sentence: Option<SentenceId>,
}

/// A sentence that was edited, in French.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    pub before: String,
    pub after: String,
    pub sentence: SentenceId,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// Ids of the articles that are new or have changed.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let changed = self.changed.iter().map(|it| it.id.as_str());
        self.new.iter().map(String::as_str).chain(changed)
    }

    /// Puts articles in the order of their ids.
    pub fn sort(&mut self) {
        self.new.sort_unstable();
        self.changed.sort_by(|a, b| a.id.cmp(&b.id));
        self.removed.sort_by(|a, b| a.id.cmp(&b.id));
    }

    /// What this and a later night brought together, as if they were one.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let mut new: BTreeSet<String> = self.new.into_iter().collect();
        let by_id = |it: Changed| (it.id.clone(), it);
        let mut changed: BTreeMap<_, _> = self.changed.into_iter().map(by_id).collect();
        let by_id = |it: Removed| (it.id.clone(), it);
        let mut removed: BTreeMap<_, _> = self.removed.into_iter().map(by_id).collect();
        for id in later.new {
            // What was taken away and has come back may be another article.
            removed.remove(&id);
            new.insert(id);
        }
        for it in later.changed {
            if new.contains(&it.id) {
                continue;
            }
            let it = match changed.remove(&it.id) {
                Some(earlier) => earlier.then(it),
                None => Some(it),
            };
            changed.extend(it.map(|it| (it.id.clone(), it)));
        }
        for it in later.removed {
            changed.remove(&it.id);
            // What came and went within the time was never there.
            if !new.remove(&it.id) {
                removed.insert(it.id.clone(), it);
            }
        }
        Self {
            tool: later.tool,
            new: new.into_iter().collect(),
            changed: changed.into_values().collect(),
            removed: removed.into_values().collect(),
        }
    }

    /// Adds an article of which there was the summary `before` and is the summary `after`.
    pub fn add(&mut self, id: &str, before: Option<&Summary>, after: Option<&Summary>) {
        match (before, after) {
            (None, None) => {}
            (None, Some(_)) => self.new.push(id.to_owned()),
            (Some(before), None) => self.removed.push(Removed {
                id: id.to_owned(),
                headline: before.headline.clone(),
            }),
            (Some(before), Some(after)) => self.changed.extend(Changed::between(id, before, after)),
        }
    }
}

impl Changed {
    /// This change and a later one of the same article. Returns `None` if the later one took it back.
    fn then(self, later: Self) -> Option<Self> {
        let mut figures = later.figures;
        for earlier in self.figures {
            let next = figures.iter_mut().find(|it| {
                earlier.after.is_some() && it.before == earlier.after && it.what == earlier.what
            });
            match next {
                Some(next) => next.before = earlier.before,
                // Where it stands now is not known.
                None => figures.push(FigureChange {
                    sentence: None,
                    ..earlier
                }),
            }
        }
        figures.retain(|it| it.before != it.after);
        let mut edited = later.edited;
        let mut removed = self.removed;
        for earlier in self.edited {
            match edited.iter_mut().find(|it| it.before == earlier.after) {
                Some(next) => next.before = earlier.before,
                None if later.removed.contains(&earlier.after) => removed.push(earlier.before),
                None => edited.push(earlier),
            }
        }
        edited.retain(|it| it.before != it.after);
        removed.extend(later.removed);
        let both = Self {
            id: later.id,
            headline: later.headline,
            figures,
            title: match (self.title, later.title) {
                (Some((before, _)), Some((_, after))) => {
                    (before != after).then_some((before, after))
                }
                (earlier, later) => later.or(earlier),
            },
            edited,
            added: [self.added, later.added].concat(),
            removed,
        };
        let is_text_same =
            both.edited.is_empty() && both.added.is_empty() && both.removed.is_empty();
        (both.title.is_some() || !is_text_same).then_some(both)
    }

    /// Returns `None` if title and text are the same.
    fn between(id: &str, before: &Summary, after: &Summary) -> Option<Self> {
        let titles = (before.source.title.clone(), after.source.title.clone());
        let title = (titles.0 != titles.1).then_some(titles);
        let (gone, come) = differing(before, after);
        if title.is_none() && gone.is_empty() && come.is_empty() {
            return None;
        }
        let pairs = versions(&gone, &come);
        let is_paired =
            |n: usize, side: fn(&(usize, usize)) -> usize| pairs.iter().any(|it| side(it) == n);
        let edited = pairs.iter().map(|&(a, b)| Edited {
            before: gone[a].source.clone(),
            after: come[b].source.clone(),
            sentence: come[b].id,
        });
        let added = (0..come.len()).filter(|&n| !is_paired(n, |it| it.1));
        let removed = (0..gone.len()).filter(|&n| !is_paired(n, |it| it.0));
        Some(Self {
            id: id.to_owned(),
            headline: after.headline.clone(),
            figures: figures(figures_of(before, &gone), figures_of(after, &come)),
            title,
            edited: edited.collect(),
            added: added.map(|n| come[n].id).collect(),
            removed: removed.map(|n| gone[n].source.clone()).collect(),
        })
    }
}

type Sentences<'a> = Vec<&'a TranslatedSentence>;

/// The sentences that only one of the two has.
fn differing<'a>(before: &'a Summary, after: &'a Summary) -> (Sentences<'a>, Sentences<'a>) {
    let mut counts: BTreeMap<Vec<&str>, isize> = BTreeMap::new();
    for sentence in &before.translation.sentences {
        *counts.entry(words(sentence)).or_default() += 1;
    }
    let sentences = after.translation.sentences.iter();
    let come = sentences.filter(|sentence| {
        let left = counts.entry(words(sentence)).or_default();
        *left -= 1;
        *left < 0
    });
    let come = come.collect();
    let sentences = before.translation.sentences.iter();
    let gone = sentences.filter(|sentence| {
        let left = counts.entry(words(sentence)).or_default();
        *left -= 1;
        *left >= 0
    });
    (gone.collect(), come)
}

/// The text without its line breaks.
fn words(sentence: &TranslatedSentence) -> Vec<&str> {
    sentence.source.split_whitespace().collect()
}

/// Pairs of sentences that are versions of one: each of `come` in its order with the likest of `gone`
/// that is left.
fn versions(gone: &[&TranslatedSentence], come: &[&TranslatedSentence]) -> Vec<(usize, usize)> {
    let folded = |sentences: &[&TranslatedSentence]| -> Vec<Vec<String>> {
        let words = sentences.iter().map(|it| {
            let mut words = folded_words(&it.source);
            words.sort_unstable();
            words.dedup();
            words
        });
        words.collect()
    };
    let (before, after) = (folded(gone), folded(come));
    let mut free = vec![true; before.len()];
    let mut pairs = Vec::new();
    for (b, new) in after.iter().enumerate() {
        let candidates = before.iter().enumerate().filter(|(a, _)| free[*a]);
        let likest = candidates
            .map(|(a, old)| {
                let common = old
                    .iter()
                    .filter(|word| new.binary_search(word).is_ok())
                    .count();
                let all = (old.len() + new.len() - common).max(1);
                (a, common as f64 / all as f64)
            })
            .filter(|(_, likeness)| *likeness >= SAME)
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        if let Some((a, _)) = likest {
            free[a] = false;
            pairs.push((a, b));
        }
    }
    pairs
}

fn figures_of<'a>(summary: &'a Summary, sentences: &[&TranslatedSentence]) -> Vec<&'a Figure> {
    let figures = summary.quantities();
    figures
        .filter(|figure| sentences.iter().any(|it| it.id == figure.sentence))
        .collect()
}

/// What became of the figures of sentences that have changed. One is another's successor if both count
/// the same in the same unit; of several, the first.
fn figures(mut before: Vec<&Figure>, mut after: Vec<&Figure>) -> Vec<FigureChange> {
    let is_same =
        |a: &Figure, b: &Figure| (a.value, a.upper, &a.unit) == (b.value, b.upper, &b.unit);
    // Those that stand in both, if elsewhere, have not changed.
    after.retain(|new| {
        let same = before.iter().position(|old| is_same(old, new));
        same.map(|at| before.remove(at)).is_none()
    });
    let mut changes = Vec::new();
    for new in after {
        let old = before
            .iter()
            .position(|old| old.unit == new.unit && old.what == new.what);
        changes.push(FigureChange {
            before: old.map(|at| before.remove(at).as_written.clone()),
            after: Some(new.as_written.clone()),
            what: new.what.clone(),
            sentence: Some(new.sentence),
        });
    }
    changes.extend(before.into_iter().map(|old| FigureChange {
        before: Some(old.as_written.clone()),
        after: None,
        what: old.what.clone(),
        sentence: None,
    }));
    // What was altered in silence comes before what came or went with its sentence.
    changes.sort_by_key(|it| it.before.is_none() || it.after.is_none());
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    fn removed(id: &str) -> Removed {
        Removed {
            id: id.to_owned(),
            headline: String::new(),
        }
    }

    /// An article in which a figure of dead was changed.
    fn changed(id: &str, before: &str, after: &str) -> Changed {
        let sentence = |figure: &str| format!("Il y a {figure} morts.");
        Changed {
            id: id.to_owned(),
            headline: format!("{after} dead"),
            figures: vec![FigureChange {
                before: Some(before.to_owned()),
                after: Some(after.to_owned()),
                what: Some("dead".to_owned()),
                sentence: Some(SentenceId(0)),
            }],
            title: Some((Some(sentence(before)), Some(sentence(after)))),
            edited: vec![Edited {
                before: sentence(before),
                after: sentence(after),
                sentence: SentenceId(0),
            }],
            added: Vec::new(),
            removed: Vec::new(),
        }
    }

    #[test]
    fn nights_together_say_what_is_left_of_them() {
        let first = Changes {
            new: ids(&["came", "came-and-changed", "came-and-went"]),
            changed: vec![changed("twice", "10", "12"), changed("gone", "1", "2")],
            removed: vec![removed("back"), removed("lost")],
            ..Changes::default()
        };
        let second = Changes {
            new: ids(&["back"]),
            changed: vec![
                changed("came-and-changed", "1", "2"),
                changed("twice", "12", "15"),
                changed("once", "7", "8"),
            ],
            removed: vec![removed("came-and-went"), removed("gone")],
            ..Changes::default()
        };
        let both = first.then(second);
        assert_eq!(both.new, ids(&["back", "came", "came-and-changed"]));
        assert_eq!(
            both.changed,
            [changed("once", "7", "8"), changed("twice", "10", "15")]
        );
        assert_eq!(both.removed, [removed("gone"), removed("lost")]);
    }

    #[test]
    fn a_change_that_was_taken_back_is_none() {
        assert_eq!(
            changed("a", "10", "12").then(changed("a", "12", "10")),
            None
        );
    }
}
