//! Options for reading articles, shared by several commands.

use clap::Args;
use clap::builder::RangedU64ValueParser;

use crate::article::{DateFrom, JsonlFields, ReadOptions};
use crate::pipeline::Limits;

#[derive(Debug, Args)]
#[command(next_help_heading = "Reading options")]
pub(super) struct ReadArgs {
    /// Skip articles of more bytes than this, uncompressed
    #[arg(long, value_name = "N", env = "PRECIS_MAX_BYTES", default_value_t = 10 << 20)]
    max_bytes: u64,
    /// Skip articles of more sentences than this
    #[arg(long, value_name = "N", env = "PRECIS_MAX_SENTENCES", default_value_t = 10_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    max_sentences: usize,
    /// Field of .jsonl rows that holds the id
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_ID",
        default_value = "id"
    )]
    field_id: String,
    /// Field of .jsonl rows that holds the title
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_TITLE",
        default_value = "title"
    )]
    field_title: String,
    /// Field of .jsonl rows that holds the date
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_DATE",
        default_value = "date"
    )]
    field_date: String,
    /// Field of .jsonl rows that holds the text
    #[arg(
        long,
        value_name = "NAME",
        env = "PRECIS_FIELD_TEXT",
        default_value = "text"
    )]
    field_text: String,
    /// Where the date of an article that states none comes from: `filename`, `modified` (when the
    /// file was written), or a regular expression for its path or the beginning of its text
    #[arg(long, value_name = "FROM", env = "PRECIS_DATE_FROM", value_parser = DateFrom::parse)]
    date_from: Option<DateFrom>,
}

impl ReadArgs {
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_sentences: self.max_sentences,
        }
    }

    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            max_bytes: self.max_bytes,
            fields: JsonlFields {
                id: self.field_id.clone(),
                title: self.field_title.clone(),
                date: self.field_date.clone(),
                text: self.field_text.clone(),
            },
            date_from: self.date_from.clone(),
        }
    }
}
