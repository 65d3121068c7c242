//! A run over a corpus. Knows neither formats nor networks.

pub mod atomic;
pub mod lock;
