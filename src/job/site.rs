//! What an output folder has for all of its articles together: pages, and data for programs. All of it is
//! made from the summaries that lie there, with few of them in memory at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::atomic::{AtomicFile, write_if_changed};
use super::night::changes_path;
use super::plan::is_foreign;
use super::report::RUN_FOLDER;
use super::{ForeignFile, JobError, SkippedArticle};
use crate::TOOL;
use crate::archive::{
    Aliases, Archive, Changes, Entities, Entity, EntityKind, Stories, Story, Unreadable,
};
use crate::output::atom::{FeedEntry, feed_head, to_atom};
use crate::output::html::{
    IndexPage, PeoplePage, PersonEntry, Reference, Row, RowOrder, Said, TimelineDay, TimelinePage,
    index_data, index_script, is_index_current,
};
use crate::output::{Links, is_current, to_html};
use crate::summarize::{Grade, SentenceId, Summary};
use french::edtf::Edtf;

const INDEX_FILE: &str = "index.html";
const SUMMARIES_FILE: &str = "summaries.jsonl";
pub(super) const STORIES_FILE: &str = "clusters.json";
const FEED_FILE: &str = "feed.xml";
/// Articles in the feed.
const FEED: usize = 100;
/// Articles that the index shows without a script.
const SHOWN: usize = 500;
/// Bytes of rows in one script of the index.
const SHARD_BYTES: usize = 900_000;
/// People on their page, and as many organisations.
const PEOPLE: usize = 300;
/// Statements of a person or date on the pages.
const STATEMENTS: usize = 5;
/// Dates on the timeline.
const DATES: usize = 500;

/// What a site is made from, beside the summaries.
pub struct SiteOptions<'a> {
    pub out: &'a Path,
    /// Whether there are to be pages, or data alone.
    pub html: bool,
    /// Whether pages of articles are compared byte for byte, and not by what they say they are from.
    pub thorough: bool,
    pub aliases: &'a Aliases,
    /// What the report of the last run says was skipped; `None` without a report.
    pub skipped: Option<&'a [SkippedArticle]>,
    pub changes: &'a Changes,
    /// Where the folder is served, as of [`crate::output::folder_address`]: what the feed leads to.
    pub base_url: Option<&'a str>,
}

/// What was made.
#[derive(Debug, Default)]
pub struct Site {
    pub articles: usize,
    /// Pages of articles that were written, because they were not there or have changed.
    pub written: usize,
    pub unreadable: Vec<Unreadable>,
    /// Files of others that stand where a page would.
    pub foreign: Vec<ForeignFile>,
    /// Numbers of articles by their grade.
    pub grades: BTreeMap<Grade, usize>,
}

