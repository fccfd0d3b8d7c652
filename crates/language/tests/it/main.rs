//! Tests of the language through its public interface.

mod expressions;
mod memory;
mod roots;
