//! Step-by-step decoding.

use super::attention::History;
use super::layers::Workspace;
use super::network::{Network, Source};
use super::product::{Linear, TILE_ROWS};

/// Hypotheses that grow by one token per step; sentences join and leave as they like.
///
/// Keys and values of a step are kept where they were computed, one row per hypothesis of that
/// time. A hypothesis holds the path of rows that leads to it, so beams re-order, branch and end
/// without copying what they share.
pub struct Decoding<'n> {
    network: &'n Network,
    sentences: Vec<Option<Sentence>>,
    hypotheses: Vec<Hypothesis>,
    paths: Paths,
    arena: Arena,
    workspace: Workspace,
    x: Vec<f32>,
    logits: Vec<f32>,
    /// Rows of this step's hypotheses in the arena.
    placed: Vec<u32>,
}

struct Sentence {
    source: Source,
    shortlist: Option<Shortlist>,
    /// All its rows in the arena.
    rows: Vec<u32>,
    /// Hypotheses that are left of it.
    hypotheses: usize,
}

/// The tokens that a sentence's outputs may have, in ascending order, and the projection to them.
struct Shortlist {
    tokens: Vec<u32>,
    projection: Linear,
}

#[derive(Clone, Copy)]
struct Hypothesis {
    /// Index in `sentences`.
    sentence: usize,
    /// Tokens so far.
    length: usize,
}

/// The rows that lead to each hypothesis.
#[derive(Default)]
struct Paths {
    /// `[hypotheses, stride]`
    rows: Vec<u32>,
    /// Where the next generation is written.
    next: Vec<u32>,
    stride: usize,
}

/// Keys and values, `[rows, 2·width]` for each layer. Rows of sentences that have ended are used
/// again.
struct Arena {
    layers: Vec<Vec<f32>>,
    rows: u32,
    free: Vec<u32>,
}

impl<'n> Decoding<'n> {
    /// No hypotheses yet.
    pub fn new(network: &'n Network) -> Self {
        Self {
            sentences: Vec::new(),
            hypotheses: Vec::new(),
            paths: Paths {
                stride: network.config.max_position_embeddings,
                ..Paths::default()
            },
            arena: Arena {
                layers: vec![Vec::new(); network.parts.decoder.len()],
                rows: 0,
                free: Vec::new(),
            },
            workspace: Workspace::default(),
            x: Vec::new(),
            logits: Vec::new(),
            placed: Vec::new(),
            network,
        }
    }

    /// Adds one empty hypothesis for `source`, behind the others. `shortlist`: the tokens, in
    /// ascending order, that its outputs may have; all of the vocabulary where there is none.
    pub fn add(&mut self, source: Source, shortlist: Option<Vec<u32>>) {
        let projection = &self.network.parts.projection;
        let sentence = Sentence {
            source,
            shortlist: shortlist.map(|tokens| Shortlist {
                projection: projection.select(&tokens),
                tokens,
            }),
            rows: Vec::new(),
            hypotheses: 1,
        };
        let vacant = self.sentences.iter().position(Option::is_none);
        let index = vacant.unwrap_or_else(|| {
            self.sentences.push(None);
            self.sentences.len() - 1
        });
        self.sentences[index] = Some(sentence);
        self.hypotheses.push(Hypothesis {
            sentence: index,
            length: 0,
        });
        self.paths
            .rows
            .resize(self.hypotheses.len() * self.paths.stride, 0);
    }

