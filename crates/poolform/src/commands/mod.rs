//! One file per command.

pub mod adopt;
pub mod apply;
pub mod check;
pub mod dev;
pub mod drift;
pub mod env;
pub mod force_unlock;
pub mod migrate;
pub mod output;
pub mod plan;
pub mod restore;
pub mod rotate_secret;
pub mod serve;
pub mod show;
pub mod validate;
pub mod workspace;
