# Checks by name: `just NAME`. CI runs the same by .ci/run, which also installs what they need.

# The local suite.
test *ARGS:
    cargo test {{ARGS}}

# What the formatter and the lints say.
lint:
    bash .ci/run format lints

# Misspelt words.
spelling:
    bash .ci/run spelling

# Licences, versions and sources of the dependencies.
dependencies:
    bash .ci/run cargo-deny dependencies

# Known faults of the dependencies, by RustSec's database, which is fetched from GitHub.
advisories:
    bash .ci/run cargo-deny
    PATH="$PWD/.ci/work/cargo/bin:$PATH" cargo deny check advisories

# The oldest Rust that Cargo.toml declares.
oldest-rust:
    bash .ci/run oldest-rust

# Clients that nobody here wrote, against the local Cognito, offline.
conformance:
    bash .ci/run python-packages debian-packages conformance-poolform javascript-packages conformance-javascript rust-packages conformance-rust

# The fuzz targets, a minute each.
fuzz:
    bash .ci/run cargo-fuzz fuzz-terraform_reader fuzz-server_requests

# The figures of the README.
bench:
    cargo build --release
    python3 bench/run.py

# Reference pages and the module's variables, made anew from the rows.
docs:
    UPDATE=1 cargo test -p poolform-core --test reference
    UPDATE=1 cargo test -p poolform-provider --test pages
    UPDATE=1 cargo test -p poolform --test reference
