//! The tool as its users meet it: nearly every test runs the binary in a folder of its own.

/// Sandboxes to run the binary in.
mod common;

/// Every command, its options and its messages.
mod commands;
/// The example corpus through a whole run.
mod corpus;
/// The page on data: its examples and its tables.
mod data;
/// What is new, for people.
mod digests;
/// Tables for databases, spreadsheets and data frames.
mod exports;
/// The feed against the rules of Atom.
mod feed;
/// Collections and front matter of every kind.
mod formats;
/// Recorded summaries, and the versions that change with them.
mod golden;
/// Files that are damaged or made to do harm.
#[cfg(unix)]
mod hostile;
/// Summaries by a language model.
mod language_model;
/// Tokens, amounts, names and speech that translation and summary have to keep.
mod meaning;
/// Models by name, and how they are fetched.
#[cfg(feature = "fetch")]
mod models;
/// Runs that are repeated, killed, watched and pruned.
#[cfg(unix)]
mod nights;
/// What packages may depend on, and what their errors may say.
mod packages;
/// Pages for browsers, and what holds across articles.
mod pages;
/// What of a file is its article: inputs that were read wrong.
mod reading;
/// What one run reads and writes.
mod run;
/// The JSON Schema of summaries.
mod schema;
/// Finding articles.
mod search;
/// A corpus in parts.
#[cfg(unix)]
mod shards;
/// What an operator watches and sets up: progress, logs, metrics, options files, units.
#[cfg(unix)]
mod watching;
/// Records in, answers out.
#[cfg(unix)]
mod workers;
/// Abstracts written by a model.
mod writers;
