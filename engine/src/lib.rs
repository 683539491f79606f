//! The engine of Portcullis.
