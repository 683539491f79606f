//! The build's own tool.
fn main() {}
