//! The Lambda functions of a root, as far as they can be run here: from the source folder that their package is made of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use poolform_lambda::{Function, Functions};
use poolform_language::{Configuration, Known, WrittenResource};
use poolform_value::{Value, to_json};

use crate::stop::Stop;

/// Lambda's own defaults (CreateFunction API page): seconds, and megabytes.
const TIMEOUT: f64 = 3.0;
const MEMORY: f64 = 128.0;

/// Starts what runs functions; their lines are printed.
pub fn start() -> Result<Arc<Functions>, Stop> {
    let functions = Functions::start(|line| {
        let id = line.request.get(..8).unwrap_or("starts");
        say!("[{} {id}] {}", line.function, line.text);
    });
    let failed = |error: std::io::Error| Stop::message("Functions not run", format!("no port for them: {error}."));
    functions.map(Arc::new).map_err(failed)
}

/// The endings of the files that a handler may be in, and the runtime of each.
const RUNTIMES: &[(&str, &str)] =
    &[(".js", "nodejs"), (".mjs", "nodejs"), (".cjs", "nodejs"), (".ts", "nodejs"), (".py", "python3")];

/// The function that `-trigger NAME=FOLDER#HANDLER` means: its runtime by the file that the handler is in, or by a program
/// called bootstrap.
pub fn by_hand(name: &str, folder: &str, handler: &str) -> Result<Function, String> {
    let path = PathBuf::from(folder);
    if !path.is_dir() {
        return Err(format!("{folder} is no folder here"));
    }
    // Python's file is all before the last dot; Node's all before the first one of the last part (Lambda's documentation).
    let start = handler.rfind('/').map_or(0, |slash| slash + 1);
    let file = |ending: &str| {
        let end = if ending == ".py" { handler.rfind('.') } else { handler[start..].find('.').map(|dot| start + dot) };
        end.is_some_and(|end| path.join(format!("{}{ending}", &handler[..end])).is_file())
    };
    let runtime = RUNTIMES.iter().find(|(ending, _)| file(ending)).map(|(_, runtime)| *runtime);
    let runtime = runtime.or_else(|| path.join("bootstrap").is_file().then_some("provided"));
    let Some(runtime) = runtime else {
        return Err(format!(
            "{folder} has no file that {handler} may be in ({}), and no program bootstrap",
            RUNTIMES.iter().map(|(ending, _)| *ending).collect::<Vec<_>>().join(", ")
        ));
    };
    Ok(Function {
        name: name.to_owned(),
        arn: format!("arn:aws:lambda:us-east-1:{}:function:{name}", poolform_emulator::Options::default().account),
        runtime: runtime.to_owned(),
        handler: handler.to_owned(),
        folder: path,
        environment: BTreeMap::new(),
        timeout: Duration::from_secs_f64(TIMEOUT),
        memory: 128,
    })
}

/// What is there to run, and what is not, and why.
#[derive(Debug, Default)]
pub struct Found {
    /// Functions with their code.
    pub functions: Vec<Function>,
    /// Addresses of functions that cannot be run here, each with the reason.
    pub left_out: Vec<(String, String)>,
}

fn member<'v>(body: &'v Value, name: &str) -> Option<&'v Value> {
    body.members()?.get(name).filter(|value| !value.is_null() && !value.is_unknown())
}

fn text(body: &Value, name: &str) -> Option<String> {
    member(body, name)?.as_str().map(str::to_owned)
}

fn number(body: &Value, name: &str) -> Option<f64> {
    match to_json(member(body, name)?)? {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

/// The functions of a root and its modules. `arn` makes the ARN of one by its name and its region, where that is known.
pub fn of_root(
    configuration: &Configuration<'_>,
    known: &dyn Known,
    directory: &Path,
    arn: &dyn Fn(&str, Option<&str>) -> String,
) -> Found {
    let wanted = |mode: &str, ty: &str| match mode {
        "resource" => ty == "aws_lambda_function" || ty == "archive_file",
        _ => ty == "archive_file",
    };
    let written = configuration.written(&wanted, known);
    let (functions, archives): (Vec<_>, Vec<_>) =
        written.iter().partition(|each| each.resource_type == "aws_lambda_function");
    let mut found = Found::default();
    for each in functions {
        match function(each, &archives, directory, arn) {
            Ok(function) => found.functions.push(function),
            Err(reason) => found.left_out.push((each.address.clone(), reason)),
        }
    }
    found
}

fn function(
    each: &WrittenResource,
    archives: &[&WrittenResource],
    directory: &Path,
    arn: &dyn Fn(&str, Option<&str>) -> String,
) -> Result<Function, String> {
    let body = &each.body;
    let Some(name) = text(body, "function_name") else { return Err("its function_name is not known here".to_owned()) };
    let runtime = text(body, "runtime").ok_or_else(|| match text(body, "image_uri") {
        Some(_) => "its code is a container image".to_owned(),
        None => "its runtime is not known here".to_owned(),
    })?;
    let handler = text(body, "handler").unwrap_or_else(|| "bootstrap".to_owned());
    let folder = folder(body, archives, directory)?;
    let seconds = number(body, "timeout").unwrap_or(TIMEOUT).clamp(1.0, 900.0);
    let environment = member(body, "environment").and_then(Value::items).and_then(|blocks| blocks.first());
    let variables = environment.and_then(|block| member(block, "variables")).and_then(Value::members);
    let shown = |value: &Value| match to_json(value)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    };
    let environment: BTreeMap<String, String> = variables
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.first_unknown().is_none())
        .filter_map(|(name, value)| Some((name.clone(), shown(value)?)))
        .collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to Lambda's own bounds")]
    let memory = number(body, "memory_size").unwrap_or(MEMORY).clamp(128.0, 10_240.0) as u32;
    let arn = arn(&name, each.region.as_deref());
    Ok(Function { name, arn, runtime, handler, folder, environment, timeout: Duration::from_secs_f64(seconds), memory })
}

/// The folder that a function's package is made of: that of the archive, or beside a package that is there.
fn folder(body: &Value, archives: &[&WrittenResource], directory: &Path) -> Result<PathBuf, String> {
    let Some(package) = text(body, "filename") else {
        return Err("its package is not among these files; -trigger NAME=http://… calls it elsewhere".to_owned());
    };
    let archive = archives.iter().find(|archive| text(&archive.body, "output_path").as_deref() == Some(&package));
    if let Some(archive) = archive {
        let source = text(&archive.body, "source_dir").map(|folder| directory.join(folder));
        let file = text(&archive.body, "source_file").map(|file| directory.join(file));
        let folder = source.or_else(|| file.and_then(|file| file.parent().map(Path::to_path_buf)));
        let Some(folder) = folder else {
            return Err(format!("{} names no source_dir or source_file", archive.address));
        };
        return if folder.is_dir() { Ok(folder) } else { Err(format!("{} is no folder here", folder.display())) };
    }
    // `dist/pre-sign-up.zip` is mostly made of `dist/pre-sign-up`, by a build of one's own.
    let beside = directory.join(package.strip_suffix(".zip").unwrap_or(&package));
    if beside.is_dir() {
        return Ok(beside);
    }
    Err(format!(
        "no archive_file makes its package {package}, and there is no folder {} beside it",
        beside.strip_prefix(directory).unwrap_or(&beside).display()
    ))
}
