//! What may go wrong with an engine, on order.

use std::time::Duration;

use hyper::Method;

/// A request as it arrived: what the recording engine keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// The path with its query, as it stood in the request line.
    pub path: String,
}

/// How an answer goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with this message, and nothing is done.
    Refuse(u16, String),
    /// The answer is this late; the order too.
    Delay(Duration),
    /// The order is carried out, and never answered.
    Silence,
    /// The order is carried out, and the connection closed without an answer.
    Hangup,
    /// Half of the body, then the end of the connection.
    Truncate,
    /// Status 200, and a body that is not what was asked for.
    Garbage,
}

#[derive(Clone, Debug)]
struct Rule {
    method: Method,
    part: String,
    fault: Fault,
    /// How many more times; `None` is without end.
    left: Option<u32>,
}

/// What is wrong with one engine at present.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) frozen: bool,
    pub(super) garbles: bool,
    rules: Vec<Rule>,
}

impl Faults {
    pub(super) fn add(&mut self, method: Method, part: &str, fault: Fault, left: Option<u32>) {
        self.rules.push(Rule {
            method,
            part: part.to_owned(),
            fault,
            left,
        });
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What is to go wrong with this request: the first rule that fits and is not used up.
    pub(super) fn take(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let rule = self
            .rules
            .iter_mut()
            .find(|rule| rule.left != Some(0) && rule.method == method && path.contains(&rule.part))?;
        if let Some(left) = &mut rule.left {
            *left -= 1;
        }
        Some(rule.fault.clone())
    }
}
