//! Biases of attention scores by the distance between two tokens (Raffel et al. 2020).

use crate::model::RelativePositions;

/// The bias of each head for each distance.
pub(super) struct RelativeBias {
    /// `[heads, 2·length − 1]`. The columns are distances, the position of the key minus that of the
    /// query, from −(length − 1) to length − 1.
    values: Vec<f32>,
    /// The most positions of a sequence.
    length: usize,
}

/// Where the keys are that a query attends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Before and after the query, as in the encoder. Each side has half of the buckets.
    Both,
    /// Before the query, as in the decoder.
    Backward,
}

/// The biases of one query.
#[derive(Clone, Copy)]
pub(super) struct Biases<'a> {
    values: &'a [f32],
    /// Number of values from one head to the next.
    stride: usize,
}

impl RelativeBias {
    /// `table`: the learned biases, `[buckets, heads]`. `length`: the most positions of a sequence.
    pub(super) fn new(
        table: &[f32],
        positions: RelativePositions,
        heads: usize,
        length: usize,
        direction: Direction,
    ) -> Self {
        let last = length as isize - 1;
        let value = |head, distance| {
            let bucket = bucket(distance, positions, direction);
            table[bucket * heads + head]
        };
        let values = (0..heads).flat_map(|head| (-last..=last).map(move |d| value(head, d)));
        Self {
            values: values.collect(),
            length,
        }
    }

    pub(super) fn heads(&self) -> usize {
        self.values.len() / (2 * self.length - 1)
    }

    /// The biases of a query at `position` for keys from position 0 on.
    pub(super) fn query(&self, position: usize) -> Biases<'_> {
        Biases {
            values: &self.values[self.length - 1 - position..],
            stride: 2 * self.length - 1,
        }
    }
}

impl<'a> Biases<'a> {
    /// The biases of one head for the first `keys` keys.
    #[inline(always)]
    pub(super) fn head(self, head: usize, keys: usize) -> &'a [f32] {
        &self.values[head * self.stride..][..keys]
    }
}

/// The bucket of `distance`, the position of the key minus that of the query.
fn bucket(distance: isize, positions: RelativePositions, direction: Direction) -> usize {
    let RelativePositions {
        buckets,
        max_distance,
    } = positions;
    let (buckets, first, magnitude) = match direction {
        Direction::Both if distance > 0 => (buckets / 2, buckets / 2, distance.unsigned_abs()),
        Direction::Both => (buckets / 2, 0, distance.unsigned_abs()),
        Direction::Backward => (buckets, 0, distance.min(0).unsigned_abs()),
    };
    let exact = buckets / 2;
    if magnitude < exact {
        return first + magnitude;
    }
    // In F32 like the reference implementation: rounding decides to which bucket a limit belongs.
    let ratio = |distance: usize| libm::logf(distance as f32 / exact as f32);
    let steps = ratio(magnitude) / ratio(max_distance) * (buckets - exact) as f32;
    first + (exact + steps as usize).min(buckets - 1)
}
