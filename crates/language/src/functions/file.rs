//! Functions of files and paths.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_value::{Content, Span, Type, Value};

use super::{Context, Failure, text};
use crate::files::{clean, shown};
use crate::scope::{Frame, Scope};
use crate::syntax::Expression;
use crate::syntax::native::Reader;

type Outcome = Result<Value, Failure>;

/// How deep directories are looked through by `fileset`, and how many there may be.
const DEEPEST: usize = 32;

/// Where a path leads: from the root module, as Terraform's own paths do.
fn place(context: &Context<'_, '_>, path: &str) -> PathBuf {
    let expanded = expand(context, path);
    match context.scope.instance {
        Some(instance) => instance.evaluator.configuration.directory.join(expanded),
        None => PathBuf::from(expanded),
    }
}

fn expand(context: &Context<'_, '_>, path: &str) -> String {
    let home = context.scope.instance.and_then(|instance| instance.evaluator.inputs.home.as_ref());
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            format!("{}{rest}", home.to_string_lossy())
        }
        _ => path.to_owned(),
    }
}

/// The content of the file that the first argument names.
pub(super) fn bytes(context: &Context<'_, '_>, arguments: &[Value]) -> Result<Vec<u8>, Failure> {
    let given = text(arguments, 0);
    let Some(instance) = context.scope.instance else { return Failure::whole("no file can be read here") };
    let files = instance.evaluator.configuration.files;
    let path = place(context, given);
    if !files.is_file(&path) {
        let shown = if arguments[0].sensitive { "(sensitive value)".to_owned() } else { format!("{given:?}") };
        return Failure::argument(
            0,
            format!(
                "no file exists at {shown}; this function works only with files that are distributed as part of the \
                 configuration source code"
            ),
        );
    }
    let bytes =
        files.read(&path).or_else(|error| Failure::argument(0, format!("failed to read {given:?}: {error}")))?;
    context.scope.meter.charge_text(bytes.len())?;
    Ok(bytes)
}

fn content(context: &Context<'_, '_>, arguments: &[Value]) -> Result<String, Failure> {
    String::from_utf8(bytes(context, arguments)?).or_else(|_| {
        Failure::argument(0, "contents of the file are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead")
    })
}

pub(super) fn file(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    content(context, arguments).map(Value::from)
}

pub(super) fn filebase64(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(STANDARD.encode(bytes(context, arguments)?).into())
}

pub(super) fn fileexists(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let files = context.scope.instance.map(|instance| instance.evaluator.configuration.files);
    Ok(files.is_some_and(|files| files.is_file(&place(context, text(arguments, 0)))).into())
}

pub(super) fn templatefile(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let template = content(context, arguments)?;
    let Some(instance) = context.scope.instance else { return Failure::whole("no file can be read here") };
    let name = shown(&clean(Path::new(text(arguments, 0))));
    let (file, template) = instance.evaluator.configuration.sources.add(&name, &template);
    let expression = Reader::new(&file, &template).template()?;
    filled(&expression, context, arguments)
}

/// The template that the first argument is.
pub(super) fn templatestring(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let nowhere = Span::new(&"<templatestring>".into(), 0, 0);
    let span = arguments[0].span.as_ref().unwrap_or(&nowhere);
    let expression = Reader::within(span, text(arguments, 0)).template()?;
    filled(&expression, context, arguments)
}

/// A template with the second argument's members as its names.
fn filled(expression: &Expression, context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let members = arguments[1].members();
    let members: Vec<(&String, &Value)> = members.into_iter().flatten().collect();
    // A chain of frames, each on the heap of the one vector.
    for (name, value) in &members {
        frames.push(Frame { name, value, next: None });
    }
    render(&frames, None, expression, context.scope).map(|value| Value { span: None, ..value })
}

