//! A weight matrix as it is stored in a model file.

/// The weights of a linear map: for each output a row of `inputs` values.
#[derive(Clone, Debug, PartialEq)]
pub enum Matrix {
    /// 32-bit floating point, `[outputs, inputs]`.
    F32(Vec<f32>),
    /// 8-bit integers with one scale for each output: a weight is value × scale.
    Int8 {
        /// `[outputs, inputs]`
        values: Vec<i8>,
        /// `[outputs]`
        scales: Vec<f32>,
    },
}

/// 1.5·2²³: adding it rounds an f32 to an integer.
const ROUND: f32 = 12_582_912.0;

impl Matrix {
    /// Converts to 8-bit values and scales, such that the largest value of each output is ±127.
    /// Matrices that are 8-bit already stay as they are.
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

    /// Converts to floating point.
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
