//! The command as its users run it, on the embedded Cognito.

mod canonical;
mod command;
mod golden;
mod invalid;
mod moto;
