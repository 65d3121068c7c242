//! The JSON Schema of a summary, generated from the type so that the two cannot part.

use schemars::generate::SchemaSettings;
use schemars::transform::RestrictFormats;
use serde_json::{Map, Value};

use crate::summarize::Summary;

/// JSON Schema (draft 2020-12) of what [`to_json`](super::to_json) writes.
///
/// All keys are required, since all are always written, null or not; other keys are allowed, since
/// keys may be added in later versions.
pub fn summary_schema() -> Value {
    let mut generated = SchemaSettings::draft2020_12()
        .for_serialize()
        // Rust's number types are not standard formats, and strict validators refuse others.
        .with_transform(RestrictFormats::default())
        .into_generator()
        .into_root_schema_for::<Summary>();
    // What the file is comes first in it, for people.
    let mut schema = Map::new();
    for key in ["$schema", "title", "description"] {
        schema.extend(generated.remove(key).map(|value| (key.to_owned(), value)));
    }
    schema.extend(
        generated
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    Value::Object(schema)
}
