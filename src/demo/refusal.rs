//! Answers that say no, in the engine's sentences.

use hyper::Response;

use super::wire::{self, Body};

/// A status and the engine's sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) u16, pub(super) String);

impl Refusal {
    pub(super) fn new<T>(status: u16, message: impl Into<String>) -> Result<T, Self> {
        Err(Self(status, message.into()))
    }

    /// A number that cannot be read; the older engines take the fault upon themselves.
    pub(super) fn number(api: wire::Version, reader: &str, text: &str) -> Self {
        let status = if api >= (1, 44) { 400 } else { 500 };
        Self(
            status,
            format!("strconv.{reader}: parsing {text:?}: invalid syntax"),
        )
    }

    /// Filters that are none.
    pub(super) fn filters(api: wire::Version) -> Self {
        if api >= (1, 44) {
            Self(400, "invalid filter".to_owned())
        } else {
            let sentence = "json: cannot unmarshal array into Go value of type map[string]map[string]bool";
            Self(500, sentence.to_owned())
        }
    }

    pub(super) fn response(&self) -> Response<Body> {
        wire::error(self.0, &self.1)
    }
}
