//! Step-by-step decoding on tensors.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use super::layers::{KeyValues, bias, mask, merge};
use super::{Network, Source};
use crate::nn::parts::Attention;
use crate::nn::{Decoder, Listed, NetworkError};

/// The [`Decoder`] of [`Network`](super::Network).
///
/// The keys and values of a hypothesis are aligned to the right: those that joined later have fewer, and
/// the columns before them are masked.
pub struct Decoding<'n> {
    network: &'n Network,
    hypotheses: Vec<Hypothesis>,
    /// Number of source tokens of each sentence.
    sentences: Vec<usize>,
    /// Sentences that join at the next step.
    joining: Vec<Source>,
    layers: Vec<Layer>,
    /// Number of columns of each layer's history.
    columns: usize,
    /// Masks the padding of sentences.
    cross_mask: Option<Tensor>,
}

/// The keys and values of a decoder layer.
#[derive(Default)]
struct Layer {
    /// Those of the hypotheses' tokens.
    history: Option<KeyValues>,
    /// Those of the sentences' tokens.
    cross: Option<KeyValues>,
}

#[derive(Clone, Copy)]
struct Hypothesis {
    /// Index in `sentences`.
    sentence: usize,
    /// Number of tokens.
    length: usize,
}

/// Bytes of logits that are copied to the CPU at once.
const LOGITS_BYTES: usize = 64 << 20;

impl<'n> Decoding<'n> {
    /// Returns a decoder without hypotheses.
    pub fn new(network: &'n Network) -> Self {
        Self {
            hypotheses: Vec::new(),
            sentences: Vec::new(),
            joining: Vec::new(),
            layers: network
                .parts
                .decoder
                .iter()
                .map(|_| Layer::default())
                .collect(),
            columns: 0,
            cross_mask: None,
            network,
        }
    }

    /// Adds the joining sentences to the batch.
    fn join(&mut self) -> Result<()> {
        if self.joining.is_empty() {
            return Ok(());
        }
        let device = &self.network.device;
        let joining = std::mem::take(&mut self.joining);
        self.sentences
            .extend(joining.iter().map(|source| source.length));
        let groups = joining.chunk_by(|a, b| Arc::ptr_eq(&a.batch, &b.batch));
        let groups: Vec<(&super::Batch, Tensor)> = groups
            .map(|group| {
                let indices = group.iter().map(|source| source.index);
                Ok((&*group[0].batch, indices_tensor(indices, device)?))
            })
            .collect::<Result<_>>()?;
        let longest = self.longest_sentence();
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let mut parts = Vec::with_capacity(groups.len() + 1);
            if let Some(cross) = layer.cross.take() {
                parts.push(cross.with_columns(longest)?);
            }
            for (batch, indices) in &groups {
                let part = batch[index].map(|tensor| tensor.index_select(indices, 0))?;
                parts.push(part.with_columns(longest)?);
            }
            layer.cross = Some(KeyValues::cat(&parts, 0)?);
            if let Some(history) = &mut layer.history {
                *history = history.map(|tensor| tensor.pad_with_zeros(0, 0, joining.len()))?;
            }
        }
        self.mask_sentences()
    }

    fn longest_sentence(&self) -> usize {
        self.sentences.iter().copied().max().unwrap_or(0)
    }

    fn mask_sentences(&mut self) -> Result<()> {
        let tokens = self.sentences.iter().map(|&length| 0..length);
        self.cross_mask = mask(tokens, self.longest_sentence(), &self.network.device)?;
        Ok(())
    }

    /// Appends `tokens` to the hypotheses and returns their final hidden states, `[hypotheses, d_model]`.
    fn states(&mut self, tokens: &[u32]) -> Result<Tensor> {
        let Network { parts, device, .. } = self.network;
        let rows = self.hypotheses.len();
        self.columns += 1;
        self.hypotheses.iter_mut().for_each(|h| h.length += 1);
        let lengths = self.hypotheses.iter().map(|hypothesis| hypothesis.length);
        let columns = self.columns;
        let own = lengths.clone().map(|length| columns - length..columns);
        let history_mask = mask(own, columns, device)?;
        // All queries are in the last column, so the distance to a column is the same for all.
        let relative = parts.decoder_bias.as_ref();
        let bias = relative.map(|relative| bias(relative, columns - 1..columns, columns, device));
        let bias = bias.transpose()?;
        let slots = Slots::new(&self.hypotheses, self.sentences.len(), device)?;
        let positions = lengths.map(|length| length as u32 - 1).collect();
        let mut x = parts
            .decoder_embedding
            .forward(tokens.to_vec(), positions)?;
        for (layer, Layer { history, cross }) in parts.decoder.iter().zip(&mut self.layers) {
            let attention = &layer.self_attention;
            x = attention.run(&x, |projected| {
                let parts = attention.split(projected, 3, (rows, 1))?;
                let new = KeyValues {
                    keys: parts.get(1)?,
                    values: parts.get(2)?,
                };
                let all = match history.take() {
                    Some(before) => KeyValues::cat(&[before, new], 2)?,
                    None => new,
                };
                let all = history.insert(all);
                let added = [history_mask.as_ref(), bias.as_ref()];
                merge(&attention.attend(&parts.get(0)?, all, &added)?)
            })?;
            if let Some(cross) = cross {
                let attention = &layer.cross_attention;
                x = attention.run(&x, |queries| {
                    slots.attend(attention, queries, cross, self.cross_mask.as_ref())
                })?;
            }
            x = layer.feed_forward.run(&x)?;
        }
        match &parts.decoder_norm {
            Some(norm) => norm.forward(&x),
            None => Ok(x),
        }
    }

    /// Removes the sentences that have no hypotheses among `selected`.
    fn leave(&mut self, selected: &mut [Hypothesis]) -> Result<()> {
        let mut stays = vec![false; self.sentences.len()];
        selected.iter().for_each(|h| stays[h.sentence] = true);
        let staying: Vec<usize> = (0..stays.len()).filter(|&index| stays[index]).collect();
        if staying.len() == self.sentences.len() {
            return Ok(());
        }
        for hypothesis in selected {
            hypothesis.sentence = staying.partition_point(|&index| index < hypothesis.sentence);
        }
        self.sentences = staying.iter().map(|&index| self.sentences[index]).collect();
        let longest = self.longest_sentence();
        let staying = indices_tensor(staying.into_iter(), &self.network.device)?;
        for cross in self.layers.iter_mut().filter_map(|l| l.cross.as_mut()) {
            *cross = cross
                .map(|tensor| tensor.index_select(&staying, 0))?
                .with_columns(longest)?;
        }
        self.mask_sentences()
    }

    fn select_rows(&mut self, parents: &[usize]) -> Result<()> {
        debug_assert!(self.joining.is_empty());
        if parents.iter().copied().eq(0..self.hypotheses.len()) {
            return Ok(());
        }
        let selected = parents.iter().map(|&parent| self.hypotheses[parent]);
        let mut selected: Vec<Hypothesis> = selected.collect();
        let Some(longest) = selected.iter().map(|hypothesis| hypothesis.length).max() else {
            *self = Self::new(self.network);
            return Ok(());
        };
        self.leave(&mut selected)?;
        // Drops the columns that only removed hypotheses used.
        let unused = self.columns - longest;
        let parents = indices_tensor(parents.iter().copied(), &self.network.device)?;
        for history in self.layers.iter_mut().filter_map(|l| l.history.as_mut()) {
            *history = history.map(|tensor| {
                let selected = tensor.index_select(&parents, 0)?;
                selected.narrow(2, unused, longest)?.contiguous()
            })?;
        }
        self.columns = longest;
        self.hypotheses = selected;
        Ok(())
    }
}

