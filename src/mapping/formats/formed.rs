//! What forming a value gives.

use std::borrow::Cow;

use crate::mapping::complaint::{Doubt, PutRight};

/// A value in the form that was asked, and what there is to tell of it.
#[derive(Debug)]
pub struct Formed<'v> {
    pub text: Cow<'v, str>,
    pub repair: Option<PutRight>,
    pub doubt: Option<Doubt>,
}

impl<'v> Formed<'v> {
    /// A text of which there is nothing to tell.
    pub fn plain(text: impl Into<Cow<'v, str>>) -> Self {
        Self {
            text: text.into(),
            repair: None,
            doubt: None,
        }
    }
}
