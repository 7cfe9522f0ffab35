//! Every way to a machine, the good ones and the bad.

use wheelhouse::fleet::model::{ErrorKind, TlsFiles};
use wheelhouse::sources::link::Access;

use super::contract;
use super::ground::{Lab, alone, files};

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn unix_tcp_and_tls_answer() {
    let _alone = alone().await;
    let lab = Lab::open();
    for host in ["unix", "tcp", "tls"] {
        contract::answers_and_lists(&lab.way(host)).await;
        contract::read_only_has_no_hands(&lab.way(host)).await;
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn ssh_answers_by_forward_by_command_and_through_a_jump() {
    let _alone = alone().await;
    let lab = Lab::open();
    for alias in ["ssh", "ssh-dial", "ssh-jump", "ssh-few"] {
        eprintln!("{alias}");
        contract::answers_and_lists(&lab.alias(alias)).await;
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn one_session_carries_everything() {
    let _alone = alone().await;
    let lab = Lab::open();
    let before = lab.sessions("2224");
    let engine = lab
        .alias("ssh-few")
        .dial(Access::ReadOnly)
        .await
        .expect("a session");
    let all = engine.list(None).await.expect("a listing");
    let samples = all.iter().map(|container| engine.sample(container.key.id));
    futures_util::future::join_all(samples).await;
    engine.close().await;
    assert_eq!(lab.sessions("2224"), before + 1);
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn certificates_are_checked_both_ways() {
    let _alone = alone().await;
    let lab = Lab::open();
    let good = files(&lab.host("tls")["tls"]);
    let other = files(&lab.host("tls")["tls"]["other"]);
    let mut way = lab.way("tls");
    for (tls, words) in [
        (
            TlsFiles {
                ca: other.ca.clone(),
                ..good.clone()
            },
            "TLS: unknown CA",
        ),
        (
            TlsFiles {
                ca: good.ca.clone(),
                ..TlsFiles::default()
            },
            "TLS: server refuses our certificate",
        ),
        (
            TlsFiles {
                ca: good.ca.clone(),
                ..other.clone()
            },
            "TLS: server refuses our certificate",
        ),
        (
            TlsFiles {
                ca: Some("/nowhere/ca.pem".into()),
                ..good.clone()
            },
            "/nowhere/ca.pem cannot be read",
        ),
    ] {
        way.tls = Some(tls);
        let error = way.failure().await;
        assert_eq!(error.kind, ErrorKind::Tls, "{error:?}");
        assert!(error.reason.contains(words), "{words}: {error:?}");
    }
    way.tls = None;
    let plain = way.failure().await;
    assert_eq!(
        (plain.kind, plain.reason.as_str()),
        (ErrorKind::Tls, "the engine wants TLS")
    );
    let mut wrong = lab.way("tcp");
    wrong.tls = Some(good);
    assert_eq!(wrong.failure().await.reason, "the server does not speak TLS");
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn ssh_refusals_are_said_in_words() {
    let _alone = alone().await;
    let lab = Lab::open();
    for (alias, kind, words, advice) in [
        ("ssh-badkey", ErrorKind::Auth, "host key changed", "ssh-keygen -R"),
        ("ssh-unknown", ErrorKind::Auth, "host key unknown", "by hand"),
        ("ssh-denied", ErrorKind::Auth, "permission denied", "ssh-copy-id"),
        ("ssh-passphrase", ErrorKind::Auth, "permission denied", "ssh-add"),
        ("ssh-2fa", ErrorKind::Auth, "more than a key", "second factor"),
        (
            "ssh-nogroup",
            ErrorKind::Auth,
            "permission denied on",
            "docker group",
        ),
        (
            "ssh-refused",
            ErrorKind::Unreachable,
            "connection refused",
            "sshd",
        ),
    ] {
        let error = lab.alias(alias).failure().await;
        eprintln!("{alias}: {error:?}");
        assert_eq!(error.kind, kind, "{alias}: {error:?}");
        assert!(error.reason.contains(words), "{alias}: {error:?}");
        assert!(error.advice.is_some_and(|said| said.contains(advice)), "{alias}");
    }
}

/// A connector that lets the kernel gather small writes waits 40 ms for every TLS answer: two hundred times what a socket on
/// this machine takes. Nothing near that may stand between the routes.
#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn no_route_waits_for_a_timer() {
    let _alone = alone().await;
    let lab = Lab::open();
    let mut nearest = None;
    for way in [
        lab.way("unix"),
        lab.way("tcp"),
        lab.way("tls"),
        lab.alias("ssh"),
        lab.alias("ssh-dial"),
    ] {
        let engine = way.dial(Access::ReadOnly).await.expect("a link");
        engine.list(None).await.expect("a listing");
        let mut pings = Vec::new();
        for _ in 0..50 {
            pings.push(engine.ping().await.expect("an answer"));
        }
        pings.sort();
        let median = pings[25];
        let nearest = *nearest.get_or_insert(median);
        eprintln!("{}: ping median {median:?}, p90 {:?}", way.url, pings[45]);
        assert!(
            median < nearest * 60,
            "{}: {median:?} beside {nearest:?}",
            way.url
        );
        engine.close().await;
    }
}
