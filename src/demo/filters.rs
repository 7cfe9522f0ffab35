//! The `filters` parameter, in both of its forms.

use std::collections::BTreeMap;

use serde_json::Value;

/// Wanted values by filter name.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters(BTreeMap<String, Vec<String>>);

impl Filters {
    /// Reads `{"name":["value"]}` or the older `{"name":{"value":true}}`; `None` when it is neither.
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Some(Self::default());
        };
        let Value::Object(names) = serde_json::from_str(text).ok()? else {
            return None;
        };
        let mut filters = BTreeMap::new();
        for (name, values) in names {
            let values = match values {
                Value::Array(list) => list
                    .iter()
                    .map(|v| v.as_str().map(str::to_owned))
                    .collect::<Option<_>>()?,
                Value::Object(set) => set
                    .into_iter()
                    .filter(|(_, wanted)| wanted == &Value::Bool(true))
                    .map(|(value, _)| value)
                    .collect(),
                _ => return None,
            };
            filters.insert(name, values);
        }
        Some(Self(filters))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(super) fn values(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether any wanted value passes `test`; true when the filter was not given.
    pub(super) fn any(&self, name: &str, test: impl Fn(&str) -> bool) -> bool {
        let values = self.values(name);
        values.is_empty() || values.iter().any(|value| test(value))
    }

    /// Whether every wanted `key` or `key=value` is among `labels`.
    pub(super) fn labels(&self, labels: &BTreeMap<String, String>) -> bool {
        self.values("label")
            .iter()
            .all(|wanted| match wanted.split_once('=') {
                Some((key, value)) => labels.get(key).is_some_and(|found| found == value),
                None => labels.contains_key(wanted),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        for text in [
            r#"{"status":["exited"]}"#,
            r#"{"status":{"exited":true,"paused":false}}"#,
        ] {
            let filters = Filters::parse(Some(text)).expect("a filter");
            assert_eq!(filters.values("status"), ["exited"]);
        }
        assert!(Filters::parse(Some("[]")).is_none());
        assert!(Filters::parse(None).expect("no filter").any("id", |_| false));
    }
}
