//! A linear model of what a name is, given the features of its mentions. It is fitted on annotated
//! articles by `scripts/train/names.py`.

use std::ops::AddAssign;

/// Log-odds of each kind against being no name of that kind. A kind is accepted above 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Points {
    pub person: f32,
    pub organisation: f32,
    pub place: f32,
}

impl AddAssign for Points {
    /// Adds another mention. Negative log-odds count a quarter, because one mention with clear
    /// evidence outweighs many without any.
    fn add_assign(&mut self, other: Self) {
        let with = |all: f32, one: f32| all + one.max(0.25 * one);
        self.person = with(self.person, other.person);
        self.organisation = with(self.organisation, other.organisation);
        self.place = with(self.place, other.place);
    }
}

macro_rules! features {
    ($($feature:ident = $name:literal,)*) => {
        /// A kind of evidence. The weights were fitted with its name: after a name is changed, added
        /// or removed, fit them again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Feature {
            $($feature,)*
        }

        impl Feature {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$feature,)*];

            /// The bytes that are hashed to a slot.
            fn name(self) -> &'static str {
                match self {
                    $(Self::$feature => $name,)*
                }
            }
        }
    };
}

features! {
    Always = "always",
    // What stands beside the name, as read by `roles`.
    RoleBefore = "role before",
    Apposition = "apposition",
    Quoted = "quoted",
    // The name by itself.
    Name = "name",
    FirstWord = "first",
    LastWord = "last",
    Word = "word",
    Ending = "ending",
    Endings = "endings",
    Shape = "shape",
    WordCount = "words",
    FirstNameAndMore = "first name and more",
    FirstNameAlone = "first name",
    OpensSentence = "initial",
    SeveralOpenSentence = "initial, several",
    OrganisationSuffix = "suffix",
    OrganisationWithin = "known within",
    Digits = "digits",
    Hyphens = "hyphens",
    Shouted = "shouted",
    // The words around it.
    Before = "before",
    SecondBefore = "before 2",
    TwoBefore = "before both",
    After = "after",
    SecondAfter = "after 2",
    TwoAfter = "after both",
    Sides = "sides",
    NounBefore = "noun",
    OrganisationAnnounced = "organisation announced",
    RoleAnnounced = "role announced",
    SpeechBefore = "speech before",
    SpeechAfter = "speech after",
    PlaceInBrackets = "place in brackets",
    NumberInBrackets = "number in brackets",
    AcronymInBrackets = "acronym in brackets",
    Age = "age",
}

/// Features, hashed to slots in the table of weights. Two features can share a slot and its weights;
/// the table is large enough for that to be rare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(Vec<u32>);

/// Number of slots in the table, a power of two.
const SLOTS: u32 = 1 << 16;
/// Weights are kept as bytes in steps of this.
const STEP: f32 = 1.0 / 24.0;

/// For each slot, the weights of the three kinds in the order of [`Points`].
static TABLE: &[u8; 3 * SLOTS as usize] = include_bytes!("../data/name_weights.bin");

impl Features {
    /// Adds `feature` with its values.
    pub(super) fn add(&mut self, feature: Feature, values: &[&str]) {
        // FNV-1a; a zero byte keeps the parts apart.
        let mut hash = 0xcbf2_9ce4_8422_2325u64;
        for part in std::iter::once(&feature.name()).chain(values) {
            for byte in part.bytes().chain([0]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
        self.0.push((hash ^ (hash >> 32)) as u32 & (SLOTS - 1));
    }

    /// Adds `feature` if it holds.
    pub(super) fn flag(&mut self, feature: Feature, holds: bool) {
        if holds {
            self.add(feature, &[]);
        }
    }

    /// The slot of each feature, below 65,536.
    pub fn slots(&self) -> &[u32] {
        &self.0
    }

    /// The sum of the weights for each kind of name.
    pub fn points(&self) -> Points {
        let mut sums = [0i32; 3];
        for &slot in &self.0 {
            let at = 3 * slot as usize;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that the weights were not fitted with gets a weight of 0 or that of another feature.
    #[test]
    fn the_weights_are_fitted_with_these_features() {
        let mut hasher = blake3::Hasher::new();
        for feature in Feature::ALL {
            hasher.update(feature.name().as_bytes()).update(&[0]);
        }
        hasher.update(TABLE);
        assert_eq!(
            &hasher.finalize().to_hex()[..16],
            "3748885c5cc15468",
            "the names of features or the weights changed: fit the weights with \
             scripts/train/names.py, run the gold and write the new digest here"
        );
    }

    #[test]
    fn features_have_different_names() {
        for (at, feature) in Feature::ALL.iter().enumerate() {
            let others = &Feature::ALL[at + 1..];
            assert!(
                others.iter().all(|other| other.name() != feature.name()),
                "{feature:?}"
            );
        }
    }

    #[test]
    fn evidence_against_a_kind_counts_a_quarter() {
        let mut points = Points {
            person: 2.0,
            organisation: 0.0,
            place: 1.0,
        };
        points += Points {
            person: -4.0,
            organisation: 3.0,
            place: 0.0,
        };
        assert_eq!(
            points,
            Points {
                person: 1.0,
                organisation: 3.0,
                place: 1.0
            }
        );
    }
}
