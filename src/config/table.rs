//! TOML tables whose every entry knows where it stands and what it is called.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use crate::fleet::near::nearest;

/// A file that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl<'a> Document<'a> {
    /// Parses the file's text.
    pub(super) fn parse(self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        DeTable::parse(self.text).map_err(|error| {
            let offset = error.span().map_or(self.text.len(), |span| span.start);
            // The parser's messages name what it expected, never what it found.
            ConfigError(format!("{}: {}", self.place(offset), error.message()))
        })
    }

    /// `file:line:column` of a byte, both counted from 1, columns in characters.
    pub(super) fn place(self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }
}

/// A table and what it is called.
#[derive(Debug)]
pub(super) struct Table<'a> {
    document: Document<'a>,
    name: String,
    start: usize,
    content: &'a DeTable<'a>,
}

/// One key of a table, with its value.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    document: Document<'a>,
    /// The key alone.
    pub(super) key: &'a str,
    /// The key with its tables: `host.tls.ca`.
    name: String,
    key_start: usize,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    /// The whole document.
    pub(super) fn root(document: Document<'a>, table: &'a Spanned<DeTable<'a>>) -> Self {
        Self {
            document,
            name: String::new(),
            start: 0,
            content: table.as_ref(),
        }
    }

    /// The entries in the order of the file, so that the first mistake is the one that is named.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        let mut entries: Vec<_> = self
            .content
            .iter()
            .map(|(key, value)| Entry {
                document: self.document,
                key: key.as_ref(),
                name: match self.name.as_str() {
                    "" => key.as_ref().to_string(),
                    table => format!("{table}.{}", key.as_ref()),
                },
                key_start: key.span().start,
                value,
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_start);
        entries
    }

    /// An error at the table's beginning.
    pub(super) fn error(&self, what: impl AsRef<str>) -> ConfigError {
        let place = self.document.place(self.start);
        ConfigError(format!("{place}: {}: {}", self.name, what.as_ref()))
    }

    /// A key without which the table makes no sense.
    pub(super) fn need<T>(&self, key: &str, value: Option<T>) -> Result<T, ConfigError> {
        value.ok_or_else(|| self.error(format!("`{key}` is missing")))
    }
}

impl<'a> Entry<'a> {
    /// `file:line:column: key` of the value.
    pub(super) fn place(&self) -> String {
        let start = self.value.span().start;
        format!("{}: {}", self.document.place(start), self.name)
    }

    /// An error at the value.
    pub(super) fn error(&self, what: impl AsRef<str>) -> ConfigError {
        ConfigError(format!("{}: {}", self.place(), what.as_ref()))
    }

    /// The error of a key that is none.
    pub(super) fn unknown(&self, known: &[&str]) -> ConfigError {
        let place = self.document.place(self.key_start);
        let hint = match nearest(self.key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of {}", known.join(", ")),
        };
        ConfigError(format!("{place}: {}: unknown key, {hint}", self.name))
    }

    fn expected(&self, what: &str) -> ConfigError {
        self.error(format!("expected {what}, found {}", article(self.value.as_ref())))
    }

    /// The value as a string.
    pub(super) fn string(&self) -> Result<&'a str, ConfigError> {
        self.value
            .as_ref()
            .as_str()
            .ok_or_else(|| self.expected("a string in quotes"))
    }

    /// The value as true or false.
    pub(super) fn boolean(&self) -> Result<bool, ConfigError> {
        self.value
            .as_ref()
            .as_bool()
            .ok_or_else(|| self.expected("true or false"))
    }

    /// The value as a list of strings.
    pub(super) fn strings(&self) -> Result<Vec<&'a str>, ConfigError> {
        let wrong = || self.expected("a list of strings: [\"…\", \"…\"]");
        let items = self.value.as_ref().as_array().ok_or_else(wrong)?;
        items
            .iter()
            .map(|item| item.as_ref().as_str().ok_or_else(wrong))
            .collect()
    }

    /// The value as a table.
    pub(super) fn table(&self) -> Result<Table<'a>, ConfigError> {
        let table = self.value.as_ref().as_table();
        let table = table.ok_or_else(|| self.expected(&format!("a table: [{}] or {{ … }}", self.name)))?;
        Ok(Table {
            document: self.document,
            name: self.name.clone(),
            start: self.value.span().start,
            content: table,
        })
    }

    /// The value as a list of tables.
    pub(super) fn tables(&self) -> Result<Vec<Table<'a>>, ConfigError> {
        let wrong = || self.expected(&format!("a list of tables: [[{}]]", self.name));
        let items = self.value.as_ref().as_array().ok_or_else(wrong)?;
        let tables = items.iter().map(|item| {
            Ok(Table {
                document: self.document,
                name: self.name.clone(),
                start: item.span().start,
                content: item.as_ref().as_table().ok_or_else(wrong)?,
            })
        });
        tables.collect()
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
