//! Plans carried out on the embedded Cognito, in memory.

mod cases;
mod declarations;
mod failures;
mod permissions;
mod properties;
mod survival;
mod twins;
mod world;
