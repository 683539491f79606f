//! Cases and their runners.
