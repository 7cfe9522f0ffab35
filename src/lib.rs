//! wheelhouse.
