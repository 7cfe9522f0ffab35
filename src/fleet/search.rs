//! Finding containers and commands: the one place that matches fuzzily.

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use super::text::Printable;

/// A filter as typed: terms that all must hold.
#[derive(Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Debug)]
struct Term {
    inverted: bool,
    kind: Kind,
    /// In lower case.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Host,
    Tag,
    State,
    App,
    Image,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// `app/service`.
    pub title: &'a str,
    /// The container's name.
    pub name: &'a str,
    /// The host's name.
    pub host: &'a str,
    /// The host's tags.
    pub tags: &'a [Printable],
    /// The app, or nothing.
    pub app: &'a str,
    /// The image.
    pub image: &'a str,
    /// Words of its state: "exited problem".
    pub state: &'a str,
}

impl Filter {
    /// Reads `web !test host:edge tag:eu state:exited app:shop image:nginx`.
    pub fn parse(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(|word| {
            let (inverted, word) = match word.strip_prefix('!') {
                Some(rest) => (true, rest),
                None => (false, word),
            };
            let (kind, text) = match word.split_once(':') {
                Some(("host", rest)) => (Kind::Host, rest),
                Some(("tag", rest)) => (Kind::Tag, rest),
                Some(("state", rest)) => (Kind::State, rest),
                Some(("app", rest)) => (Kind::App, rest),
                Some(("image", rest)) => (Kind::Image, rest),
                _ => (Kind::Name, word),
            };
            (!text.is_empty()).then(|| Term {
                inverted,
                kind,
                text: text.to_lowercase(),
            })
        });
        Self {
            terms: terms.collect(),
        }
    }

    /// Whether it lets everything pass.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a container passes.
    pub fn matches(&self, matcher: &Matcher, candidate: &Candidate<'_>) -> bool {
        self.terms.iter().all(|term| {
            let hit = match term.kind {
                Kind::Name => {
                    matcher.score(candidate.title, &term.text).is_some()
                        || matcher.score(candidate.name, &term.text).is_some()
                }
                Kind::Host => contains(candidate.host, &term.text),
                Kind::Tag => candidate.tags.iter().any(|tag| contains(tag, &term.text)),
                Kind::State => candidate
                    .state
                    .split(' ')
                    .any(|word| word.starts_with(&term.text)),
                Kind::App => contains(candidate.app, &term.text),
                Kind::Image => contains(candidate.image, &term.text),
            };
            hit != term.inverted
        })
    }
}

fn contains(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}

/// Fuzzy matching without regard to case.
pub struct Matcher(SkimMatcherV2);

impl Default for Matcher {
    fn default() -> Self {
        Self(SkimMatcherV2::default().ignore_case())
    }
}

impl Matcher {
    /// How well `pattern` (lower case) fits; `None` when its characters are not all there in order.
    pub fn score(&self, text: &str, pattern: &str) -> Option<i64> {
        // The scoring is costly and most rows do not match at all: look first.
        if !is_subsequence(text, pattern) {
            return None;
        }
        self.0.fuzzy_match(text, pattern)
    }
}

fn is_subsequence(text: &str, pattern: &str) -> bool {
    let mut rest = text.chars().flat_map(char::to_lowercase);
    pattern.chars().all(|wanted| rest.any(|c| c == wanted))
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Filter, Matcher};

    fn shown(filter: &str) -> bool {
        let api = Candidate {
            title: "shop/api",
            name: "shop-api-1",
            host: "web-1",
            tags: &["front".into(), "eu".into()],
            app: "shop",
            image: "registry/shop:1.8.2",
            state: "exited problem",
        };
        Filter::parse(filter).matches(&Matcher::default(), &api)
    }

    #[test]
    fn all_terms_must_hold() {
        for yes in [
            "",
            "api",
            "shpi",
            "SHOP",
            "!worker",
            "host:web",
            "state:exit",
            "state:problem",
            "image:1.8",
            "api host:web-1 !db",
            "!host:db",
            "tag:eu tag:front",
        ] {
            assert!(shown(yes), "{yes}");
        }
        for no in [
            "worker",
            "!api",
            "host:db",
            "tag:us",
            "state:up",
            "api host:db",
            "app:billing",
            "!state:exited",
        ] {
            assert!(!shown(no), "{no}");
        }
        assert!(
            shown("host:"),
            "an unfinished term holds nothing back while it is typed"
        );
        assert!(shown("!"), "nor does a lone exclamation mark");
    }
}
