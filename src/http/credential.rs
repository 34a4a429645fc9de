//! What proves to a partner who asks.

use std::fmt;

use ureq::http::{HeaderName, HeaderValue};

/// A header that carries a secret, added at the last moment. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub name: String,
    pub value: String,
}

impl Credential {
    /// As a header; `None` where none can hold it. A secret is plain ASCII:
    /// servers differ on how they read anything else.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let name = self.name.parse().ok()?;
        let plain = self.value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        let value = HeaderValue::from_str(&self.value).ok();
        let mut value = value.filter(|_| plain)?;
        value.set_sensitive(true);
        Some((name, value))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}: ***)", self.name)
    }
}
