//! What people and machines read.

pub mod diagnostic;
pub mod json;
pub mod plan;
pub mod progress;
pub mod value;
