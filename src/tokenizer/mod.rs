//! Text to model ids and back. Knows no network.
