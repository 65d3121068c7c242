//! Step-by-step decoding on the CPU.

use super::Listed;
use super::history::{History, Rows};
use super::layers::Workspace;
use super::network::{Network, Source};
use super::product::{Linear, TILE_ROWS};

/// The [`Decoder`](super::Decoder) of [`Network`].
///
/// The keys and values of each step stay in the row of an arena where they were computed. A hypothesis
/// holds its path, the rows of its tokens, so that beams can be reordered, branch and end without
/// copying keys and values.
pub struct Decoding<'n> {
    network: &'n Network,
    /// What every output may have, unless that is the whole vocabulary.
    common: Option<Selected>,
    sentences: Vec<Option<RunningSentence>>,
    hypotheses: Vec<Hypothesis>,
    paths: Paths,
    arena: Arena,
    workspace: Workspace,
    x: Vec<f32>,
    logits: Logits,
    /// Arena row of each hypothesis's current token.
    step_rows: Vec<u32>,
}

struct RunningSentence {
    source: Source,
    /// What its outputs may have besides the common tokens.
    own: Selected,
    /// Arena rows of all its tokens.
    rows: Vec<u32>,
    /// Number of hypotheses that are left.
    hypotheses: usize,
}

/// Some tokens of the vocabulary.
struct Selected {
    /// In ascending order.
    tokens: Vec<u32>,
    /// Hidden state to the logits of `tokens`.
    projection: Linear,
}

/// Buffers of logits, kept to avoid allocations.
#[derive(Default)]
struct Logits {
    /// Of all tokens or of the common ones, `[rows, tokens]`.
    all: Vec<f32>,
    /// Of the tokens of a sentence, `[rows, tokens]`.
    own: Vec<f32>,
    /// Of the common tokens and those of a sentence, for one row.
    row: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Hypothesis {
    /// Index in `sentences`.
    sentence: usize,
    /// Number of tokens.
    length: usize,
}

/// The path of each hypothesis: the arena rows of its tokens.
#[derive(Default)]
struct Paths {
    /// `[hypotheses, stride]`
    rows: Vec<u32>,
    /// Buffer for the paths of the next step.
    next: Vec<u32>,
    stride: usize,
}

/// The keys and values of all tokens. Rows of sentences that have ended are reused.
struct Arena {
    /// For each layer.
    layers: Vec<Rows>,
    /// Number of rows, free ones included.
    rows: u32,
    free: Vec<u32>,
}

impl<'n> Decoding<'n> {
    /// Returns a decoder without hypotheses. `common` are the tokens that every output may have, in
    /// ascending order; `None` allows the whole vocabulary.
    pub fn new(network: &'n Network, common: Option<&[u32]>) -> Self {
        let layers = network.parts.decoder.iter();
        Self {
            common: common.map(|tokens| Selected::new(network, tokens.to_vec())),
            sentences: Vec::new(),
            hypotheses: Vec::new(),
            paths: Paths {
                stride: network.config.max_position_embeddings,
                ..Paths::default()
            },
            arena: Arena {
                layers: layers.map(|_| Rows::new(network.storage)).collect(),
                rows: 0,
                free: Vec::new(),
            },
            workspace: Workspace::default(),
            x: Vec::new(),
            logits: Logits::default(),
            step_rows: Vec::new(),
            network,
        }
    }

    /// See [`Decoder::add`](super::Decoder::add).
    pub fn add(&mut self, source: Source, own: Vec<u32>) {
        let sentence = RunningSentence {
            source,
            own: Selected::new(self.network, own),
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

    /// See [`Decoder::step`](super::Decoder::step).
    pub fn step(
        &mut self,
        tokens: &[u32],
        logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>),
    ) {
        debug_assert_eq!(tokens.len(), self.hypotheses.len());
        self.allocate_rows();
        let Self {
            network,
            sentences,
            hypotheses,
            paths,
            arena,
            workspace,
            x,
            step_rows,
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
                for (projected, &row) in projected.chunks_exact(3 * width).zip(&*step_rows) {
                    history.set(row, &projected[width..]);
                }
                heads.attend(|row| {
                    let length = hypotheses[row].length;
                    let biases = parts.decoder_bias.as_ref();
                    History {
                        rows: history,
                        path: paths.path(row, length),
                        biases: biases.map(|biases| biases.query(length - 1)),
                    }
                });
            });
            layer.cross_attention.run(cpu, x, workspace, |_, heads| {
                let mut start = 0;
                for group in hypotheses.chunk_by(|a, b| a.sentence == b.sentence) {
                    let key_values = &sentence(sentences, group[0]).source.layers[index];
                    heads.attend_to(key_values, start..start + group.len(), |_| None);
                    start += group.len();
                }
            });
            layer.feed_forward.run(cpu, x, workspace);
        }
        if let Some(norm) = &parts.decoder_norm {
            norm.apply(cpu, x);
        }
        match self.common {
            None => self.project(logits),
            Some(_) => self.project_to_listed(logits),
        }
    }

