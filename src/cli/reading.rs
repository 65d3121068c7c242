//! Options for reading articles, shared by several commands.

use clap::Args;
use clap::builder::RangedU64ValueParser;

use crate::article::{DateFrom, FieldNames, ReadOptions};
use crate::pipeline::Limits;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Reading options")]
pub(super) struct ReadArgs {
    /// Skip articles of more bytes than this, uncompressed
    #[arg(long, value_name = "N", env = "PRECIS_MAX_BYTES", default_value_t = 10 << 20)]
    max_bytes: u64,
    /// Skip articles of more sentences than this
    #[arg(long, value_name = "N", env = "PRECIS_MAX_SENTENCES", default_value_t = 10_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    max_sentences: usize,
    /// Field of records (.jsonl, .json, .csv, .tsv, .parquet) that holds the id [default: id, uid,
    /// guid, …]
    #[arg(long, value_name = "NAME", env = "PRECIS_FIELD_ID")]
    field_id: Option<String>,
    /// Field of records that holds the title [default: title, titre, headline, …]
    #[arg(long, value_name = "NAME", env = "PRECIS_FIELD_TITLE")]
    field_title: Option<String>,
    /// Field of records that holds the date [default: date, published, date_publication, …]
    #[arg(long, value_name = "NAME", env = "PRECIS_FIELD_DATE")]
    field_date: Option<String>,
    /// Field of records that holds the text; dots lead into nested ones (article.body) [default:
    /// text, texte, body, content, …]
    #[arg(long, value_name = "NAME", env = "PRECIS_FIELD_TEXT")]
    field_text: Option<String>,
    /// Field of records that says where each is from, as its summary then does instead of FILE#N:
    /// an address, a path, the id. So the summary does not change with the place in the file
    #[arg(long, value_name = "NAME", env = "PRECIS_FIELD_PATH")]
    field_path: Option<String>,
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
            fields: FieldNames {
                id: self.field_id.clone(),
                title: self.field_title.clone(),
                date: self.field_date.clone(),
                text: self.field_text.clone(),
                path: self.field_path.clone(),
            },
            date_from: self.date_from.clone(),
        }
    }
}
