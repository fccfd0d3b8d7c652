//! What people and machines read.

#[macro_use]
pub mod output;
pub mod diagnostic;
pub mod difference;
pub mod json;
pub mod plan;
pub mod progress;
pub mod stand_in;
pub mod value;
