//! Writes a model folder with its matrices in 8-bit integers: a quarter of the size in f32, and
//! nothing left to be quantised at load.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use super::weights::SCALE_SUFFIX;
use super::{Matrix, ModelError, ModelFolder, Weights, file_error};

/// Copies the folder `from` to the new folder `to`, its weights in 8-bit integers with one scale for
/// each output. The result translates, in int8, exactly as the original does.
///
/// # Errors
/// If `from` is no model folder, or `to` exists or cannot be written.
pub fn quantize(from: &Path, to: &Path) -> Result<(), ModelError> {
    let folder = ModelFolder::open(from)?;
    fs::create_dir(to).map_err(|error| ModelError::Write {
        path: to.to_owned(),
        source: error,
    })?;
    let path = to.join("model.safetensors");
    write_weights(&folder.weights, &path)?;
    let entries = fs::read_dir(from).map_err(|error| file_error(from, error))?;
    let weights = Weights::file(from);
    for entry in entries {
        let entry = entry.map_err(|error| file_error(from, error))?;
        if entry.path() != weights && entry.path().is_file() {
            let target = to.join(entry.file_name());
            fs::copy(entry.path(), &target).map_err(|source| ModelError::Write {
                path: target,
                source,
            })?;
        }
    }
    Ok(())
}

/// Whether the network multiplies by the tensor, so that it is worth quantising.
fn is_matrix(name: &str, shape: &[usize]) -> bool {
    shape.len() == 2 && name.ends_with(".weight") && !name.contains("embed_positions")
}

fn write_weights(weights: &Weights, path: &Path) -> Result<(), ModelError> {
    let tensors = weights.tensors();
    let kept: Vec<&(String, Vec<usize>)> = tensors
        .iter()
        .filter(|(name, _)| !name.ends_with(SCALE_SUFFIX))
        .collect();
    let mut header = BTreeMap::from([("__metadata__".to_owned(), json!({"format": "pt"}))]);
    let mut offset = 0;
    let mut describe = |name: String, dtype: &str, shape: &[usize], size: usize| {
        let end = offset + shape.iter().product::<usize>() * size;
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [offset, end]});
        header.insert(name, entry);
        offset = end;
    };
    for (name, shape) in &kept {
        if is_matrix(name, shape) {
            describe(format!("{name}{SCALE_SUFFIX}"), "F32", &shape[..1], 4);
            describe(name.clone(), "I8", shape, 1);
        } else {
            describe(name.clone(), "F32", shape, 4);
        }
    }
    let header = json!(header).to_string();
    let failed = |source| ModelError::Write {
        path: path.to_owned(),
        source,
    };
    let mut file = BufWriter::new(fs::File::create_new(path).map_err(failed)?);
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(failed);
    // Padded so that the numbers stand at multiples of their size.
    let padded = header.len().next_multiple_of(8);
    write(&(padded as u64).to_le_bytes())?;
    write(format!("{header:padded$}").as_bytes())?;
    let bytes = |values: &[f32]| {
        values
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    for (name, shape) in kept {
        if is_matrix(name, shape) {
            let matrix = weights.matrix(name, shape[0], shape[1])?;
            let (values, scales) = Matrix::quantize(matrix, shape[1]);
            write(&bytes(&scales))?;
            write(
                &values
                    .into_iter()
                    .map(i8::cast_unsigned)
                    .collect::<Vec<u8>>(),
            )?;
        } else {
            write(&bytes(&weights.values(name, shape)?))?;
        }
    }
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)
}
