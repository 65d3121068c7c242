//! The JSON Schema of a summary, generated from the type so that the two always agree.

use schemars::generate::SchemaSettings;
use schemars::transform::RestrictFormats;
use serde_json::{Map, Value};

use crate::summarize::Summary;

/// JSON Schema (draft 2020-12) of what [`to_json`](super::to_json) writes.
///
/// All keys are required, since all are always written, even if null. Other keys are allowed, since
/// later versions may add some.
pub fn summary_schema() -> Value {
    let mut generated = SchemaSettings::draft2020_12()
        .for_serialize()
        // The names of Rust's number types are not standard formats, which strict validators
        // refuse.
        .with_transform(RestrictFormats::default())
        .into_generator()
        .into_root_schema_for::<Summary>();
    // For people, the file begins with what it is.
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
