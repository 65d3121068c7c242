//! Step-by-step decoding of a batch.

use candle_core::{Result, Tensor};

use super::kernels::Context;
use super::layers::{read, read_both};
use super::network::{Encoded, Network};

/// Hypotheses of a batch of sentences that grow by one token per step.
///
/// Keys and values of a step are kept where they were computed, one matrix per step with one row
/// per hypothesis of that time. A hypothesis holds the path of rows that leads to it, so beams
/// re-order, branch and end without copying what they share.
pub struct Decoding<'n> {
    network: &'n Network,
    encoded: Encoded,
    /// Keys and values of the source, `[source tokens, d_model]`, for each layer.
    source: Vec<(Tensor, Tensor)>,
    /// Keys and values of the hypotheses, flat `[hypotheses, d_model]`, for each layer and step.
    steps: Vec<Vec<(Vec<f32>, Vec<f32>)>>,
    hypotheses: Vec<Hypothesis>,
}

#[derive(Clone)]
struct Hypothesis {
    /// Index of its sentence in the batch.
    sentence: usize,
    /// Its row in each step so far.
    path: Vec<u32>,
}

impl<'n> Decoding<'n> {
    /// One empty hypothesis for each encoded sentence, in order.
    pub fn new(network: &'n Network, encoded: Encoded) -> Result<Self> {
        let project = |layer: &super::network::DecoderLayer| {
            let attention = &layer.cross_attention;
            Ok((
                attention.key.forward(&encoded.states)?,
                attention.value.forward(&encoded.states)?,
            ))
        };
        Ok(Self {
            source: network.decoder.iter().map(project).collect::<Result<_>>()?,
            steps: vec![Vec::new(); network.decoder.len()],
            hypotheses: (0..encoded.rows.len())
                .map(|sentence| Hypothesis {
                    sentence,
                    path: Vec::new(),
                })
                .collect(),
            network,
            encoded,
        })
    }

    /// Appends `tokens[i]` to hypothesis `i` and gives `logits` the scores of each hypothesis's
    /// next token: rows of `vocabulary` values.
    pub fn step(&mut self, tokens: &[u32], mut logits: impl FnMut(usize, &[f32])) -> Result<()> {
        debug_assert_eq!(tokens.len(), self.hypotheses.len());
        let position = self.hypotheses.first().map_or(0, |h| h.path.len()) as u32;
        for (row, hypothesis) in self.hypotheses.iter_mut().enumerate() {
            hypothesis.path.push(row as u32);
        }

        let positions = vec![position; tokens.len()];
        let x = self.network.decoder_embedding.forward(tokens, &positions)?;
        for (layer, (steps, (source_keys, source_values))) in self
            .network
            .decoder
            .iter()
            .zip(self.steps.iter_mut().zip(&self.source))
        {
            let attention = &layer.self_attention;
            steps.push((
                attention.key.forward(&x)?.flatten_all()?.to_vec1()?,
                attention.value.forward(&x)?.flatten_all()?.to_vec1()?,
            ));
            let history: Vec<(&[f32], &[f32])> = steps
                .iter()
                .map(|(keys, values)| (keys.as_slice(), values.as_slice()))
                .collect();
            let queries = attention.query.forward(&x)?;
            attention.finish(&x, &queries, |row| Context::Path {
                steps: &history,
                path: &self.hypotheses[row].path,
            })?;

            let attention = &layer.cross_attention;
            let queries = attention.query.forward(&x)?;
            read_both((source_keys, source_values), |keys, values| {
                attention.finish(&x, &queries, |row| Context::Rows {
                    keys,
                    values,
                    range: self.encoded.rows[self.hypotheses[row].sentence].clone(),
                })
            })?;
            layer.norm.apply(&x, &layer.feed_forward.forward(&x)?)?;
        }

        let projection = &self.network.projection;
        let product = projection.product(&x)?;
        let stride = product.dim(1)?;
        read(&product, |product| {
            let mut scores = vec![0.0f32; projection.bias.len()];
            for (row, product) in product.chunks_exact(stride).enumerate() {
                for (score, (value, bias)) in
                    scores.iter_mut().zip(product.iter().zip(&projection.bias))
                {
                    *score = value + bias;
                }
                logits(row, &scores);
            }
        })
    }

    /// Keeps, in this order, continuations of the hypotheses `parents`; one may be continued more
    /// than once, or not at all.
    pub fn select(&mut self, parents: &[usize]) {
        self.hypotheses = parents
            .iter()
            .map(|&parent| self.hypotheses[parent].clone())
            .collect();
    }
}
