//! Pairs the facts read with the annotated ones.

/// The facts of one kind, read and annotated.
pub(crate) struct Comparison<'a, F, G> {
    /// Each fact read with the annotated one that it is.
    pub(crate) pairs: Vec<(&'a F, &'a G)>,
    /// Read, but not annotated.
    pub(crate) extra: Vec<&'a F>,
    /// Annotated, but not read.
    pub(crate) missed: Vec<&'a G>,
}

impl<'a, F, G> Comparison<'a, F, G> {
    /// Pairs one to one, in the order of the text.
    pub(crate) fn new(
        found: impl IntoIterator<Item = &'a F>,
        gold: &'a [G],
        same: impl Fn(&F, &G) -> bool,
    ) -> Self {
        let mut comparison = Self {
            pairs: Vec::new(),
            extra: Vec::new(),
            missed: gold.iter().collect(),
        };
        for fact in found {
            match comparison.missed.iter().position(|gold| same(fact, gold)) {
                Some(place) => {
                    let gold = comparison.missed.remove(place);
                    comparison.pairs.push((fact, gold));
                }
                None => comparison.extra.push(fact),
            }
        }
        comparison
    }

    /// Nothing that is one of `allowed` is extra.
    pub(crate) fn allowing(mut self, allowed: &[G], same: impl Fn(&F, &G) -> bool) -> Self {
        self.extra
            .retain(|fact| !allowed.iter().any(|gold| same(fact, gold)));
        self
    }

    /// Nothing that a paired fact also is, is missed.
    pub(crate) fn covering(mut self, same: impl Fn(&F, &G) -> bool) -> Self {
        let pairs = &self.pairs;
        self.missed
            .retain(|gold| !pairs.iter().any(|(fact, _)| same(fact, gold)));
        self
    }
}
