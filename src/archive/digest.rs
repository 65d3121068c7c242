//! What is new in an output folder, as a person wants to be told of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Archive, Changed, Changes, Removed, Story, Unreadable};
use crate::summarize::{Grade, Source, Summary};

/// Other articles of a story that are named.
const OTHERS: usize = 3;

/// What is new: each story once, those in most papers first, and what can be trusted least last.
#[derive(Debug, Default)]
pub struct Digest {
    /// As many as were asked for.
    pub stories: Vec<NewStory>,
    /// Number of stories that were left out.
    pub stories_left_out: usize,
    /// Number of new articles, and of these of bad ones.
    pub articles: usize,
    pub bad: usize,
    /// As many as were asked for.
    pub changed: Vec<ChangedArticle>,
    pub changed_left_out: usize,
    pub removed: Vec<Removed>,
    pub unreadable: Vec<Unreadable>,
}

/// A new article, and others of the same story.
#[derive(Debug)]
pub struct NewStory {
    /// The earliest of the new ones that can be read.
    pub summary: Summary,
    pub others: Vec<Named>,
    /// Number of others that are not named.
    pub more: usize,
}

/// An article as others name it.
#[derive(Debug)]
pub struct Named {
    pub id: String,
    pub headline: String,
    pub source: Source,
}

/// An article that has changed, and how.
#[derive(Debug)]
pub struct ChangedArticle {
    pub summary: Summary,
    pub change: Changed,
}

type Order = (Grade, Reverse<usize>, Reverse<Option<String>>, String);

impl Digest {
    /// Tells `most` of the stories and as many of the changed articles that `changes` has.
    pub fn of(archive: &Archive, changes: &Changes, stories: &[Story], most: usize) -> Self {
        let mut digest = Self {
            removed: changes.removed.clone(),
            ..Self::default()
        };
        digest.add_new(archive, &changes.new, stories, most);
        digest.add_changed(archive, &changes.changed, most);
        digest
    }

    fn add_new(&mut self, archive: &Archive, new: &[String], stories: &[Story], most: usize) {
        let new: HashSet<&str> = new.iter().map(String::as_str).collect();
        let mut stories_of: HashMap<&str, &Story> = HashMap::new();
        for story in stories {
            stories_of.extend(story.articles.iter().map(|id| (id.as_str(), story)));
        }
        let mut archive_of_new = archive.clone();
        archive_of_new.retain(&new);
        let mut found: BTreeMap<String, (Grade, Option<String>)> = BTreeMap::new();
        archive_of_new.each(
            |it| (it.id, it.trust.grade, it.source.date),
            |it| match it {
                Ok((id, grade, date)) => {
                    found.insert(id, (grade, date));
                }
                Err(unreadable) => self.unreadable.push(unreadable),
            },
        );
        self.articles = found.len();
        self.bad = found.values().filter(|it| it.0 == Grade::Bad).count();
        let mut firsts: Vec<Order> = Vec::new();
        for (id, (grade, date)) in &found {
            let story = stories_of.get(id.as_str());
            let mut members = story.into_iter().flat_map(|story| &story.articles);
            let first = members.find(|id| found.contains_key(*id));
            if first.is_none_or(|first| first == id) {
                let size = story.map_or(1, |story| story.articles.len());
                firsts.push((*grade, Reverse(size), Reverse(date.clone()), id.clone()));
            }
        }
        firsts.sort_unstable();
        self.stories_left_out = firsts.len().saturating_sub(most);
        for (.., id) in firsts.into_iter().take(most) {
            let summary = match archive.read(&id) {
                Ok(Some(summary)) => summary,
                Ok(None) => continue,
                Err(unreadable) => {
                    self.unreadable.push(unreadable);
                    continue;
                }
            };
            let story = stories_of.get(id.as_str());
            let others = story.into_iter().flat_map(|story| &story.articles);
            let others: Vec<&String> = others.filter(|other| **other != id).collect();
            let named = others.iter().take(OTHERS);
            let named: Vec<Named> = named.filter_map(|id| self.named(archive, id)).collect();
            self.stories.push(NewStory {
                more: others.len() - named.len(),
                others: named,
                summary,
            });
        }
    }

    fn named(&mut self, archive: &Archive, id: &str) -> Option<Named> {
        match archive.read(id) {
            Ok(summary) => summary.map(|it| Named {
                id: it.id,
                headline: it.headline,
                source: it.source,
            }),
            Err(unreadable) => {
                self.unreadable.push(unreadable);
                None
            }
        }
    }

    fn add_changed(&mut self, archive: &Archive, changed: &[Changed], most: usize) {
        self.changed_left_out = changed.len().saturating_sub(most);
        for change in changed.iter().take(most) {
            match archive.read(&change.id) {
                Ok(Some(summary)) => self.changed.push(ChangedArticle {
                    summary,
                    change: change.clone(),
                }),
                Ok(None) => {}
                Err(unreadable) => self.unreadable.push(unreadable),
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.articles == 0 && self.changed.is_empty() && self.removed.is_empty()
    }
}
