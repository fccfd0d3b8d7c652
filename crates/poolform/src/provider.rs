//! `terraform-provider-poolform`: Terraform and OpenTofu start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    poolform::serve_provider()
}