impl Decoder for Decoding<'_> {
    type Source = Source;

    fn add(&mut self, source: Source, _: Vec<u32>) {
        self.hypotheses.push(Hypothesis {
            sentence: self.sentences.len() + self.joining.len(),
            length: 0,
        });
        self.joining.push(source);
    }

    fn step(
        &mut self,
        tokens: &[u32],
        mut logits: impl FnMut(usize, &mut [f32], Option<Listed<'_>>),
    ) -> std::result::Result<(), NetworkError> {
        debug_assert_eq!(tokens.len(), self.hypotheses.len());
        self.join()?;
        let states = self.states(tokens)?;
        let projection = &self.network.parts.projection;
        let vocabulary = projection.outputs()?;
        let block = (LOGITS_BYTES / (4 * vocabulary)).max(1);
        for start in (0..tokens.len()).step_by(block) {
            let states = states.narrow(0, start, block.min(tokens.len() - start))?;
            let mut scores: Vec<f32> = projection.forward(&states)?.flatten_all()?.to_vec1()?;
            for (row, scores) in scores.chunks_exact_mut(vocabulary).enumerate() {
                logits(start + row, scores, None);
            }
        }
        Ok(())
    }

    fn select(&mut self, parents: &[usize]) -> std::result::Result<(), NetworkError> {
        Ok(self.select_rows(parents)?)
    }
}

/// Arranges hypotheses by sentence, `count` slots to each, so that the keys and values of a sentence need
/// not be repeated for each of its hypotheses.
struct Slots {
    sentences: usize,
    /// Slots of a sentence.
    count: usize,
    /// The hypothesis in each slot, `[sentences·count]`; an arbitrary one if the slot is free.
    hypotheses: Tensor,
    /// The slot of each hypothesis, `[hypotheses]`.
    slots: Tensor,
}

impl Slots {
    fn new(hypotheses: &[Hypothesis], sentences: usize, device: &Device) -> Result<Self> {
        let mut taken = vec![0; sentences];
        let index_in_sentence = |hypothesis: &Hypothesis| {
            let taken = &mut taken[hypothesis.sentence];
            *taken += 1;
            *taken - 1
        };
        let indices: Vec<usize> = hypotheses.iter().map(index_in_sentence).collect();
        let count = taken.into_iter().max().unwrap_or(0);
        let mut rows = vec![0; sentences * count];
        let mut slots = Vec::with_capacity(hypotheses.len());
        for (row, (hypothesis, index)) in hypotheses.iter().zip(indices).enumerate() {
            let slot = hypothesis.sentence * count + index;
            rows[slot] = row;
            slots.push(slot);
        }
        Ok(Self {
            sentences,
            count,
            hypotheses: indices_tensor(rows.into_iter(), device)?,
            slots: indices_tensor(slots.into_iter(), device)?,
        })
    }

    /// Attention of the queries, `[hypotheses, width]`, to their sentences.
    fn attend(
        &self,
        attention: &Attention<super::Tensors>,
        queries: &Tensor,
        sentences: &KeyValues,
        mask: Option<&Tensor>,
    ) -> Result<Tensor> {
        let queries = queries.index_select(&self.hypotheses, 0)?;
        let queries = attention.split(&queries, 1, (self.sentences, self.count))?;
        let attended = attention.attend(&queries.get(0)?, sentences, &[mask])?;
        merge(&attended)?.index_select(&self.slots, 0)
    }
}

fn indices_tensor(indices: impl Iterator<Item = usize>, device: &Device) -> Result<Tensor> {
    Tensor::from_iter(indices.map(|index| index as u32), device)
}
