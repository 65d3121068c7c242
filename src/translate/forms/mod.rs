//! What stands between a text and the network: the text in a form that the model can say, and the
//! English in the form that English has.
//!
//! A text goes out as [`Given`]: signs that the model's vocabulary lacks are said in words
//! ([`signs`]), and tokens that nobody translates have stand-ins ([`stand_ins`]). Its translation
//! comes back with the tokens in their places and with the numbers, amounts and hours of English
//! ([`english`]).

mod english;
mod signs;
mod stand_ins;

pub(super) use english::english_form;
pub(crate) use signs::lost_signs;
pub(crate) use stand_ins::lost_tokens;
pub(super) use stand_ins::{Given, MARKS, Plan, STYLES, is_probe_copied, probes};

/// Part of the cache key. Raise it when a text goes out or comes back in another form.
pub(super) const VERSION: u32 = 4;
