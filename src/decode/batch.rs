//! Which sequences are decoded together.

use std::ops::Range;

/// Cuts sequences, given by their lengths in tokens in descending order, into consecutive batches
/// of at most `budget` tokens, each counted as long as the longest of its batch; a sequence longer
/// than that has a batch of its own.
///
/// Sequences of similar length end at about the same step, so that rows stay busy; a bounded
/// budget bounds the memory of a batch.
pub fn batches(lengths: &[usize], budget: usize) -> Vec<Range<usize>> {
    debug_assert!(lengths.is_sorted_by(|a, b| a >= b));
    let mut batches = Vec::new();
    let mut start = 0;
    while start < lengths.len() {
        let fitting = (budget / lengths[start].max(1)).max(1);
        let end = (start + fitting).min(lengths.len());
        batches.push(start..end);
        start = end;
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_is_in_one_batch_within_the_budget() {
        let lengths = [900, 60, 40, 40, 39, 20, 7, 7, 1, 0];
        let batches = batches(&lengths, 100);
        let covered: Vec<usize> = batches.iter().cloned().flatten().collect();
        assert_eq!(covered, (0..lengths.len()).collect::<Vec<_>>());
        for batch in &batches[1..] {
            assert!(batch.len() * lengths[batch.start] <= 100, "{batch:?}");
        }
        assert_eq!(batches[0], 0..1, "longer than the budget: alone");
    }
}
