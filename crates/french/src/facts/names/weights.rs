//! What a name most likely is, given the features of its mentions: a linear model fitted on
//! annotated articles (`scripts/train/names.py`).

use std::ops::AddAssign;

/// Log-odds that a name is of a kind, against its being none; above 0 it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Points {
    pub person: f32,
    pub organisation: f32,
    pub place: f32,
}

impl AddAssign for Points {
    /// Adds another mention. One whose words tell is worth more than many whose words do not, so
    /// what speaks against a kind counts a quarter.
    fn add_assign(&mut self, other: Self) {
        let with = |all: f32, one: f32| all + one.max(0.25 * one);
        self.person = with(self.person, other.person);
        self.organisation = with(self.organisation, other.organisation);
        self.place = with(self.place, other.place);
    }
}

/// Features as places in the table of weights. Features that share a place share its weights;
/// the table is large enough for that to be rare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(Vec<u32>);

/// Places in the table, a power of two.
const PLACES: u32 = 1 << 16;
/// Weights are kept as bytes in steps of this.
const STEP: f32 = 1.0 / 24.0;

/// For each place, the weights of the three kinds in the order of [`Points`].
static TABLE: &[u8; 3 * PLACES as usize] = include_bytes!("../data/name_weights.bin");

impl Features {
    /// Adds the feature `name` with what it was found to be.
    pub fn add(&mut self, name: &str, values: &[&str]) {
        // FNV-1a; a zero byte keeps the parts apart.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for part in std::iter::once(&name).chain(values) {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        self.0.push((hash ^ (hash >> 32)) as u32 & (PLACES - 1));
    }

    /// Adds the feature if it holds.
    pub fn flag(&mut self, name: &str, holds: bool) {
        if holds {
            self.add(name, &[]);
        }
    }

    pub fn places(&self) -> &[u32] {
        &self.0
    }

    pub fn points(&self) -> Points {
        let mut sums = [0i32; 3];
        for &place in &self.0 {
            let at = 3 * place as usize;
            for (sum, weight) in sums.iter_mut().zip(&TABLE[at..at + 3]) {
                *sum += i32::from(*weight as i8);
            }
        }
        let [person, organisation, place] = sums.map(|sum| sum as f32 * STEP);
        Points {
            person,
            organisation,
            place,
        }
    }
}
