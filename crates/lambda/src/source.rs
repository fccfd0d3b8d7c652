//! What a function's process is made of: the program, what it is told, and when its files last changed.

use std::path::Path;
use std::process::Stdio;
use std::time::SystemTime;

use tokio::process::Command;

use crate::Function;

const NODE: &str = include_str!("bootstrap/node.mjs");
const PYTHON: &str = include_str!("bootstrap/python.py");

/// The command that runs a function, told where its runtime API is, and where Cognito is. Err with why there is none.
pub(crate) fn command(function: &Function, api: &str, endpoint: Option<&str>) -> Result<Command, String> {
    let runtime = function.runtime.as_str();
    let mut command = if runtime.starts_with("nodejs") {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "--eval", NODE]);
        node
    } else if runtime.starts_with("python") {
        let mut python = Command::new("python3");
        python.args(["-u", "-c", PYTHON]);
        python
    } else if runtime.starts_with("provided") {
        let program = function.folder.join("bootstrap");
        if !program.is_file() {
            return Err(format!("there is no program \"bootstrap\" in {}", function.folder.display()));
        }
        // From the function's folder, which is not where this was started.
        Command::new(std::fs::canonicalize(&program).unwrap_or(program))
    } else {
        return Err(format!(
            "functions of the runtime {runtime} are not run here; those of Node, Python and provided are"
        ));
    };
    let folder = std::fs::canonicalize(&function.folder).unwrap_or_else(|_| function.folder.clone());
    command
        .current_dir(&folder)
        // What the function does on AWS it does there by its role. Here it gets no key of whoever started this.
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_DEFAULT_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_REGION", function.region())
        .env("AWS_DEFAULT_REGION", function.region())
        .envs(endpoint.map(|address| ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", address)))
        .envs(&function.environment)
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory.to_string())
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "local")
        .env("AWS_EXECUTION_ENV", format!("AWS_Lambda_{runtime}"))
        .env("LAMBDA_TASK_ROOT", &folder)
        .env("_HANDLER", &function.handler)
        .env("TZ", ":UTC")
        // Closed when this ends, by which the process hears of it.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok(command)
}

/// The most files that are looked at for changes.
const FILES: usize = 2_000;

/// When anything in a folder was last changed, and how many files there are. What packages bring along is left out: it
/// changes by an installation, after which nobody wonders about a start.
pub(crate) fn stamp(folder: &Path) -> (Option<SystemTime>, usize) {
    let mut newest = None;
    let mut count = 0;
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Ok(about) = entry.metadata() else { continue };
            if about.is_dir() {
                let skipped = ["node_modules", "__pycache__"].iter().any(|each| name == *each);
                if !skipped && !name.to_string_lossy().starts_with('.') {
                    open.push(entry.path());
                }
            } else if count < FILES {
                count += 1;
                newest = newest.max(about.modified().ok());
            }
        }
    }
    (newest, count)
}