impl Site {
    /// What could not be read, and what could not be written.
    pub fn notices(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let unreadable = self
            .unreadable
            .iter()
            .map(|it| it as &(dyn Error + 'static));
        unreadable.chain(self.foreign.iter().map(|it| it as &(dyn Error + 'static)))
    }
}

/// Whether the folder has a site of this version, for this address.
pub(super) fn is_there(out: &Path, html: bool, base_url: Option<&str>) -> bool {
    if !html {
        return out.join(RUN_FOLDER).join(STORIES_FILE).is_file();
    }
    let feed = feed_head(&links(base_url));
    is_index_current(&head(&out.join(INDEX_FILE)))
        && head(&out.join(FEED_FILE)).starts_with(feed.as_bytes())
}

/// What leads from the feed to the pages beside it.
fn links(base_url: Option<&str>) -> Links {
    Links::new(base_url.unwrap_or_default(), true)
}

/// The first bytes of a file, which say what a page is from; none where there is no file.
fn head(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(4096).read_to_end(&mut head);
    }
    head
}

/// Makes the pages and data of the folder. A file is written only if its bytes change.
///
/// # Errors
/// If the folder cannot be read, or a file cannot be written.
pub fn make_site(options: &SiteOptions<'_>) -> Result<Site, JobError> {
    let out = options.out;
    let cannot = |source| JobError::Read {
        path: out.to_owned(),
        source,
    };
    let run = out.join(RUN_FOLDER);
    fs::create_dir_all(&run).map_err(|error| JobError::write(&run, error))?;
    let archive = Archive::open(out).map_err(cannot)?;
    let mut maker = Maker {
        options,
        archive: &archive,
        site: Site::default(),
        newest: BTreeMap::new(),
        news: options.changes.ids().collect(),
        links: links(options.base_url),
        feed: BTreeMap::new(),
        shard: String::new(),
        shards: 0,
        references: HashMap::new(),
        entities: Entities::new(options.aliases),
        stories: Stories::default(),
        events: Vec::new(),
    };
    maker.read_all()?;
    maker.finish()
}

struct Maker<'a> {
    options: &'a SiteOptions<'a>,
    archive: &'a Archive,
    site: Site,
    /// The newest rows, by their order.
    newest: BTreeMap<RowOrder, Row>,
    /// Ids of what the last night brought.
    news: HashSet<&'a str>,
    links: Links,
    /// What the feed has, by what comes first: what the last night brought, and the newest of the rest.
    feed: BTreeMap<(bool, RowOrder), FeedEntry>,
    /// Rows of the script that is being filled, as JSON with commas between them.
    shard: String,
    shards: usize,
    references: HashMap<String, Reference>,
    entities: Entities<'a>,
    stories: Stories,
    /// Date, article and sentence of each dated event.
    events: Vec<(Edtf, String, SentenceId)>,
}

/// What is made of a summary by itself.
struct Made {
    summary: Summary,
    line: Vec<u8>,
    page: Result<bool, JobError>,
}

impl Maker<'_> {
    fn read_all(&mut self) -> Result<(), JobError> {
        let options = self.options;
        let out = options.out;
        let make = |summary: Summary| {
            let mut line = serde_json::to_vec(&summary).expect("it was JSON");
            line.push(b'\n');
            let page = match options.html {
                true => write_page(out, &summary, options.thorough),
                false => Ok(false),
            };
            Made {
                summary,
                line,
                page,
            }
        };
        let path = out.join(SUMMARIES_FILE);
        let failed = |error| JobError::write(&path, error);
        let mut lines = match self.is_free(SUMMARIES_FILE) {
            true => Some(AtomicFile::create(&path).map_err(failed)?),
            false => None,
        };
        self.archive.try_each(make, |made| match made {
            Ok(made) => self.take(made, lines.as_mut(), &path),
            Err(unreadable) => {
                self.site.unreadable.push(unreadable);
                Ok(())
            }
        })?;
        self.write_shard()?;
        match lines {
            Some(lines) => lines.replace_if_changed().map_err(failed),
            None => Ok(()),
        }
    }

    fn take(
        &mut self,
        made: Made,
        lines: Option<&mut AtomicFile>,
        path: &Path,
    ) -> Result<(), JobError> {
        let Made {
            summary,
            line,
            page,
        } = made;
        match page {
            Ok(written) => self.site.written += usize::from(written),
            Err(JobError::Foreign(foreign)) => self.site.foreign.push(foreign),
            Err(error) => return Err(error),
        }
        if let Some(lines) = lines {
            lines
                .write_all(&line)
                .map_err(|error| JobError::write(path, error))?;
        }
        self.site.articles += 1;
        *self.site.grades.entry(summary.trust.grade).or_default() += 1;
        self.entities.add(&summary);
        self.stories.add(&summary);
        let dated = summary
            .events
            .iter()
            .filter_map(|event| Some((event.date?, summary.id.clone(), event.sentence)));
        self.events.extend(dated);
        let row = Row::of(&summary);
        self.add_to_feed(&summary, row.order());
        self.add_row(row)
    }

    fn add_to_feed(&mut self, summary: &Summary, order: RowOrder) {
        let is_old = !self.news.contains(summary.id.as_str());
        let key = (is_old, order);
        let last = self.feed.last_key_value();
        if !self.options.html || self.feed.len() >= FEED && last.is_some_and(|it| *it.0 < key) {
            return;
        }
        let entry = FeedEntry::new(summary, None, &self.links);
        self.feed.insert(key, entry);
        if self.feed.len() > FEED {
            self.feed.pop_last();
        }
    }

    fn add_row(&mut self, row: Row) -> Result<(), JobError> {
        let id = row.reference.id.clone();
        self.references.insert(id, row.reference.clone());
        if self.options.html {
            let data = row.data();
            if !self.shard.is_empty() && self.shard.len() + data.len() > SHARD_BYTES {
                self.write_shard()?;
            }
            if !self.shard.is_empty() {
                self.shard.push_str(",\n");
            }
            self.shard.push_str(&data);
        }
        self.newest.insert(row.order(), row);
        if self.newest.len() > SHOWN {
            self.newest.pop_last();
        }
        Ok(())
    }

    fn write_shard(&mut self) -> Result<(), JobError> {
        if self.shard.is_empty() {
            return Ok(());
        }
        self.shards += 1;
        let rows = format!("[{}]", std::mem::take(&mut self.shard));
        let script = index_data("add", &rows);
        self.write(&shard_name(self.shards), script.as_bytes())
    }

    fn finish(mut self) -> Result<Site, JobError> {
        let stories = std::mem::take(&mut self.stories);
        let stories = match stories.finish(self.archive) {
            Ok(stories) => stories,
            Err(unreadable) => {
                self.site.unreadable.push(unreadable);
                Vec::new()
            }
        };
        let entities = std::mem::replace(&mut self.entities, Entities::new(self.options.aliases));
        let entities = entities.finish();
        self.write_list("entities.json", "entities", &entities)?;
        self.write_list(STORIES_FILE, "clusters", &stories)?;
        let mut changes = serde_json::to_vec_pretty(self.options.changes).expect("JSON");
        changes.push(b'\n');
        if self.options.changes.tool.is_empty() {
            // There has been no run that knew of changes.
            let _ = fs::remove_file(changes_path(self.options.out));
        } else {
            self.write(&format!("{RUN_FOLDER}/changes.json"), &changes)?;
        }
        if self.options.html {
            self.write_pages(&stories, &entities)?;
        }
        Ok(self.site)
    }

    fn write_pages(&mut self, stories: &[Story], entities: &[Entity]) -> Result<(), JobError> {
        // Copies of a dispatch say nothing more than the first.
        let copies: BTreeSet<&str> = stories
            .iter()
            .flat_map(|story| &story.articles[1..])
            .map(String::as_str)
            .collect();
        let people = self.people(entities, &copies);
        let timeline = self.timeline(&copies);
        let texts = self.read_sentences(people.iter().chain(&timeline));
        let page = self.people_page(entities, people, &texts);
        self.write("people.html", page.render().as_bytes())?;
        let page = self.timeline_page(timeline, &texts);
        self.write("timeline.html", page.render().as_bytes())?;
        let entries: Vec<FeedEntry> = std::mem::take(&mut self.feed).into_values().collect();
        self.write(FEED_FILE, to_atom(&entries, &self.links).as_bytes())?;
        self.write_index(stories)
    }

    fn write_index(&mut self, stories: &[Story]) -> Result<(), JobError> {
        let changes = self.options.changes;
        let ids: Vec<&[String]> = stories.iter().map(|it| it.articles.as_slice()).collect();
        let changed: Vec<&str> = changes.changed.iter().map(|it| it.id.as_str()).collect();
        let about = serde_json::json!({
            "new": changes.new,
            "changed": changed,
            "stories": ids,
        });
        let about = index_data("about", &about.to_string());
        self.write(&shard_name(0), about.as_bytes())?;
        self.write("index.js", index_script().as_bytes())?;
        self.remove_old_shards();
        let of_article: BTreeMap<&str, usize> = stories
            .iter()
            .flat_map(|it| {
                it.articles
                    .iter()
                    .map(|id| (id.as_str(), it.articles.len() - 1))
            })
            .collect();
        let skipped = self.options.skipped.unwrap_or_default().iter();
        let rows: Vec<Row> = std::mem::take(&mut self.newest).into_values().collect();
        let page = IndexPage {
            rows: &rows,
            articles: self.site.articles,
            grades: self.site.grades.clone(),
            shards: self.shards,
            skipped: skipped
                .map(|it| (it.path.as_str(), it.reason.as_str()))
                .collect(),
            changes,
            copies: &of_article,
            has_report: self.options.skipped.is_some(),
        };
        // Last: it says that everything else is there.
        self.write(INDEX_FILE, page.render().as_bytes())
    }

    /// Removes scripts of an index that was longer.
    fn remove_old_shards(&self) {
        for number in self.shards + 1.. {
            let path = self.options.out.join(shard_name(number));
            if is_foreign(&path) || fs::remove_file(path).is_err() {
                break;
            }
        }
    }

    /// The sentences to show of each of the first people and organisations.
    fn people(&self, entities: &[Entity], copies: &BTreeSet<&str>) -> Vec<Places> {
        shown(entities)
            .map(|entity| {
                let statements = entity.statements.iter();
                let own = statements.filter(|it| !copies.contains(it.article.as_str()));
                let each = if entity.statements.len() > 1 {
                    2
                } else {
                    STATEMENTS
                };
                let places = own.flat_map(|it| {
                    let sentences = it.sentences.iter().take(each);
                    sentences.map(|sentence| (it.article.clone(), *sentence))
                });
                self.newest_of(places.collect()).0
            })
            .collect()
    }

    /// The sentences to show of each of the latest dates, which stand in the order of [`Self::dates`].
    fn timeline(&mut self, copies: &BTreeSet<&str>) -> Vec<Places> {
        self.events
            .retain(|(_, id, _)| !copies.contains(id.as_str()));
        self.dates()
            .into_iter()
            .take(DATES)
            .map(|(_, places)| self.newest_of(places).0)
            .collect()
    }

    /// Dates with the sentences that state them, the latest first; not those of no year.
    fn dates(&self) -> Vec<(Edtf, Places)> {
        let mut dates: BTreeMap<_, (Edtf, Places)> = BTreeMap::new();
        let events = self.events.iter();
        for (date, id, sentence) in events.filter(|(date, ..)| !date.is_of_no_year()) {
            let key = std::cmp::Reverse((date.sort_key(), date.to_string()));
            let (_, places) = dates.entry(key).or_insert_with(|| (*date, Vec::new()));
            if !places.contains(&(id.clone(), *sentence)) {
                places.push((id.clone(), *sentence));
            }
        }
        dates.into_values().collect()
    }

    /// Those of the newest articles, and the number of the others.
    fn newest_of(&self, mut places: Places) -> (Places, usize) {
        let date = |id: &str| self.references.get(id).and_then(|it| it.date.as_deref());
        places.sort_by(|(a, m), (b, n)| date(b).cmp(&date(a)).then_with(|| (a, m).cmp(&(b, n))));
        let more = places.len().saturating_sub(STATEMENTS);
        places.truncate(STATEMENTS);
        (places, more)
    }

    /// Reads the English of sentences and of the events that they state, article by article.
    fn read_sentences<'p>(&self, places: impl Iterator<Item = &'p Places>) -> Texts {
        let wanted: BTreeSet<&(String, SentenceId)> = places.flatten().collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        let mut texts = Texts::default();
        for article in wanted.chunk_by(|a, b| a.0 == b.0) {
            let Ok(Some(summary)) = self.archive.read(&article[0].0) else {
                continue;
            };
            for &place in article {
                let sentence = summary.translation.sentences.get(place.1.0);
                if let Some(it) = sentence.filter(|it| !it.text.is_empty()) {
                    let said = (it.text.clone(), it.grade);
                    texts.sentences.insert(place.clone(), said);
                }
                let events = summary.events.iter().filter(|it| it.sentence == place.1);
                for (date, event) in events.filter_map(|it| Some((it.date?, it))) {
                    let key = (place.clone(), date.to_string());
                    texts.clauses.insert(key, event.text.clone());
                }
            }
        }
        texts
    }

    /// What is said in `places`, of a `date` the clause that states it.
    fn said(&self, places: Places, date: Option<Edtf>, texts: &Texts) -> Vec<Said> {
        let said = places.into_iter().filter_map(|place| {
            let (sentence, grade) = texts.sentences.get(&place)?;
            let clause = date.and_then(|date| {
                let key = (place.clone(), date.to_string());
                texts.clauses.get(&key)
            });
            let text = clause.unwrap_or(sentence);
            Some(Said {
                article: self.references.get(&place.0)?.clone(),
                sentence: place.1,
                text: text.clone(),
                grade: *grade,
            })
        });
        said.collect()
    }

    fn people_page(&self, entities: &[Entity], places: Vec<Places>, texts: &Texts) -> PeoplePage {
        let mut page = PeoplePage {
            people: Vec::new(),
            organisations: Vec::new(),
            left_out: 0,
        };
        for (entity, places) in shown(entities).zip(places) {
            let entry = PersonEntry {
                name: entity.name.clone(),
                aliases: entity.aliases.clone(),
                roles: roles(entity),
                articles: entity.statements.len(),
                statements: self.said(places, None, texts),
            };
            match entity.kind {
                EntityKind::Person => page.people.push(entry),
                _ => page.organisations.push(entry),
            }
        }
        let named = entities.iter().filter(|it| it.kind != EntityKind::Place);
        page.left_out = named.count() - page.people.len() - page.organisations.len();
        page
    }

    fn timeline_page(&self, places: Vec<Places>, texts: &Texts) -> TimelinePage {
        let dates = self.dates();
        let left_out = dates.len().saturating_sub(places.len());
        let days = dates.into_iter().zip(places).map(|((date, all), places)| {
            let left_out = all.len() - places.len();
            TimelineDay {
                date,
                statements: self.said(places, Some(date), texts),
                left_out,
            }
        });
        TimelinePage {
            days: days.collect(),
            left_out,
        }
    }

    /// Writes a list as JSON, with an item on each line.
    fn write_list<T: Serialize>(
        &mut self,
        name: &str,
        key: &str,
        items: &[T],
    ) -> Result<(), JobError> {
        let name = format!("{RUN_FOLDER}/{name}");
        if !self.is_free(&name) {
            return Ok(());
        }
        let path = self.options.out.join(name);
        let write = || -> io::Result<()> {
            let mut file = AtomicFile::create(&path)?;
            let tool = serde_json::to_string(TOOL)?;
            write!(file, "{{\"tool\": {tool}, \"{key}\": [")?;
            for (n, item) in items.iter().enumerate() {
                file.write_all(if n == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut file, item)?;
            }
            file.write_all(b"\n]}\n")?;
            file.replace_if_changed()
        };
        write().map_err(|error| JobError::write(&path, error))
    }

    /// Writes a file unless its bytes are the same, or it is another's.
    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), JobError> {
        if !self.is_free(name) {
            return Ok(());
        }
        let path = self.options.out.join(name);
        let written = write_if_changed(&path, bytes);
        written
            .map(|_| ())
            .map_err(|error| JobError::write(&path, error))
    }

