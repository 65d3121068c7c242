//! Tests on tiny models with random weights.

/// What candle-transformers gets right and wrong.
mod candle;
/// Models as programs use them.
mod model;
/// Files that are damaged or of no use.
mod refused;
