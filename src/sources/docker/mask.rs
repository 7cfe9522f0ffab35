//! What is masked until a person asks for it: values whose names speak of secrets.

use std::sync::LazyLock;

use regex::Regex;

use crate::fleet::model::{Field, Secret, Value};
use crate::fleet::text::Printable;

/// Names that speak of secrets. `None` cannot be: the pattern is tried by a test.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)pass|pwd|secret|token|api.?key|[_.-]key|key[_.-]|^key$|credential|auth|private|cookie|salt|signature|dsn|conn(ection)?.?str|webhook",
    )
    .ok()
});

/// `scheme://user:password@host`, and `scheme://TOKEN@host`.
static URL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z][A-Za-z0-9+.-]*://([^/\s@]+|[^/\s@]*:[^\s@]*)@").ok());

/// `password=…`, `"token": …`, `--secret …` within a longer text, such as a shell's one argument; a private key.
static WITHIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)(pass|pwd|secret|token|key|credential|auth|private|dsn|signature|cookie)[\w.-]*["']?\s*[=:]\s*\S"#,
        r"|(^|\s)--?[\w-]*(pass|pwd|secret|token|api-?key|credential|auth)[\w-]*\s+[^\s-]",
        r"|BEGIN [A-Z ]*PRIVATE KEY",
    ))
    .ok()
});

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    // Without a pattern everything would be masked, never shown.
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}

/// Whether a name speaks of a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    matches(&NAME, name)
}

/// Whether a value gives a secret away by itself.
pub(super) fn holds_secret(value: &str) -> bool {
    matches(&URL, value) || matches(&WITHIN, value)
}

/// A shown field.
pub(super) fn plain(label: &str, value: &str) -> Field {
    Field {
        label: Printable::clean(label),
        value: Value::Plain(Printable::clean(value)),
    }
}

/// A masked field.
pub(super) fn masked(label: &str, value: &str) -> Field {
    Field {
        label: Printable::clean(label),
        value: Value::Masked(Secret::new(value.to_owned())),
    }
}

/// A field that is masked where its name or its value speaks of a secret.
pub(super) fn judged(label: &str, value: &str) -> Field {
    if is_secret_name(label) || holds_secret(value) {
        masked(label, value)
    } else {
        plain(label, value)
    }
}

/// A command line, one field an argument. The argument after `--token` is masked as `--token=x` is.
pub(super) fn arguments(arguments: &[String]) -> Vec<Field> {
    let mut follows = false;
    arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| {
            let label = format!("arg {at}");
            let is_option = argument.starts_with('-');
            let (name, has_value) = match argument.split_once('=') {
                Some((name, _)) => (name, true),
                None => (argument.as_str(), false),
            };
            let named = (is_option || has_value) && is_secret_name(name);
            // An option that follows is an option: `--no-auth --verbose`.
            let hide = (follows && !is_option) || (named && has_value) || holds_secret(argument);
            follows = named && is_option && !has_value;
            if hide {
                masked(&label, argument)
            } else {
                plain(&label, argument)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{NAME, URL, WITHIN, arguments, holds_secret, is_secret_name};
    use crate::fleet::model::Value;

    #[test]
    fn the_patterns_are_patterns() {
        assert!(NAME.is_some() && URL.is_some() && WITHIN.is_some());
    }

    #[test]
    fn names_that_speak_of_secrets() {
        for name in [
            "DB_PASSWORD",
            "billing.api-key",
            "API_TOKEN",
            "aws_secret",
            "SENTRY_DSN",
            "auth",
            "ssh.private",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "com.docker.compose.project",
            "wheelhouse.app",
            "maintainer",
            "keyboard",
            "monkey",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_give_themselves_away() {
        for value in [
            "postgres://app:hunter2@db/x",
            "run --password=abc",
            "export TOKEN=abc; exec app",
            "Api-Key: abc",
            "https://ghp_0123456789@github.com/x",
            "amqp://app:a/b@queue",
            "exec redis-server --requirepass hunter2",
            r#"{"db": {"password": "hunter2"}}"#,
            "https://store/x?X-Amz-Signature=abc",
            "-----BEGIN RSA PRIVATE KEY-----",
        ] {
            assert!(holds_secret(value), "{value}");
        }
        for value in [
            "http://db:5432/x",
            "exec sleep 100",
            "https://a.b/c@d",
            "user@host",
            "app --no-auth --verbose",
        ] {
            assert!(!holds_secret(value), "{value}");
        }
    }

    #[test]
    fn arguments_are_masked_by_their_names() {
        let line = [
            "app",
            "--password=a",
            "--token",
            "b",
            "-v",
            "--auth",
            "--verbose",
            "x",
            "redis://:pw@h",
            "TOKEN=c",
        ];
        let fields = arguments(&line.map(str::to_owned));
        let hidden: Vec<_> = line
            .iter()
            .zip(&fields)
            .filter(|(_, field)| matches!(field.value, Value::Masked(_)))
            .map(|(argument, _)| *argument)
            .collect();
        assert_eq!(hidden, ["--password=a", "b", "redis://:pw@h", "TOKEN=c"]);
    }
}
