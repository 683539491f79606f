//! The host of Portcullis.
