//! Nothing: rhai names this crate even where it takes its strings from another.
