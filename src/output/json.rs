//! A summary as JSON.

use thiserror::Error;

use crate::summarize::Summary;

/// A summary without a valid JSON form, such as one with a number that is not finite.
#[derive(Debug, Error)]
#[error("the summary of {id} does not read back from its own JSON: {source}; please report this")]
pub struct JsonError {
    id: String,
    source: serde_json::Error,
}

/// Writes indented JSON that ends with a newline. Equal summaries give equal bytes, from which
/// [`Summary`] can be read back.
pub fn to_json(summary: &Summary) -> Result<Vec<u8>, JsonError> {
    let try_write = || {
        let mut json = serde_json::to_vec_pretty(summary)?;
        json.push(b'\n');
        // NaN silently becomes null, which only reading back reveals.
        serde_json::from_slice::<Summary>(&json)?;
        Ok(json)
    };
    try_write().map_err(|source| JsonError {
        id: summary.id.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIXTURE: &str = include_str!("../../tests/fixtures/summary.json");

    fn fixture() -> Summary {
        serde_json::from_str(FIXTURE).unwrap()
    }

    #[test]
    fn a_summary_read_and_written_keeps_every_byte() {
        assert_eq!(
            String::from_utf8(to_json(&fixture()).unwrap()).unwrap(),
            FIXTURE
        );
    }

    #[test]
    fn a_summary_written_and_read_is_the_same() {
        let summary = fixture();
        let json = to_json(&summary).unwrap();
        assert_eq!(serde_json::from_slice::<Summary>(&json).unwrap(), summary);
    }

    #[test]
    fn a_number_that_is_not_finite_is_refused() {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut summary = fixture();
            summary.translation.sentences[0].score = bad;
            let message = to_json(&summary).unwrap_err().to_string();
            assert!(message.contains(&summary.id), "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_and_any_number_come_back(
            text in any::<String>(),
            number in prop::num::f64::NORMAL | prop::num::f64::ZERO,
        ) {
            let mut summary = fixture();
            summary.headline = text;
            summary.figures[0].value = number;
            let json = to_json(&summary).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Summary>(&json).unwrap(), summary);
        }
    }
}