    /// Calls `logits` with the scores of the whole vocabulary.
    fn project(&mut self, mut logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>)) {
        let width = self.network.config.d_model;
        let projection = &self.network.parts.projection;
        // Few rows of logits at a time stay in the cache until they are used; many share the cost of reading
        // the weights, which grows with the width.
        let rows = TILE_ROWS * (width / 128).max(1);
        let mut row = 0;
        for x in self.x.chunks(rows * width) {
            let scratch = &mut self.workspace.scratch;
            let scores = projection.forward(x, scratch, &mut self.logits.all);
            for scores in scores.chunks_exact_mut(projection.outputs()) {
                logits(row, scores, None);
                row += 1;
            }
        }
    }

    /// Calls `logits` with the scores of the common tokens and those of the sentence.
    fn project_to_listed(&mut self, mut logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>)) {
        let Some(common) = &self.common else { return };
        let width = self.network.config.d_model;
        let scratch = &mut self.workspace.scratch;
        let Logits { all, own, row } = &mut self.logits;
        // All rows share the cost of reading these weights.
        let of_common = common.projection.forward_padded(&self.x, scratch, all);
        let mut start = 0;
        for group in self.hypotheses.chunk_by(|a, b| a.sentence == b.sentence) {
            let selected = &sentence(&self.sentences, group[0]).own;
            let listed = Listed {
                common: &common.tokens,
                own: &selected.tokens,
            };
            let x = &self.x[start * width..(start + group.len()) * width];
            let of_own = selected.projection.forward_padded(x, scratch, own);
            for index in 0..group.len() {
                row.clear();
                row.extend_from_slice(common.scores(of_common, start + index));
                row.extend_from_slice(selected.scores(of_own, index));
                logits(start + index, row, Some(listed));
            }
            start += group.len();
        }
    }

    /// Allocates the arena row of each hypothesis's next token.
    fn allocate_rows(&mut self) {
        self.step_rows.clear();
        for (index, hypothesis) in self.hypotheses.iter_mut().enumerate() {
            let row = self.arena.take();
            let sentence = self.sentences[hypothesis.sentence].as_mut();
            sentence
                .expect("hypotheses are of sentences")
                .rows
                .push(row);
            self.paths.rows[index * self.paths.stride + hypothesis.length] = row;
            hypothesis.length += 1;
            self.step_rows.push(row);
        }
        let layers = self.network.parts.decoder.iter();
        self.arena
            .grow(layers.map(|layer| 2 * layer.self_attention.width));
    }

    /// See [`Decoder::select`](super::Decoder::select).
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
        for slot in &mut self.sentences {
            if let Some(ended) = slot.take_if(|sentence| sentence.hypotheses == 0) {
                self.arena.free.extend(ended.rows);
            }
        }
    }
}

fn sentence(sentences: &[Option<RunningSentence>], hypothesis: Hypothesis) -> &RunningSentence {
    let sentence = sentences[hypothesis.sentence].as_ref();
    sentence.expect("hypotheses are of sentences")
}

impl Selected {
    fn new(network: &Network, tokens: Vec<u32>) -> Self {
        Self {
            projection: network.parts.projection.select(&tokens),
            tokens,
        }
    }

    /// The scores of `tokens` in row `index` of [`Linear::forward_padded`].
    fn scores<'s>(&self, rows: &'s [f32], index: usize) -> &'s [f32] {
        &rows[index * self.projection.padded_outputs()..][..self.tokens.len()]
    }
}

impl Paths {
    fn path(&self, hypothesis: usize, length: usize) -> &[u32] {
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

    /// Grows each layer to hold all rows; `widths` are the layers' row widths.
    fn grow(&mut self, widths: impl Iterator<Item = usize>) {
        for (layer, width) in self.layers.iter_mut().zip(widths) {
            layer.grow(self.rows as usize * width);
        }
    }
}
