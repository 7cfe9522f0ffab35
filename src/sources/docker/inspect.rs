use crate::fleet::model::{ContainerId, Details, ErrorKind, HostId, SourceError};
pub(super) fn parse(host: HostId, id: ContainerId, json: &serde_json::Value) -> Result<Details, SourceError> {
    let _ = (host, id, json);
    Err(SourceError::new(ErrorKind::Internal, "later"))
}