    /// Appends `tokens[i]` to hypothesis `i` and gives `logits`, for each hypothesis, the scores of
    /// its next token: of all of the vocabulary, or of the tokens of the shortlist that it is given.
    pub fn step(
        &mut self,
        tokens: &[u32],
        mut logits: impl FnMut(usize, &mut [f32], Option<&[u32]>),
    ) {
        debug_assert_eq!(tokens.len(), self.hypotheses.len());
        self.place();
        let Self {
            network,
            sentences,
            hypotheses,
            paths,
            arena,
            workspace,
            x,
            placed,
            ..
        } = self;
        let (cpu, width) = (network.cpu, network.config.d_model);
        let positions = hypotheses.iter().map(|hypothesis| hypothesis.length - 1);
        let tokens = tokens.iter().copied().zip(positions);
        let parts = &network.parts;
        parts.decoder_embedding.forward(cpu, width, tokens, x);
        for (index, layer) in parts.decoder.iter().enumerate() {
            let attention = &layer.self_attention;
            attention.run(cpu, x, workspace, |projected, heads| {
                let width = attention.width;
                let history = &mut arena.layers[index];
                for (projected, &row) in projected.chunks_exact(3 * width).zip(&*placed) {
                    let start = row as usize * 2 * width;
                    history[start..start + 2 * width].copy_from_slice(&projected[width..]);
                }
                heads.attend(|row| {
                    let length = hypotheses[row].length;
                    let biases = parts.decoder_bias.as_ref();
                    History {
                        matrix: history,
                        path: paths.of(row, length),
                        biases: biases.map(|biases| biases.of_query(length - 1)),
                    }
                });
            });
            layer.cross_attention.run(cpu, x, workspace, |_, heads| {
                let mut start = 0;
                for group in hypotheses.chunk_by(|a, b| a.sentence == b.sentence) {
                    let key_values = &source(sentences, group[0]).layers[index];
                    heads.attend_to(key_values, start..start + group.len(), |_| None);
                    start += group.len();
                }
            });
            layer.feed_forward.run(cpu, x, workspace);
        }
        if let Some(norm) = &parts.decoder_norm {
            norm.apply(cpu, x);
        }
        // Few logits stay in the cache until they are read; many share the reading of the weights, of which
        // a wider model has more for each of them.
        let rows = TILE_ROWS * (width / 128).max(1);
        let mut start = 0;
        while start < hypotheses.len() {
            let sentence = hypotheses[start].sentence;
            let shortlist = sentences[sentence]
                .as_ref()
                .and_then(|s| s.shortlist.as_ref());
            let (projection, list, rows) = match shortlist {
                Some(list) => {
                    let rest = hypotheses[start..].iter();
                    let rows = rest.take_while(|other| other.sentence == sentence).count();
                    (&list.projection, Some(&*list.tokens), rows)
                }
                None => (&*parts.projection, None, rows.min(hypotheses.len() - start)),
            };
            let x = &x[start * width..(start + rows) * width];
            let scores = projection.forward(cpu, x, &mut workspace.scratch, &mut self.logits);
            let scores = scores.chunks_exact_mut(projection.outputs());
            for (row, scores) in scores.enumerate() {
                logits(start + row, scores, list);
            }
            start += rows;
        }
    }

    /// Gives each hypothesis a row for this step.
    fn place(&mut self) {
        self.placed.clear();
        for (index, hypothesis) in self.hypotheses.iter_mut().enumerate() {
            let row = self.arena.take();
            let sentence = self.sentences[hypothesis.sentence].as_mut();
            sentence
                .expect("hypotheses are of sentences")
                .rows
                .push(row);
            self.paths.rows[index * self.paths.stride + hypothesis.length] = row;
            hypothesis.length += 1;
            self.placed.push(row);
        }
        let layers = self.network.parts.decoder.iter();
        self.arena
            .grow(layers.map(|layer| 2 * layer.self_attention.width));
    }

    /// Keeps, in this order, continuations of the hypotheses `parents`; one may be continued more
    /// than once, or not at all.
    pub fn select(&mut self, parents: &[usize]) {
        for sentence in self.sentences.iter_mut().flatten() {
            sentence.hypotheses = 0;
        }
        let Paths { rows, next, stride } = &mut self.paths;
        next.resize(parents.len() * *stride, 0);
        let selected = parents.iter().map(|&parent| self.hypotheses[parent]);
        let selected: Vec<Hypothesis> = selected.collect();
        for ((hypothesis, &parent), next) in selected
            .iter()
            .zip(parents)
            .zip(next.chunks_exact_mut(*stride))
        {
            let length = hypothesis.length;
            next[..length].copy_from_slice(&rows[parent * *stride..][..length]);
            if let Some(sentence) = &mut self.sentences[hypothesis.sentence] {
                sentence.hypotheses += 1;
            }
        }
        std::mem::swap(rows, next);
        self.hypotheses = selected;
        for place in &mut self.sentences {
            if let Some(ended) = place.take_if(|sentence| sentence.hypotheses == 0) {
                self.arena.free.extend(ended.rows);
            }
        }
    }
}

fn source(sentences: &[Option<Sentence>], hypothesis: Hypothesis) -> &Source {
    let sentence = sentences[hypothesis.sentence].as_ref();
    &sentence.expect("hypotheses are of sentences").source
}

impl Paths {
    fn of(&self, hypothesis: usize, length: usize) -> &[u32] {
        &self.rows[hypothesis * self.stride..][..length]
    }
}

impl Arena {
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.rows += 1;
            self.rows - 1
        })
    }

    /// Makes room in each layer, whose rows have the width in `widths`, for all that were taken.
    fn grow(&mut self, widths: impl Iterator<Item = usize>) {
        for (layer, width) in self.layers.iter_mut().zip(widths) {
            layer.resize(layer.len().max(self.rows as usize * width), 0.0);
        }
    }
}
