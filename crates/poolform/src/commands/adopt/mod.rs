//! `poolform adopt`

mod pool;
mod terraform;

pub use self::pool::found;
pub use self::terraform::read_state;
use crate::cli::AdoptArgs;
use crate::stop::{Exit, Stop};

/// Takes over what is there, without touching it.
pub fn run(directory: &str, args: &AdoptArgs) -> Result<Exit, Stop> {
    match (&args.pool, &args.root.terraform_state) {
        (Some(id), None) => pool::run(directory, args, id),
        (None, Some(file)) => terraform::run(directory, args, file),
        _ => Err(Stop::message(
            "Nothing to adopt from",
            "Give the id of a pool, or the state that manages pools: poolform adopt -terraform-state terraform.tfstate.",
        )),
    }
}
