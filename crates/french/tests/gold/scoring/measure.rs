//! What is measured, and the counts that a score is made of.

/// What is measured. The first are scored by F1; speakers, qualifiers, roles and English names by
/// the share that is right among the facts found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Measure {
    Dates,
    Figures,
    People,
    Places,
    Organisations,
    Quotes,
    SentenceEnds,
    Speakers,
    Qualifiers,
    Roles,
    EnglishNames,
}

impl Measure {
    pub(crate) const ALL: [Self; 11] = [
        Self::Dates,
        Self::Figures,
        Self::People,
        Self::Places,
        Self::Organisations,
        Self::Quotes,
        Self::SentenceEnds,
        Self::Speakers,
        Self::Qualifiers,
        Self::Roles,
        Self::EnglishNames,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dates => "dates",
            Self::Figures => "figures",
            Self::People => "people",
            Self::Places => "places",
            Self::Organisations => "organisations",
            Self::Quotes => "quotes",
            Self::SentenceEnds => "sentence ends",
            Self::Speakers => "speakers",
            Self::Qualifiers => "qualifiers",
            Self::Roles => "roles",
            Self::EnglishNames => "English names",
        }
    }
}

/// A wrong value of a fact found is one missed and one extra, which makes F1 the share that is right.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) right: usize,
    pub(crate) missed: usize,
    pub(crate) extra: usize,
}

impl Tally {
    pub(crate) fn precision(self) -> f64 {
        share(self.right, self.right + self.extra)
    }

    pub(crate) fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    pub(crate) fn f1(self) -> f64 {
        share(2 * self.right, 2 * self.right + self.missed + self.extra)
    }
}

/// 1 if there is nothing to find and nothing was.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}
