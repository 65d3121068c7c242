//! A matrix of weights as a model file holds it.

/// One linear map's weights, a row of `inputs` values for each output.
#[derive(Clone, Debug, PartialEq)]
pub enum Matrix {
    /// `[outputs, inputs]`
    F32(Vec<f32>),
    /// `[outputs, inputs]`, and one scale for each output: a weight is value × scale.
    Int8 { values: Vec<i8>, scales: Vec<f32> },
}

/// 1.5·2²³: adding it rounds an f32 to an integer.
const ROUND: f32 = 12_582_912.0;

impl Matrix {
    /// Values and scales, the largest value of each output at ±127.
    pub fn quantize(self, inputs: usize) -> (Vec<i8>, Vec<f32>) {
        match self {
            Self::Int8 { values, scales } => (values, scales),
            Self::F32(weights) => weights.chunks_exact(inputs).fold(
                (Vec::with_capacity(weights.len()), Vec::new()),
                |(mut values, mut scales), row| {
                    let largest = row.iter().fold(0.0f32, |max, value| max.max(value.abs()));
                    let scale = largest / 127.0;
                    let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
                    values.extend(row.iter().map(|value| {
                        // The nearest integer, ties to even, is in the low bits.
                        (value * inverse + ROUND).to_bits() as i8
                    }));
                    scales.push(scale);
                    (values, scales)
                },
            ),
        }
    }

    /// In floating point.
    pub fn into_f32(self, inputs: usize) -> Vec<f32> {
        match self {
            Self::F32(values) => values,
            Self::Int8 { values, scales } => values
                .chunks_exact(inputs)
                .zip(scales)
                .flat_map(|(row, scale)| row.iter().map(move |&value| f32::from(value) * scale))
                .collect(),
        }
    }
}
