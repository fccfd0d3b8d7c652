//! The pure core: from declarations, what is recorded and what was observed to a plan. No I/O, no clock, no chance.
//!
//! A newcomer's map: an argument is a row of [`kinds`]; what rows mean is in [`argument`] and `decode`; how two trees
//! of settings are compared is in [`setting`] and `change`; which requests a change takes is in the kind's own file;
//! their order is in [`plan`]; what a finished plan must never contain is in [`check`].

mod address;
mod adopt;
pub mod argument;
mod change;
pub mod check;
mod declaration;
mod decode;
pub mod describe;
pub mod fold;
pub mod kinds;
mod limits;
mod moves;
mod output;
pub mod plan;
mod resource;
mod rule;
pub mod setting;
pub mod terraform;

pub use adopt::{Original, named_in_state, originals};
pub use change::{Action, Change, SettingChange, Why, compare, differences, fingerprint, unexpected};
pub use declaration::{
    Call, Context, Declaration, LISTS, MODULE_ARGUMENTS, OUTPUTS, SINGLES, arguments, declare, declare_alone,
};
pub use moves::{Move, follow};
pub use output::{Endpoints, attributes, outputs};
pub use plan::{Alone, Hole, Permissions, Plan, Request, Stake, Step, plan};
pub use resource::{Address, Desired, Form, Observed, Recorded};
