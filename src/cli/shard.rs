//! Options that choose a part of the corpus.

use anyhow::{Context, anyhow};
use clap::Args;
use clap::builder::RangedU64ValueParser;

use crate::job::Shard;

#[derive(Debug, Args)]
pub(super) struct ShardArgs {
    /// Do one of N parts of the corpus, into an output folder of its own
    ///
    /// `I/N`, counted from 0 or from 1 (N is another name of 0), or `auto`: the number that a Slurm
    /// array or a Kubernetes indexed job gives. `precis merge` joins the parts
    #[arg(long, value_name = "I/N|auto", env = "PRECIS_SHARD", value_parser = Choice::parse)]
    shard: Option<Choice>,
    /// Number of parts for `--shard auto`. Default: that of the tasks of the Slurm array
    #[arg(long, value_name = "N", env = "PRECIS_SHARDS", value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    shards: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    Auto,
    Given(Shard),
}

impl Choice {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => Ok(Self::Given(text.parse()?)),
        }
    }
}

impl ShardArgs {
    /// Returns `None` for the whole corpus.
    pub(super) fn shard(&self) -> anyhow::Result<Option<Shard>> {
        match self.shard {
            None => Ok(None),
            Some(Choice::Given(shard)) => Ok(Some(shard)),
            Some(Choice::Auto) => {
                from_surroundings(self.shards, &|name| std::env::var(name).ok()).map(Some)
            }
        }
    }
}

/// The shard that the variables of an engine name. `count` overrides their number of shards.
fn from_surroundings(
    count: Option<usize>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Shard> {
    let number = |name: &str| -> anyhow::Result<Option<usize>> {
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let number = value.parse().map(Some);
        number.with_context(|| format!("{name}={value} is no number of a shard"))
    };
    let shard =
        |number, count| Shard::new(number, count).map_err(|error| anyhow!("--shard auto: {error}"));
    if let Some(index) = number("JOB_COMPLETION_INDEX")? {
        let count = count.context(
            "--shard auto: Kubernetes does not say how many shards there are; set --shards N, or \
             PRECIS_SHARDS, to the job's completions",
        )?;
        return shard(index, count);
    }
    let Some(task) = number("SLURM_ARRAY_TASK_ID")? else {
        return Err(anyhow!(
            "--shard auto: there is neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX in the \
             environment; give the shard as --shard I/N"
        ));
    };
    if let Some(count) = count {
        return shard(task, count);
    }
    let first = number("SLURM_ARRAY_TASK_MIN")?;
    let last = number("SLURM_ARRAY_TASK_MAX")?;
    let tasks = number("SLURM_ARRAY_TASK_COUNT")?;
    match (first, last, tasks) {
        (Some(first @ (0 | 1)), Some(last), Some(tasks)) if last + 1 - first == tasks => {
            shard(task, tasks)
        }
        _ => Err(anyhow!(
            "--shard auto: the Slurm array does not count all shards from 0 or 1; set --shards N, or \
             PRECIS_SHARDS, to their number"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(count: Option<usize>, variables: &[(&str, &str)]) -> Result<String, String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(it, _)| *it == name)?;
            Some(found.1.to_owned())
        };
        let shard = from_surroundings(count, &variable);
        shard
            .map(|it| it.to_string())
            .map_err(|error| error.to_string())
    }

    fn array(id: &'static str, range: [&'static str; 3]) -> Vec<(&'static str, &'static str)> {
        let [min, max, count] = range;
        vec![
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", min),
            ("SLURM_ARRAY_TASK_MAX", max),
            ("SLURM_ARRAY_TASK_COUNT", count),
        ]
    }

    #[test]
    fn a_slurm_array_names_its_shard() {
        let ok = |shard: &str| Ok(shard.to_owned());
        assert_eq!(auto(None, &array("3", ["0", "31", "32"])), ok("3/32"));
        assert_eq!(auto(None, &array("32", ["1", "32", "32"])), ok("0/32"));
        // Tasks that are run again are an array of their own.
        assert_eq!(auto(Some(32), &array("7", ["3", "7", "2"])), ok("7/32"));
    }

    #[test]
    fn an_array_of_some_shards_needs_their_number() {
        for range in [["3", "7", "2"], ["0", "62", "32"], ["2", "3", "2"]] {
            let error = auto(None, &array("3", range)).unwrap_err();
            assert!(error.contains("PRECIS_SHARDS"), "{error}");
        }
        let error = auto(None, &[("SLURM_ARRAY_TASK_ID", "3")]).unwrap_err();
        assert!(error.contains("PRECIS_SHARDS"), "{error}");
        assert!(auto(Some(4), &[("SLURM_ARRAY_TASK_ID", "5")]).is_err());
    }

    #[test]
    fn an_indexed_job_needs_the_number_of_shards() {
        let index = [("JOB_COMPLETION_INDEX", "2")];
        assert_eq!(auto(Some(8), &index), Ok("2/8".to_owned()));
        assert!(auto(None, &index).unwrap_err().contains("PRECIS_SHARDS"));
        assert!(auto(Some(8), &[("JOB_COMPLETION_INDEX", "x")]).is_err());
    }

    #[test]
    fn without_an_engine_there_is_no_shard() {
        let error = auto(Some(8), &[]).unwrap_err();
        assert!(error.contains("--shard I/N"), "{error}");
    }
}
