//! Silence, refusal and death of real engines and lines. One at a time; each heals what it broke.

use wheelhouse::fleet::model::ErrorKind;

use super::contract;
use super::ground::{Lab, alone};

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_cut_line_is_noticed() {
    let _alone = alone().await;
    let lab = Lab::open();
    for host in ["tcp", "tls", "ssh"] {
        let mut undo = None;
        let error = contract::silence_is_noticed(&lab.way(host), async || {
            undo = Some(lab.fault("cut", "heal", host));
        })
        .await;
        eprintln!("{host}: {error}");
        assert!(
            matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable),
            "{host}: {error:?}"
        );
        drop(undo);
        contract::answers_and_lists(&lab.way(host)).await;
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_frozen_engine_is_noticed() {
    let _alone = alone().await;
    let lab = Lab::open();
    for host in ["unix", "tls", "ssh"] {
        let mut undo = None;
        let error = contract::silence_is_noticed(&lab.way(host), async || {
            undo = Some(lab.fault("freeze", "thaw", host));
        })
        .await;
        eprintln!("{host}: {error}");
        assert_eq!(error.kind, ErrorKind::Timeout, "{host}: {error:?}");
        drop(undo);
        contract::answers_and_lists(&lab.way(host)).await;
    }
}

#[tokio::test]
#[ignore = "needs the lab: run tests/run"]
async fn a_refused_connection_is_said() {
    let _alone = alone().await;
    let lab = Lab::open();
    let undo = lab.fault("refuse", "heal", "tcp");
    assert_eq!(lab.way("tcp").failure().await.reason, "connection refused");
    drop(undo);
    contract::answers_and_lists(&lab.way("tcp")).await;
}
