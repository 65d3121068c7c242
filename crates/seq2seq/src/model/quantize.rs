//! Writes a model folder with 8-bit matrices: a quarter of the size of f32, and no quantisation at
//! load time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use super::weights::SCALE_SUFFIX;
use super::{Matrix, ModelError, ModelFolder, Positions, TensorNames, Weights};

/// Copies the model folder `from` to the new folder `to`, with weights as 8-bit integers and one scale
/// for each output. With [`Numeric::Int8`](crate::nn::Numeric::Int8) the copy gives exactly the outputs
/// of the original. `to` is created by a rename at the end, so that it is never incomplete.
///
/// # Errors
/// If `from` is not a model folder, or `to` exists or cannot be written.
pub fn quantize(from: &Path, to: &Path) -> Result<(), ModelError> {
    let folder = ModelFolder::open(from)?;
    let cannot = |reason| ModelError::Write {
        path: to.to_owned(),
        reason,
    };
    if to.exists() {
        let reason = "it already exists; choose a new folder";
        return Err(cannot(std::io::Error::other(reason)));
    }
    let parent = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let unfinished = tempfile::Builder::new()
        .prefix(".precis-quantize-")
        .tempdir_in(parent)
        .map_err(cannot)?;
    let path = unfinished.path().join("model.safetensors");
    write_weights(&folder.weights, &needed(&folder), &path)?;
    let weights = Weights::file(from);
    let notes = ["README.md", "LICENSE", "LICENSE.txt"].map(|name| from.join(name));
    for file in ModelFolder::files(from).iter().chain(&notes) {
        if *file != weights && file.is_file() {
            let name = file.file_name().unwrap_or_default();
            fs::copy(file, unfinished.path().join(name)).map_err(cannot)?;
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary folders are private to their user; a model folder is not.
        let readable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(unfinished.path(), readable).map_err(cannot)?;
    }
    fs::rename(unfinished.keep(), to).map_err(cannot)
}

/// Names and shapes of the tensors that the network reads: tied tables once, and no positions that
/// are computed.
fn needed(folder: &ModelFolder) -> Vec<(String, Vec<usize>)> {
    let config = &folder.config;
    let mut tensors = folder.weights.tensors();
    let has = |name: &str| folder.weights.contains(name);
    let shared = match config.family().names {
        TensorNames::Bart => "model.shared.weight",
        TensorNames::T5 => "shared.weight",
    };
    let tied = config.share_encoder_decoder_embeddings && has(shared);
    tensors.retain(|(name, _)| {
        let computed = config.family().positions != Positions::Learned;
        !(name.ends_with(SCALE_SUFFIX)
            || tied && name.ends_with("embed_tokens.weight")
            || tied && folder.ties_output() && name == "lm_head.weight"
            || computed && name.contains("embed_positions"))
    });
    tensors
}

/// Whether the tensor is a factor of matrix products, and so worth quantising.
fn is_matrix(name: &str, shape: &[usize]) -> bool {
    shape.len() == 2
        && !shape.contains(&0)
        && name.ends_with(".weight")
        && !name.contains("embed_positions")
        && !name.contains("relative_attention_bias")
}

fn write_weights(
    weights: &Weights,
    tensors: &[(String, Vec<usize>)],
    path: &Path,
) -> Result<(), ModelError> {
    let mut header = BTreeMap::from([("__metadata__".to_owned(), json!({"format": "pt"}))]);
    let mut offset = 0;
    let mut describe = |name: String, dtype: &str, shape: &[usize], size: usize| {
        let end = offset + shape.iter().product::<usize>() * size;
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [offset, end]});
        header.insert(name, entry);
        offset = end;
    };
    for (name, shape) in tensors {
        if is_matrix(name, shape) {
            describe(format!("{name}{SCALE_SUFFIX}"), "F32", &shape[..1], 4);
            describe(name.clone(), "I8", shape, 1);
        } else {
            describe(name.clone(), "F32", shape, 4);
        }
    }
    let header = json!(header).to_string();
    let failed = |reason| ModelError::Write {
        path: path.to_owned(),
        reason,
    };
    let mut file = BufWriter::new(fs::File::create_new(path).map_err(failed)?);
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(failed);
    // Padded so that the data are aligned.
    let padded = header.len().next_multiple_of(8);
    write(&(padded as u64).to_le_bytes())?;
    write(format!("{header:padded$}").as_bytes())?;
    let bytes = |values: &[f32]| {
        values
            .iter()
            .flat_map(|v| v.to_le_bytes())
            .collect::<Vec<u8>>()
    };
    for (name, shape) in tensors {
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
