//! The host of Portcullis.

pub mod store;
