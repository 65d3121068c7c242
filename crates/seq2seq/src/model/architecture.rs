//! The architectures that can be run. To add one, add a variant of [`Architecture`] and a row of
//! [`ROWS`].

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::tokenizer::TokenizerKind;

/// The architecture of a model: `model_type` in its `config.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Architecture {
    /// `marian`: Marian (Junczys-Dowmunt et al. 2018), as in the OPUS-MT models.
    Marian,
    /// `bart`: BART (Lewis et al. 2020).
    Bart,
    /// `mbart`: mBART-50 (Tang et al. 2020).
    MBart,
    /// `pegasus`: PEGASUS (Zhang et al. 2020).
    Pegasus,
    /// `m2m_100`: M2M-100 (Fan et al. 2021) and NLLB (NLLB Team 2022).
    M2m100,
    /// `t5`: T5 (Raffel et al. 2020) and its descendants with the same `model_type`, such as Flan-T5.
    T5,
}

/// A `model_type` that is not an [`Architecture`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("model type `{found}` is not supported")]
pub struct UnknownArchitecture {
    /// The `model_type` as given.
    pub found: String,
}

/// Where layers normalise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NormPlacement {
    /// After the residual connection (Vaswani et al. 2017).
    Post,
    /// Before each block (Xiong et al. 2020).
    Pre,
}

/// How the network is told the positions of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Positions {
    /// Sines and cosines added to the embeddings (Vaswani et al. 2017), from position 0.
    Sinusoidal,
    /// Sines and cosines with the wavelengths of fairseq, from position 2.
    SinusoidalFairseq,
    /// A learned table added to the embeddings, from row 2.
    Learned,
    /// Nothing is added to the embeddings; attention has a bias for each distance between two tokens
    /// (Raffel et al. 2020).
    Relative,
}

/// The scheme by which a checkpoint names its tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorNames {
    /// `model.encoder.layers.0.self_attn.q_proj.weight`
    Bart,
    /// `encoder.block.0.layer.0.SelfAttention.q.weight`
    T5,
}

/// What distinguishes the network of one architecture from another's, sizes aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Where layers normalise.
    pub norm: NormPlacement,
    /// Whether encoder and decoder end in a normalisation.
    pub final_norm: bool,
    /// Whether embeddings are normalised.
    pub embedding_norm: bool,
    /// How the network is told the positions of tokens.
    pub positions: Positions,
    /// Whether `final_logits_bias` is added to the logits.
    pub logits_bias: bool,
    /// Whether linear maps and normalisations have biases. A normalisation without one does not
    /// subtract the mean either (Zhang and Sennrich 2019).
    pub biases: bool,
    /// Whether attention scores are divided by the square root of the heads' width.
    pub scaled_attention: bool,
    /// The scheme by which the checkpoint names its tensors.
    pub names: TensorNames,
}

struct Row {
    architecture: Architecture,
    model_type: &'static str,
    /// Models are trained to summarise rather than to translate.
    summarizes: bool,
    tokenizer: TokenizerKind,
    family: Family,
}

const MARIAN: Family = Family {
    norm: NormPlacement::Post,
    final_norm: false,
    embedding_norm: false,
    positions: Positions::Sinusoidal,
    logits_bias: true,
    biases: true,
    scaled_attention: true,
    names: TensorNames::Bart,
};

const BART: Family = Family {
    embedding_norm: true,
    positions: Positions::Learned,
    ..MARIAN
};

const PEGASUS: Family = Family {
    norm: NormPlacement::Pre,
    final_norm: true,
    ..MARIAN
};

/// One row for each [`Architecture`], in the order of its variants.
static ROWS: [Row; 6] = [
    Row {
        architecture: Architecture::Marian,
        model_type: "marian",
        summarizes: false,
        tokenizer: TokenizerKind::Marian,
        family: MARIAN,
    },
    Row {
        architecture: Architecture::Bart,
        model_type: "bart",
        summarizes: true,
        tokenizer: TokenizerKind::ByteLevelBpe,
        family: BART,
    },
    Row {
        architecture: Architecture::MBart,
        model_type: "mbart",
        summarizes: false,
        tokenizer: TokenizerKind::MBart50,
        family: Family {
            norm: NormPlacement::Pre,
            final_norm: true,
            ..BART
        },
    },
    Row {
        architecture: Architecture::Pegasus,
        model_type: "pegasus",
        summarizes: true,
        tokenizer: TokenizerKind::Pegasus,
        family: PEGASUS,
    },
    Row {
        architecture: Architecture::M2m100,
        model_type: "m2m_100",
        summarizes: false,
        tokenizer: TokenizerKind::M2m100,
        family: Family {
            positions: Positions::SinusoidalFairseq,
            logits_bias: false,
            ..PEGASUS
        },
    },
    Row {
        architecture: Architecture::T5,
        model_type: "t5",
        summarizes: true,
        tokenizer: TokenizerKind::T5,
        family: Family {
            positions: Positions::Relative,
            logits_bias: false,
            biases: false,
            scaled_attention: false,
            names: TensorNames::T5,
            ..PEGASUS
        },
    },
];

const _: () = {
    let mut index = 0;
    while index < ROWS.len() {
        assert!(
            ROWS[index].architecture as usize == index,
            "rows have to be in the order of the variants"
        );
        index += 1;
    }
};

impl Architecture {
    /// All architectures, in the order of the variants.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.architecture)
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The architecture as `model_type` spells it.
    pub fn as_str(self) -> &'static str {
        self.row().model_type
    }

    /// Whether models of this architecture summarise English text rather than translate.
    pub fn summarizes(self) -> bool {
        self.row().summarizes
    }

    /// Which files its tokenizer consists of.
    pub fn tokenizer(self) -> TokenizerKind {
        self.row().tokenizer
    }

    /// What distinguishes its network from that of other architectures.
    pub fn family(self) -> &'static Family {
        &self.row().family
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Architecture {
    type Err = UnknownArchitecture;

    fn from_str(model_type: &str) -> Result<Self, UnknownArchitecture> {
        let row = ROWS.iter().find(|row| row.model_type == model_type);
        row.map(|row| row.architecture)
            .ok_or_else(|| UnknownArchitecture {
                found: model_type.to_owned(),
            })
    }
}

impl TryFrom<String> for Architecture {
    type Error = UnknownArchitecture;

    fn try_from(model_type: String) -> Result<Self, UnknownArchitecture> {
        model_type.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for architecture in Architecture::all() {
            assert_eq!(architecture.to_string().parse(), Ok(architecture));
        }
        let unknown = "bert".parse::<Architecture>().unwrap_err();
        assert_eq!(unknown.found, "bert");
    }
}
