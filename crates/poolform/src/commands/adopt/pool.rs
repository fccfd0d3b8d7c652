//! `poolform adopt POOL_ID`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use poolform_apply::{look, observe_parts, parts};
use poolform_client::Settings;
use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::describe::{beyond, describe, expression, registered_key};
use poolform_core::kinds::{self, KINDS, Kind};
use poolform_core::plan::records;
use poolform_core::{Address, LISTS, Observed, Recorded, SINGLES, setting};
use poolform_language::VariableSource;
use serde_json::json;

use crate::cli::{AdoptArgs, PARALLELISM, RootArgs};
use crate::commands::plan;
use crate::connection::{self, Connection};
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};
use crate::workspace::Places;
use crate::world::World;

/// A pool with all its parts.
pub type Found = BTreeMap<Address, (Recorded, Observed)>;

/// Reads a pool with all its parts, writes the module call that declares it, remembers the ids, and shows what a plan
/// says then.
pub fn run(directory: &str, args: &AdoptArgs, id: &str) -> Result<Exit, Stop> {
    let name = &args.name;
    if is_declared(directory, args) {
        let found = {
            let connection = connect(directory, &args.root, id)?;
            read(&connection, name, id, args.planning.parallelism)?
        };
        take_over(directory, args, &found, BTreeMap::new())?;
        if !args.root.json {
            print_line!("\nmodule.{name} declares it. Nothing was changed in Cognito.");
        }
        return Ok(Exit::Fine);
    }
    let valid = name.starts_with(|each: char| each.is_ascii_alphabetic() || each == '_')
        && name.chars().all(|each| each.is_ascii_alphanumeric() || "_-".contains(each));
    if !valid {
        return Err(Stop::message(
            "Invalid name",
            format!("-as {name}: a module's name has letters, digits, hyphens and underscores."),
        ));
    }
    let file = Path::new(directory).join(format!("{name}.tf"));
    if file.exists() {
        return Err(Stop::message(
            "File exists",
            format!("{} is there already. Choose another name with -as.", file.display()),
        ));
    }
    let found = {
        let connection = connect(directory, &args.root, id)?;
        read(&connection, name, id, args.planning.parallelism)?
    };
    let (text, secrets) = write(name, id, &found, !has_configuration(directory));
    std::fs::write(&file, text)
        .map_err(|error| Stop::message("File not written", format!("{}: {error}.", file.display())))?;
    let adopted = take_over(directory, args, &found, secrets);
    if adopted.is_err() {
        // Nothing was adopted, so nothing stays behind.
        let _ = std::fs::remove_file(&file);
    }
    adopted?;
    if !args.root.json {
        print_line!("\nThe declaration is in {}. Nothing was changed in Cognito.", file.display());
    }
    Ok(Exit::Fine)
}

/// Whether the files have the call already that the pool is to be adopted as.
fn is_declared(directory: &str, args: &AdoptArgs) -> bool {
    let address = format!("module.{}", args.name);
    has_configuration(directory)
        && Root::read(directory, &args.root).is_ok_and(|root| root.calls.iter().any(|call| call.address == address))
}

/// A pool that is there, with all its parts, at the addresses that a call `module.pool` would give them.
pub fn found(directory: &str, args: &RootArgs, id: &str) -> Result<Found, Stop> {
    let connection = connect(directory, args, id)?;
    read(&connection, "pool", id, PARALLELISM)
}

fn connect(directory: &str, args: &RootArgs, id: &str) -> Result<Connection, Stop> {
    let Some((region, _)) = id.split_once('_') else {
        return Err(Stop::message("No pool id", format!("{id} is no pool id such as eu-west-1_AbCdEfGhI.")));
    };
    if args.local {
        return connection::routed(connection::local(&Places::new(directory, true), &[region.to_owned()])?, &[])
            .logged(BTreeSet::new());
    }
    let settings = Settings { region: Some(region.to_owned()), ..Settings::default() };
    connection::remote(&settings)?.0.logged(BTreeSet::new())
}

