//! Searching a logbook: a bounded piece at a time, newest lines first, so that no key waits for it.

use std::collections::VecDeque;
use std::ops::Range;

use regex::{Regex, RegexBuilder};

use super::Logbook;
use crate::fleet::text::line::{CleanLine, plain};

/// Bytes looked through at a time: a few milliseconds.
const PIECE: usize = 2 << 20;

/// A search and the lines it has found so far.
#[derive(Debug)]
pub struct Search {
    text: String,
    /// The text, literally; case counts only when it has a capital.
    pattern: Regex,
    /// The lines looked through: these are counted.
    seen: Range<u64>,
    /// A bit a line, from line `base` (a multiple of 64) on.
    base: u64,
    found: VecDeque<u64>,
}

impl Search {
    /// A search for a text; `None` for an empty one.
    pub fn new(text: &str, book: &Logbook) -> Option<Self> {
        let pattern = RegexBuilder::new(&regex::escape(text))
            .case_insensitive(!text.chars().any(char::is_uppercase))
            .build();
        let end = book.end();
        (!text.is_empty()).then_some(Self {
            text: text.to_owned(),
            pattern: pattern.ok()?,
            seen: end..end,
            base: end & !63,
            found: VecDeque::from([0]),
        })
    }

    /// What is searched for.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is found in a clean line: byte ranges.
    pub fn ranges<'a>(&'a self, line: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.pattern.find_iter(line).map(|found| found.range())
    }

    /// Looks through a piece of what is not yet looked through: new lines, then older and older ones.
    pub fn look(&mut self, book: &Logbook) {
        self.forget(book.first());
        let mut budget = PIECE;
        while budget > 0 && self.seen.end < book.end() {
            budget = budget.saturating_sub(self.look_at(book, self.seen.end));
            self.seen.end += 1;
        }
        while budget > 0 && self.seen.start > book.first() {
            self.seen.start -= 1;
            budget = budget.saturating_sub(self.look_at(book, self.seen.start));
        }
    }

    /// Whether all lines are looked through.
    pub fn is_done(&self, book: &Logbook) -> bool {
        self.seen.end == book.end() && self.seen.start <= book.first()
    }

    /// Whether all lines from this one on are looked through.
    pub fn reaches(&self, line: u64) -> bool {
        self.seen.start <= line
    }

    /// Lines found.
    pub fn count(&self) -> usize {
        self.found.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Which of the found lines this is, from 1.
    pub fn position(&self, line: u64) -> usize {
        let (word, bit) = self.place(line);
        let before: u32 = self.found.iter().take(word).map(|word| word.count_ones()).sum();
        let within = self
            .found
            .get(word)
            .map_or(0, |word| (word & (u64::MAX >> (63 - bit))).count_ones());
        (before + within) as usize
    }

    /// The first found line at or below this one.
    pub fn at_or_below(&self, line: u64) -> Option<u64> {
        let (from, bit) = self.place(line.max(self.base));
        let mut words = self.found.iter().enumerate().skip(from);
        words.find_map(|(index, word)| {
            let word = if index == from {
                word & (u64::MAX << bit)
            } else {
                *word
            };
            (word != 0).then(|| self.base + index as u64 * 64 + u64::from(word.trailing_zeros()))
        })
    }

    /// The last found line above this one.
    pub fn above(&self, line: u64) -> Option<u64> {
        let (last, bit) = self.place(line.checked_sub(1).filter(|line| *line >= self.base)?);
        let words = self.found.iter().enumerate().take(last + 1).rev();
        words.into_iter().find_map(|(index, word)| {
            let word = if index == last {
                word & (u64::MAX >> (63 - bit))
            } else {
                *word
            };
            (word != 0).then(|| self.base + index as u64 * 64 + 63 - u64::from(word.leading_zeros()))
        })
    }

    /// Word and bit of a line that is not before `base`.
    fn place(&self, line: u64) -> (usize, u32) {
        let offset = line.saturating_sub(self.base);
        (
            usize::try_from(offset / 64).unwrap_or(usize::MAX),
            (offset % 64) as u32,
        )
    }

    /// Looks at one line and answers with what that cost.
    fn look_at(&mut self, book: &Logbook, number: u64) -> usize {
        let Some(line) = book.line(number) else { return 1 };
        let found = match plain(line.bytes) {
            Some(text) => self.pattern.is_match(text),
            None => self.pattern.is_match(&CleanLine::whole(line.bytes).text),
        };
        while number < self.base {
            self.base -= 64;
            self.found.push_front(0);
        }
        let (word, bit) = self.place(number);
        while self.found.len() <= word {
            self.found.push_back(0);
        }
        self.found[word] |= u64::from(found) << bit;
        line.bytes.len() + 32
    }

    /// Lines before `first` are no longer there.
    fn forget(&mut self, first: u64) {
        while self.base + 64 <= first {
            self.found.pop_front();
            self.base += 64;
        }
        if let Some(word) = self.found.front_mut()
            && first > self.base
        {
            *word &= u64::MAX << (first - self.base);
        }
        self.seen.start = self.seen.start.max(first);
        self.seen.end = self.seen.end.max(first);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::chunk;
    use super::*;
    use proptest::prelude::*;

    fn search(book: &Logbook, text: &str) -> Search {
        let mut search = Search::new(text, book).expect("not empty");
        while !search.is_done(book) {
            search.look(book);
        }
        search
    }

    #[test]
    fn case_counts_only_with_a_capital_and_colours_do_not_hide() {
        let mut book = Logbook::default();
        book.push(&chunk([
            (1, "an Error"),
            (2, "ERROR"),
            (3, "\u{1b}[31mer\u{1b}[0mror"),
            (4, "ÉTÉ a.c"),
            (5, "abc"),
        ]));
        assert_eq!(search(&book, "error").count(), 3);
        assert_eq!(search(&book, "Error").count(), 1);
        assert_eq!(search(&book, "été").count(), 1);
        assert_eq!(search(&book, "a.c").count(), 1, "literally");
        assert!(Search::new("", &book).is_none());
    }

    proptest! {
        #[test]
        fn found_lines_are_those_that_hold_it(
            hits in proptest::collection::vec(any::<bool>(), 1..400),
            cut in 0_usize..400,
            from in 0_u64..420,
        ) {
            let mut book = Logbook::default();
            let line = |hit: &bool| (1, if *hit { "needle" } else { "hay" });
            let cut = cut.min(hits.len());
            book.push(&chunk(hits[..cut].iter().map(line)));
            let mut search = search(&book, "needle");
            book.push(&chunk(hits[cut..].iter().map(line)));
            search.look(&book);
            let lines: Vec<u64> = (0..).zip(&hits).filter(|(_, hit)| **hit).map(|(n, _)| n).collect();
            prop_assert_eq!(search.count(), lines.len());
            prop_assert_eq!(search.at_or_below(from), lines.iter().copied().find(|n| *n >= from));
            prop_assert_eq!(search.above(from), lines.iter().copied().rfind(|n| *n < from));
            prop_assert_eq!(search.position(from), lines.iter().filter(|n| **n <= from).count());
        }
    }
}
