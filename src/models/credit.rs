//! Whom a model is owed to, and on which terms.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Lock, Registry};

/// What is said of a model's origin. Nothing is made up: what neither the list, nor the folder's lock, nor
/// its card says is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    pub licence: Option<String>,
    /// Whom the licence asks to name.
    pub attribution: Option<String>,
    /// Where it was fetched from: `OWNER/NAME` and the commit.
    pub origin: Option<String>,
}

impl Credit {
    /// The credit of the model in the folder `dir`, whose files have this digest
    /// ([`seq2seq::model::ModelFolder::digest`]) if it is known.
    pub fn of(dir: &Path, digest: Option<&str>) -> Self {
        if let Ok(Some(lock)) = Lock::read(dir) {
            return Self {
                licence: Some(lock.licence),
                attribution: Some(lock.attribution),
                origin: Some(format!("{} at {}", lock.repository, lock.commit)),
            };
        }
        // A folder of the same name elsewhere is another model.
        let registry = Registry::find();
        let mut known = registry.known.values();
        let known = known.find(|known| digest.is_some() && known.digest.as_deref() == digest);
        if let Some(known) = known {
            return Self {
                licence: Some(known.licence.clone()),
                attribution: known.attribution.clone(),
                origin: known.repository.clone(),
            };
        }
        let card = std::fs::read_to_string(dir.join("README.md")).unwrap_or_default();
        Self {
            licence: licence_in(&card),
            ..Self::default()
        }
    }
}

/// The `license` in the block at the beginning of a model card of the hub.
fn licence_in(card: &str) -> Option<String> {
    let mut lines = card.lines();
    lines.next().filter(|line| line.trim_end() == "---")?;
    let block = lines.take_while(|line| line.trim_end() != "---");
    let mut values = block.filter_map(|line| line.strip_prefix("license:"));
    let value = values.next()?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_of_a_card_is_read() {
        let card = "---\nlanguage: fr\nlicense: apache-2.0\n---\n# A model\nlicense: none\n";
        assert_eq!(licence_in(card).as_deref(), Some("apache-2.0"));
        assert_eq!(licence_in("# A model\nlicense: mit\n"), None);
        assert_eq!(licence_in("---\nlicense:\n- mit\n---\n"), None);
    }
}
