//! `GET /containers/json`: one container a row, and nothing inspected.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::stamp::sane_s;
use super::status;
use crate::fleet::model::{Container, ContainerId, ContainerKey, HostId, Port, RunState};
use crate::fleet::text::Printable;

/// What we read of a row. Unknown and absent fields are no fault: engines of ten years answer.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    names: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    image: Cow<'a, str>,
    #[serde(borrow, default, rename = "ImageID")]
    image_id: Cow<'a, str>,
    #[serde(default)]
    created: i64,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    ports: Option<Vec<RowPort<'a>>>,
    #[serde(borrow, default)]
    labels: Option<HashMap<Cow<'a, str>, Cow<'a, str>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RowPort<'a> {
    #[serde(borrow, default, rename = "IP")]
    ip: Option<Cow<'a, str>>,
    #[serde(default)]
    private_port: u16,
    #[serde(default)]
    public_port: Option<u16>,
    #[serde(borrow, default, rename = "Type")]
    protocol: Cow<'a, str>,
}

/// Reads a listing. `now_s` is the engine's own clock where it told it: ages count back from there. A row
/// without a full id or with a state that has no word is left out: nothing could be done with it.
pub(super) fn parse(host: HostId, json: &[u8], now_s: i64) -> Result<Vec<Container>, serde_json::Error> {
    let rows: Vec<Row<'_>> = serde_json::from_slice(json)?;
    Ok(rows
        .iter()
        .filter_map(|row| container(host, row, now_s))
        .collect())
}

fn container(host: HostId, row: &Row<'_>, now_s: i64) -> Option<Container> {
    let id = ContainerId::parse(&row.id)?;
    let state = RunState::parse(&row.state)?;
    let said = status::parse(&row.status);
    let created = sane_s(row.created);
    let label = |name: &str| {
        row.labels
            .as_ref()
            .and_then(|labels| labels.get(name))
            .filter(|value| !value.is_empty())
            .map(|value| Printable::name(value))
    };
    Some(Container {
        key: ContainerKey { host, id },
        name: name(row.names.as_deref().unwrap_or_default())
            .map_or_else(|| id.short().into(), Printable::name),
        image: Printable::name(&row.image),
        image_id: Printable::name(&row.image_id),
        state,
        status: Printable::name(&row.status),
        health: said.health,
        exit_code: said.exit_code,
        created,
        since: said
            .age_s
            .map(|age| sane_s(now_s.saturating_sub(age)))
            .or_else(|| (state == RunState::Created).then_some(created)),
        restarts: None,
        app: label("wheelhouse.app").or_else(|| label("com.docker.compose.project")),
        service: label("com.docker.compose.service"),
        colour: label("wheelhouse.colour").or_else(|| label("wheelhouse.color")),
        ports: ports(row.ports.as_deref().unwrap_or_default()),
    })
}

/// Its own name: of `/web` and the link name `/proxy/web`, the one without a second slash.
fn name<'a>(names: &'a [Cow<'_, str>]) -> Option<&'a str> {
    let bare = |name: &'a Cow<'_, str>| name.strip_prefix('/').unwrap_or(name);
    names
        .iter()
        .map(bare)
        .find(|name| !name.contains('/'))
        .or_else(|| names.first().map(bare))
        .filter(|name| !name.is_empty())
}

/// Published ones first. What is published on all addresses of both families is told once.
fn ports(rows: &[RowPort<'_>]) -> Vec<Port> {
    let mut ports: Vec<Port> = rows
        .iter()
        .map(|row| Port {
            ip: row.public_port.and(row.ip.as_deref()).map(|ip| match ip {
                "::" => Printable::from("0.0.0.0"),
                "::1" => Printable::from("127.0.0.1"),
                ip => Printable::name(ip),
            }),
            public: row.public_port,
            private: row.private_port,
            protocol: Printable::name(&row.protocol),
        })
        .collect();
    ports.sort_by(|a, b| (a.public.is_none(), a.private, a).cmp(&(b.public.is_none(), b.private, b)));
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::fleet::model::{Health, HostId, RunState};

    const ID: &str = "0e9353af6e4c26882c5e1574cf41d4946c445a135d13f7d8cc19e897b28b9cbf";

    #[test]
    fn a_row_becomes_a_container() {
        let json = format!(
            r#"[{{"Id":"{ID}","Names":["/proxy/web","/shop-web-1"],"Image":"shop:1.9","ImageID":"sha256:aa",
            "Created":100,"State":"running","Status":"Up 5 minutes (unhealthy)","Labels":{{
            "com.docker.compose.project":"shop","com.docker.compose.service":"web","wheelhouse.color":"green"}},
            "Ports":[{{"PrivatePort":9000,"Type":"tcp"}},
              {{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"}},
              {{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"}}],"New":{{"field":1}}}}]"#
        );
        let all = parse(HostId(3), json.as_bytes(), 1000).expect("a listing");
        let [it] = all.as_slice() else { panic!("one row") };
        assert_eq!((it.key.host, it.key.id.to_string().as_str()), (HostId(3), ID));
        assert_eq!(it.name.as_str(), "shop-web-1");
        assert_eq!(
            (it.app.as_deref(), it.service.as_deref()),
            (Some("shop"), Some("web"))
        );
        assert_eq!(it.colour.as_deref(), Some("green"));
        assert_eq!(
            (it.state, it.health),
            (RunState::Running, Some(Health::Unhealthy))
        );
        assert_eq!((it.created, it.since), (100, Some(700)));
        let ports: Vec<_> = it.ports.iter().map(|port| (port.public, port.private)).collect();
        assert_eq!(ports, [(Some(8080), 80), (None, 9000)]);
    }

    #[test]
    fn hostile_and_sparse_rows_do_no_harm() {
        let json = format!(
            r#"[{{"Id":"{ID}","Names":null,"Image":"a\u001b[2J","State":"exited","Status":"Exited (137) 2 hours ago",
            "Labels":null,"Ports":null,"Created":5}},{{"Id":"short","State":"running"}},{{"Id":"{ID}","State":"odd"}}]"#
        );
        let all = parse(HostId(0), json.as_bytes(), 10_000).expect("a listing");
        let [it] = all.as_slice() else { panic!("one row") };
        assert_eq!(it.name.as_str(), "0e9353af6e4c");
        assert_eq!(it.image.as_str(), "a\\x1b[2J");
        assert_eq!((it.exit_code, it.since), (Some(137), Some(2800)));
        assert!(parse(HostId(0), b"<html>", 0).is_err());
        for (created, status) in [
            (i64::MIN, "Up 9223372036854775807 seconds"),
            (i64::MAX, "Up 1 second"),
        ] {
            let json =
                format!(r#"[{{"Id":"{ID}","State":"running","Created":{created},"Status":"{status}"}}]"#);
            let all = parse(HostId(0), json.as_bytes(), i64::MAX).expect("a listing");
            for seconds in [Some(all[0].created), all[0].since] {
                assert!(
                    seconds.is_some_and(|s| s >= 0 && s.checked_mul(1000).is_some()),
                    "{seconds:?}"
                );
            }
        }
    }
}