fn read(connection: &Connection, name: &str, id: &str, parallelism: usize) -> Result<Found, Stop> {
    let call = format!("module.{name}");
    let cognito = &*connection.cognito;
    let identity = BTreeMap::from([("UserPoolId".to_owned(), id.to_owned())]);
    let pool = look(cognito, &call, kinds::pool(), &identity)?;
    let Some(pool) = pool else {
        return Err(Stop::message("No such pool", format!("There is no user pool {id} in {}.", connection.region())));
    };
    // Addresses of clients depend on their names, which a look gives.
    let listed = parts(cognito, &call, &pool, parallelism)?;
    let mut found = Found::new();
    found.insert(
        call.clone(),
        (Recorded { kind: kinds::pool().name.to_owned(), identity, ..Recorded::default() }, pool),
    );
    for ((kind, identity), observed) in observe_parts(cognito, &call, listed, parallelism)? {
        let key = registered_key(kind, &observed);
        let address = kind.address(&call, &key);
        if found.contains_key(&address) {
            return Err(Stop::message(
                "Two parts of one name",
                format!(
                    "Two of {id} would be {address}, which the module cannot tell apart. Rename or remove one of them first."
                ),
            ));
        }
        let recorded = Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() };
        found.insert(address, (recorded, observed));
    }
    Ok(found)
}

/// Whether the directory has a root module already.
fn has_configuration(directory: &str) -> bool {
    std::fs::read_dir(directory).into_iter().flatten().flatten().any(|entry| {
        let path: PathBuf = entry.path();
        let name = path.to_string_lossy().into_owned();
        name.ends_with(".tf") || name.ends_with(".tf.json")
    })
}

/// The file, and the values of the variables that it declares for secrets.
fn write(name: &str, id: &str, found: &Found, with_provider: bool) -> (String, BTreeMap<String, String>) {
    let mut text = format!("# The user pool {id} as it was found.\n\n");
    if with_provider {
        let region = id.split('_').next().unwrap_or_default();
        let _ = write!(text, "provider \"aws\" {{\n  region = {}\n}}\n\n", expression(&json!(region), 0));
    }
    let mut secrets = BTreeMap::new();
    let mut arguments: Vec<(String, String)> = Vec::new();
    let mut left: Vec<String> = Vec::new();
    let of_kind = |kind: &'static Kind| found.values().filter(move |(recorded, _)| recorded.kind == kind.name);
    for kind in SINGLES.iter().copied() {
        for (_, observed) in of_kind(kind) {
            arguments.extend(
                describe(kind, observed).iter().map(|(name, value)| ((*name).to_owned(), expression(value, 1))),
            );
            left.extend(beyond(kind, observed).iter().map(|(path, value)| format!("{path} = {value}")));
        }
    }
    // Clients last, which name the others.
    let mut lists: Vec<&(Argument, &Kind)> = LISTS.iter().collect();
    lists.sort_by_key(|(_, kind)| KINDS.iter().position(|each| each.name == kind.name));
    for (list, kind) in lists.into_iter().map(|(list, kind)| (list.name, *kind)) {
        let mut items = Vec::new();
        for (_, observed) in of_kind(kind) {
            items.push(item(kind, observed, &mut secrets));
            let called = setting::get(&observed.settings, kind.name_setting()).as_str().unwrap_or_default();
            left.extend(
                beyond(kind, observed).iter().map(|(path, value)| format!("{} {called}: {path} = {value}", kind.noun)),
            );
        }
        if !items.is_empty() {
            let lines: String = items.iter().map(|item| format!("    {item},\n")).collect();
            arguments.push((list.to_owned(), format!("[\n{lines}  ]")));
        }
    }
    for variable in secrets.keys() {
        let _ = write!(text, "variable \"{variable}\" {{\n  type      = string\n  sensitive = true\n}}\n\n");
    }
    let _ = write!(
        text,
        "module \"{name}\" {{\n  source  = \"mineiros-io/cognito-user-pool/aws\"\n  version = \"~> 0.9.0\"\n\n"
    );
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in &arguments {
        let _ = writeln!(text, "  {name:width$} = {value}");
    }
    if !left.is_empty() {
        text.push_str("\n  # The module has no argument for these; they stay as they are:\n");
        for line in &left {
            let _ = writeln!(text, "  #   {line}");
        }
    }
    text.push_str("}\n");
    (text, secrets)
}

