//! Tests of the language through its public interface.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests are at the edge")]

mod expressions;
mod installed;
mod instances;
mod memory;
mod mistakes;
mod refactoring;
mod resources;
mod roots;
mod stand_ins;
mod table;