/// Links the frames one by one, then evaluates.
fn render(frames: &[Frame<'_>], next: Option<&Frame<'_>>, expression: &Expression, scope: Scope<'_, '_>) -> Outcome {
    match frames.split_first() {
        Some((first, rest)) => render(rest, Some(&Frame { next, ..*first }), expression, scope),
        None => Ok(crate::evaluate::evaluate(expression, Scope { names: next, sealed: true, ..scope })?),
    }
}

pub(super) fn fileset(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let Some(instance) = context.scope.instance else { return Failure::whole("no file can be read here") };
    let files = instance.evaluator.configuration.files;
    let pattern = text(arguments, 1);
    let expression = glob(pattern).ok_or_else(|| Failure::Argument(1, format!("invalid pattern {pattern:?}")))?;
    let root = place(context, text(arguments, 0));
    let mut found = Vec::new();
    let mut queue = vec![(root, String::new(), 0)];
    while let Some((directory, prefix, depth)) = queue.pop() {
        let names = files.list(&directory).unwrap_or_default();
        context.scope.meter.charge(names.len() as u64 + 1)?;
        for name in names {
            let path = directory.join(&name);
            let relative = format!("{prefix}{name}");
            if files.is_file(&path) {
                if expression.is_match(&relative) {
                    found.push(Value::from(relative));
                }
            } else if depth < DEEPEST {
                queue.push((path, format!("{relative}/"), depth + 1));
            }
        }
    }
    let set = Value::tuple(found);
    poolform_value::convert(&set, &Type::Set(Box::new(Type::String))).map_err(|error| Failure::Whole(error.message))
}

/// A glob as a regular expression: `*`, `**`, `?`, `[…]`, `{a,b}`.
fn glob(pattern: &str) -> Option<regex::Regex> {
    let mut expression = "^".to_owned();
    let mut rest = pattern.chars().peekable();
    let mut braces = 0;
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                if rest.peek() == Some(&'/') {
                    rest.next();
                    expression.push_str("(?:.*/)?");
                } else {
                    expression.push_str(".*");
                }
            }
            '*' => expression.push_str("[^/]*"),
            '?' => expression.push_str("[^/]"),
            '{' => {
                braces += 1;
                expression.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                expression.push(')');
            }
            ',' if braces > 0 => expression.push('|'),
            '[' => {
                expression.push('[');
                if matches!(rest.peek(), Some('!' | '^')) {
                    rest.next();
                    expression.push('^');
                }
                for inner in rest.by_ref() {
                    if inner == ']' {
                        break;
                    }
                    if inner == '-' {
                        expression.push('-');
                    } else {
                        expression.push_str(&regex::escape(&inner.to_string()));
                    }
                }
                expression.push(']');
            }
            other => expression.push_str(&regex::escape(&other.to_string())),
        }
    }
    expression.push('$');
    regex::Regex::new(&expression).ok()
}

pub(super) fn pathexpand(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(expand(context, text(arguments, 0)).into())
}

pub(super) fn abspath(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut path = match context.scope.instance {
        Some(instance) => instance.evaluator.inputs.working_directory.clone(),
        None => PathBuf::from("/"),
    };
    for component in Path::new(text(arguments, 0)).components() {
        match component {
            Component::RootDir => path = PathBuf::from("/"),
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir | Component::Prefix(_) => {}
            Component::Normal(name) => path.push(name),
        }
    }
    Ok(Content::String(shown(&path)).into())
}

pub(super) fn basename(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let given = text(arguments, 0);
    let trimmed = given.trim_end_matches('/');
    Ok(match (given, trimmed) {
        ("", _) => ".",
        (_, "") => "/",
        _ => trimmed.rsplit('/').next().unwrap_or_default(),
    }
    .into())
}

pub(super) fn dirname(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let given = text(arguments, 0);
    let directory = given.rfind('/').map_or("", |at| &given[..=at]);
    let cleaned = shown(&clean(Path::new(directory)));
    Ok(cleaned.into())
}