/// One element of a list. Secrets become variables, what Cognito derives is left out.
fn item(kind: &'static Kind, observed: &Observed, secrets: &mut BTreeMap<String, String>) -> String {
    let called = setting::get(&observed.settings, kind.name_setting()).as_str().unwrap_or_default();
    let mut members: Vec<(&str, String)> = Vec::new();
    for (name, value) in describe(kind, observed) {
        let row = kind.arguments.iter().find(|row| row.name == name);
        let is_map = row.is_some_and(|row| matches!(row.kind, Type::Map));
        let Some(entries) = value.as_object().filter(|_| is_map && !kind.secret_keys.is_empty()) else {
            members.push((name, expression(&value, 3)));
            continue;
        };
        let path = row.map_or("", |row| row.api);
        let mut lines = String::new();
        for (key, value) in entries.iter().filter(|(key, _)| !kind.derives(&observed.settings, path, key)) {
            let value = if kind.secret_keys.contains(&key.as_str()) {
                let variable = format!("{}_{key}", variable_name(called));
                secrets.insert(variable.clone(), value.as_str().unwrap_or_default().to_owned());
                format!("var.{variable}")
            } else {
                expression(value, 4)
            };
            let _ = writeln!(lines, "        {} = {value}", expression(&json!(key), 0));
        }
        members.push((name, format!("{{\n{lines}      }}")));
    }
    let width = members.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines: String = members.iter().map(|(name, value)| format!("      {name:width$} = {value}\n")).collect();
    format!("{{\n{lines}    }}")
}

/// A name as a variable can have it.
fn variable_name(name: &str) -> String {
    name.to_lowercase().chars().map(|each| if each.is_ascii_alphanumeric() { each } else { '_' }).collect()
}

fn take_over(directory: &str, args: &AdoptArgs, found: &Found, secrets: BTreeMap<String, String>) -> Result<(), Stop> {
    let mut root_args = args.root.clone();
    root_args.variables.push(VariableSource::Environment(secrets));
    let mut root = Root::read(directory, &root_args)?;
    let mut world = World::open(&mut root, &root_args, &args.planning, Some("adopt"))?;
    let declared = records(&root.declarations);
    let mut adopted: BTreeMap<Address, Recorded> = BTreeMap::new();
    let mut left: Vec<&Address> = Vec::new();
    for (address, (recorded, _)) in found {
        let same = |other: &&Recorded| other.kind == recorded.kind && other.identity == recorded.identity;
        match (world.state.resources.get(address), world.state.resources.values().find(same)) {
            (Some(known), _) if same(&known) => continue,
            (Some(_), _) => {
                let detail =
                    format!("{address} is another one that is managed here. Adopt this one under another name.");
                return Err(Stop::message("Managed already", detail));
            }
            (None, Some(_)) => {
                let detail = format!("{address} is managed here already, under another address.");
                return Err(Stop::message("Managed already", detail));
            }
            // Taken over, what the files do not declare would be planned away.
            (None, None) if !declared.contains_key(address) => {
                left.push(address);
                continue;
            }
            (None, None) => {}
        }
        let mut recorded = recorded.clone();
        if let Some(record) = declared.get(address) {
            recorded.declared.clone_from(&record.declared);
            recorded.keys.clone_from(&record.keys);
        }
        adopted.insert(address.clone(), recorded);
    }
    if adopted.is_empty() {
        let detail = format!("Everything of module.{} that is declared is managed here already.", args.name);
        return Err(Stop::message("Nothing to adopt", detail));
    }
    world.adopt(&adopted, &args.planning)?;
    let plan = plan::make(&mut root, &mut world, &args.planning, false)?;
    world.keep()?;
    if args.root.json {
        let addresses: Vec<&String> = adopted.keys().collect();
        render::json::document("adopt", &[("adopted", json!(addresses)), ("plan", render::json::plan(&plan))])?;
        return Ok(());
    }
    print_warnings(&mut root);
    for address in adopted.keys() {
        print_line!("{address}: adopted");
    }
    for address in left {
        print_line!("{address}: not declared, and left alone");
    }
    print_line!();
    render::plan::print(&plan)?;
    Ok(())
}
