//! Plans carried out on the embedded Cognito, in memory.

mod declarations;
mod failures;
mod properties;
mod world;