    /// Whether precis may write the file; remembers those that it may not.
    fn is_free(&mut self, name: &str) -> bool {
        let path = self.options.out.join(name);
        let foreign = is_foreign(&path);
        if foreign {
            self.site.foreign.push(ForeignFile { path });
        }
        !foreign
    }
}

/// Sentences of articles.
type Places = Vec<(String, SentenceId)>;

/// What pages over all articles quote of them.
#[derive(Default)]
struct Texts {
    /// The English of sentences.
    sentences: HashMap<(String, SentenceId), (String, Grade)>,
    /// The clauses of events, by their sentences and dates.
    clauses: HashMap<((String, SentenceId), String), String>,
}

fn shard_name(number: usize) -> String {
    format!("index-data-{number}.js")
}

/// The people and organisations that have a place on the page.
fn shown(entities: &[Entity]) -> impl Iterator<Item = &Entity> {
    let of = |kind| {
        entities
            .iter()
            .filter(move |it: &&Entity| it.kind == kind)
            .take(PEOPLE)
    };
    of(EntityKind::Person).chain(of(EntityKind::Organisation))
}

/// What most articles call an entity, and one more thing that they do.
fn roles(entity: &Entity) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for role in entity.statements.iter().filter_map(|it| it.role.as_deref()) {
        *counts.entry(role).or_default() += 1;
    }
    let mut roles: Vec<(&str, usize)> = counts.into_iter().collect();
    roles.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    roles
        .into_iter()
        .take(2)
        .map(|(role, _)| role.to_owned())
        .collect()
}

/// Writes the page of an article, unless it is there. Returns whether it was written.
fn write_page(out: &Path, summary: &Summary, thorough: bool) -> Result<bool, JobError> {
    let path: PathBuf = out.join(format!("{}.html", summary.id));
    if !thorough && is_current(&head(&path), &summary.provenance.fingerprint) {
        return Ok(false);
    }
    if is_foreign(&path) {
        return Err(ForeignFile { path }.into());
    }
    let written = write_if_changed(&path, to_html(summary).as_bytes());
    written.map_err(|error| JobError::write(&path, error))
}
