//! Data sources over Cognito. What one names is a resource of the root, whose attributes it has, or is asked of Cognito.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use poolform_apply::{LookError, called, listed, look, signing_certificate};
use poolform_core::kinds::{self, Kind};
use poolform_core::plan::within;
use poolform_core::terraform::kind_of_type;
use poolform_core::terraform::resources::{attributes_of_another, pool_of_reference};
use poolform_core::terraform::schema::POOL_ID;
use poolform_core::{Address, Endpoints};
use poolform_language::{AttributeSchema, BlockSchema, Known, ResourceInstance};
use poolform_model::Cognito;
use poolform_value::{Content, Diagnostic, Diagnostics, Type, Value, from_json};

use crate::resources::Foretold;
use crate::root::Root;

/// A type of data source.
struct Row {
    ty: &'static str,
    /// The resource type of what it finds; empty where it is something that Cognito alone has.
    of: &'static str,
    /// Its arguments, each with the attribute of what it finds that it names.
    arguments: &'static [(&'static str, &'static str)],
    /// What it shows.
    shows: Shows,
}

/// What a data source shows of what it finds.
enum Shows {
    /// All attributes of the one that there is.
    One,
    /// Lists: the name of each, the attribute that is in it, and the member of an entry of Cognito's list that has it.
    Lists(&'static [(&'static str, &'static str, &'static str)]),
    /// A list of objects: its name; the attributes in each, as above.
    Records(&'static str, &'static [(&'static str, &'static str, &'static str)]),
    /// A text that Cognito has of a pool.
    Certificate(&'static str),
}

/// Every data source over user pools that the AWS provider has.
const ROWS: &[Row] = &[
    Row { ty: "aws_cognito_user_pool", of: "aws_cognito_user_pool", arguments: &[(POOL_ID, "id")], shows: Shows::One },
    Row {
        ty: "aws_cognito_user_pools",
        of: "aws_cognito_user_pool",
        arguments: &[("name", "name")],
        shows: Shows::Lists(&[("ids", "id", ""), ("arns", "arn", "")]),
    },
    Row {
        ty: "aws_cognito_user_pool_client",
        of: "aws_cognito_user_pool_client",
        arguments: &[(POOL_ID, POOL_ID), ("client_id", "id")],
        shows: Shows::One,
    },
    Row {
        ty: "aws_cognito_user_pool_clients",
        of: "aws_cognito_user_pool_client",
        arguments: &[(POOL_ID, POOL_ID)],
        shows: Shows::Lists(&[("client_ids", "id", "ClientId"), ("client_names", "name", "ClientName")]),
    },
    Row {
        ty: "aws_cognito_user_group",
        of: "aws_cognito_user_group",
        arguments: &[(POOL_ID, POOL_ID), ("name", "name")],
        shows: Shows::One,
    },
    Row {
        ty: "aws_cognito_user_groups",
        of: "aws_cognito_user_group",
        arguments: &[(POOL_ID, POOL_ID)],
        shows: Shows::Records(
            "groups",
            &[
                ("group_name", "name", "GroupName"),
                ("description", "description", "Description"),
                ("precedence", "precedence", "Precedence"),
                ("role_arn", "role_arn", "RoleArn"),
            ],
        ),
    },
    Row {
        ty: "aws_cognito_user_pool_signing_certificate",
        of: "",
        arguments: &[(POOL_ID, "id")],
        shows: Shows::Certificate("certificate"),
    },
];

static SCHEMAS: LazyLock<BTreeMap<&'static str, BlockSchema>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.ty, schema_of(row))).collect());

/// What a `data` block of a type contains; None for types that are not over user pools.
pub fn schema(ty: &str) -> Option<&'static BlockSchema> {
    SCHEMAS.get(ty)
}

fn computed(ty: Type, sensitive: bool) -> AttributeSchema {
    AttributeSchema { ty, required: false, optional: false, computed: true, sensitive }
}

fn schema_of(row: &Row) -> BlockSchema {
    let texts = || Type::List(Box::new(Type::String));
    let mut schema = BlockSchema::default();
    let mut add = |name: &str, attribute| schema.attributes.insert(name.to_owned(), attribute);
    match &row.shows {
        Shows::One => {
            let of = crate::resources::schema(row.of);
            for (name, attribute) in of.iter().flat_map(|of| &of.attributes) {
                add(name, computed(attribute.ty.clone(), attribute.sensitive));
            }
            // Nobody writes a block here: each is a list that Cognito tells.
            for name in of.iter().flat_map(|of| of.blocks.keys()) {
                add(name, computed(Type::List(Box::new(Type::Any)), false));
            }
        }
        Shows::Lists(lists) => lists.iter().for_each(|(name, ..)| drop(add(name, computed(texts(), false)))),
        Shows::Records(name, _) => drop(add(name, computed(Type::List(Box::new(Type::Any)), false))),
        Shows::Certificate(name) => drop(add(name, computed(Type::String, false))),
    }
    add("id", computed(Type::String, false));
    add("region", AttributeSchema { optional: true, ..computed(Type::String, false) });
    for (name, _) in row.arguments {
        add(name, AttributeSchema { required: true, computed: false, ..computed(Type::String, false) });
    }
    schema
}

/// Something to ask Cognito.
struct Ask {
    address: Address,
    row: &'static Row,
    /// What its arguments are.
    arguments: Vec<String>,
}

/// The data sources of a root, as far as they are worked out.
#[derive(Default)]
pub struct DataSources {
    /// Every instance.
    pub instances: Vec<ResourceInstance>,
    /// What is known of each; what an apply will tell is unknown by the name of what tells it.
    pub values: BTreeMap<Address, Value>,
    /// Those whose arguments an apply will tell: all that is known of them is what tells it.
    waiting: BTreeSet<Address>,
    /// Those of which Cognito has nothing.
    pub absent: BTreeSet<Address>,
    /// What Cognito has not been asked yet.
    asks: Vec<Ask>,
    /// What it has answered, by address and arguments.
    answers: BTreeMap<(Address, Vec<String>), Option<Value>>,
}

impl DataSources {
    /// What Cognito said may be another thing by now.
    pub fn forget(&mut self) {
        self.answers.clear();
    }

    /// What is known of each with what is known by now of `resources`.
    pub fn filled(&self, resources: &BTreeMap<Address, Value>) -> Vec<(Address, Value)> {
        let fill = |(address, value): (&Address, &Value)| {
            let waits = self.waiting.contains(address);
            (address.clone(), if waits { value.clone() } else { filled(value, resources) })
        };
        self.values.iter().map(fill).collect()
    }

    /// Whether there is one at this address.
    pub fn has(&self, address: &str) -> bool {
        self.instances.iter().any(|instance| instance.address == address)
    }

    /// Whether Cognito will be asked for the data source that a reference begins with.
    pub fn will_ask(&self, reference: &str) -> bool {
        self.asks.iter().any(|ask| within(reference, &ask.address))
    }
}

/// What an instance of the root says of its attribute: what is written, what is known of it, or that it will be known.
fn attribute(instance: &ResourceInstance, name: &str, known: &dyn Known) -> Value {
    if let Some(written) = instance.body.members().and_then(|members| members.get(name)) {
        return written.clone();
    }
    let answered = known.resource(&instance.address);
    match answered.as_ref().and_then(Value::members).map(|members| members.get(name)) {
        Some(Some(value)) => value.clone(),
        // What follows from a declaration alone is not all there is.
        _ => Value::unknown(&format!("{}.{name}", instance.address), None),
    }
}

impl Root {
    /// Works the data sources out, as far as they can be: one may be an argument of another, whose value is that of the last
    /// time. What is wrong with them, and what Cognito does not have.
    pub(crate) fn resolve_data(&mut self, known: &dyn Known, foretold: &BTreeMap<Address, Value>) -> Diagnostics {
        let earlier = std::mem::take(&mut self.data);
        let known = &Foretold { known, attributes: foretold, data: &earlier };
        let (instances, mut found) = self.configuration().data_instances(&|ty| SCHEMAS.contains_key(ty), known);
        self.data.answers.clone_from(&earlier.answers);
        for instance in &instances {
            let Some(row) = ROWS.iter().find(|row| row.ty == instance.resource_type) else { continue };
            if self.configuration().gives(&instance.address) {
                continue;
            }
            match self.resolved(row, instance, known) {
                Resolved::Value(value) => drop(self.data.values.insert(instance.address.clone(), value)),
                Resolved::Waits(value) => {
                    self.data.waiting.insert(instance.address.clone());
                    self.data.values.insert(instance.address.clone(), value);
                }
                Resolved::Unsaid => {}
                Resolved::Ask(arguments) => {
                    let asked = (instance.address.clone(), arguments);
                    match self.data.answers.get(&asked) {
                        Some(Some(value)) => {
                            self.data.values.insert(asked.0, value.clone());
                        }
                        Some(None) => {
                            found.push(self.nothing_there(row, instance, &asked.1));
                            self.data.absent.insert(asked.0);
                        }
                        None => self.data.asks.push(Ask { address: asked.0, row, arguments: asked.1 }),
                    }
                }
            }
        }
        self.data.instances = instances;
        found
    }

    fn resolved(&self, row: &'static Row, instance: &ResourceInstance, known: &dyn Known) -> Resolved {
        let argument = |name: &str| instance.body.members().and_then(|members| members.get(name));
        let given: Option<Vec<(&Value, &str)>> =
            row.arguments.iter().map(|(name, of)| Some((argument(name)?, *of))).collect();
        let Some(given) = given else { return Resolved::Unsaid };
        let is_meant = |candidate: &&ResourceInstance| {
            let kind = kind_of_type(&candidate.resource_type);
            candidate.resource_type == row.of
                && given.iter().all(|(value, of)| self.names(value, candidate, kind, of, known))
        };
        let here: Vec<&ResourceInstance> = self.resources.iter().filter(is_meant).collect();
        let lists = |all: &'static [(&str, &str, &str)]| {
            let list = |(name, of, _): &(&'static str, &str, &str)| {
                (*name, Value::tuple(here.iter().map(|each| attribute(each, of, known)).collect()))
            };
            Value::object(all.iter().map(list).chain([("id", given[0].0.clone())]))
        };
        // A pool of the root has the parts that the root declares.
        let of_pool = given.iter().find(|(_, of)| *of == POOL_ID);
        let is_here = of_pool.map_or(!here.is_empty(), |(value, _)| self.pool_here(value));
        match (&row.shows, here.as_slice()) {
            (Shows::One, [only]) => {
                let names = SCHEMAS[row.ty].attributes.keys();
                let members = names.map(|name| (name.as_str(), attribute(only, name, known)));
                return Resolved::Value(Value::object(members));
            }
            (Shows::Lists(all), _) if is_here => return Resolved::Value(lists(all)),
            (Shows::Records(name, all), _) if is_here => {
                let record = |each: &&ResourceInstance| {
                    let member = |(name, of, _): &(&'static str, &str, &str)| (*name, attribute(each, of, known));
                    Value::object(all.iter().map(member))
                };
                let records = Value::tuple(here.iter().map(record).collect());
                return Resolved::Value(Value::object([(*name, records), ("id", given[0].0.clone())]));
            }
            _ => {}
        }
        match given.iter().map(|(value, _)| value.as_str().map(str::to_owned)).collect() {
            Some(arguments) => Resolved::Ask(arguments),
            // Whatever tells the argument tells this.
            None => {
                let unknown = given.iter().find_map(|(value, _)| value.first_unknown()).cloned();
                let unknown = unknown.filter(|value| matches!(value.content, Content::Unknown(_, Some(_))));
                unknown.map_or(Resolved::Unsaid, |unknown| {
                    let names = SCHEMAS[row.ty].attributes.iter().filter(|(_, attribute)| attribute.computed);
                    Resolved::Waits(Value::object(names.map(|(name, _)| (name.as_str(), unknown.clone()))))
                })
            }
        }
    }

    /// Whether `value`, of an argument that is the attribute `of` of what is found, names `candidate`.
    fn names(
        &self,
        value: &Value,
        candidate: &ResourceInstance,
        kind: Option<&Kind>,
        of: &str,
        known: &dyn Known,
    ) -> bool {
        if of == POOL_ID {
            let written = candidate.body.members().and_then(|members| members.get(POOL_ID));
            return written.is_some_and(|written| self.same_pool(value, written));
        }
        let is = attribute(candidate, of, known);
        match (&value.content, &is.content) {
            (Content::String(one), Content::String(other)) => one == other,
            (Content::String(id), _) if kind.is_some_and(Kind::is_pool) => {
                self.pools.get(id).is_some_and(|address| *address == candidate.address)
            }
            (Content::Unknown(_, Some(one)), Content::Unknown(_, Some(other))) => one.reference == other.reference,
            _ => false,
        }
    }

    /// Whether the id of a pool is that of a resource of the root.
    fn pool_here(&self, id: &Value) -> bool {
        let address = match &id.content {
            Content::String(id) => self.pools.get(id).map(String::as_str),
            Content::Unknown(_, Some(origin)) => pool_of_reference(&origin.reference),
            _ => None,
        };
        address.is_some_and(|address| self.is_resource(address))
    }

    fn same_pool(&self, one: &Value, other: &Value) -> bool {
        let id_of = |value: &Value| match &value.content {
            Content::String(id) => {
                Some(self.pools.get(id).map_or_else(|| id.clone(), |address| format!("{address}.id")))
            }
            Content::Unknown(_, Some(origin)) => {
                let pool = pool_of_reference(&origin.reference);
                Some(pool.map_or_else(|| origin.reference.clone(), |pool| format!("{pool}.id")))
            }
            _ => None,
        };
        id_of(one).is_some_and(|one| Some(one) == id_of(other))
    }

    fn nothing_there(&self, row: &Row, instance: &ResourceInstance, arguments: &[String]) -> Diagnostic {
        let names: Vec<String> =
            row.arguments.iter().zip(arguments).map(|((name, _), value)| format!("{name} \"{value}\"")).collect();
        let who = if self.is_local() { "the embedded Cognito" } else { "Cognito" };
        let nobody = if row.of.is_empty() { "" } else { "no resource of this root has, and " };
        let either = if row.of.is_empty() { "" } else { " either" };
        let detail = format!(
            "{} names what has {}: {nobody}{who} has nothing of it{either}.",
            instance.address,
            names.join(" and "),
        );
        let given = format!("-set '{}.{}=…'", instance.address, row.tells());
        let (summary, place) = ("Data source that finds nothing", Some(&instance.span));
        if self.is_local() {
            let detail = format!("{detail} Stand-ins take its place. To give what it would find: {given}.");
            Diagnostic::warning(summary, detail).at(place)
        } else {
            Diagnostic::error(summary, format!("{detail} Declare or make it, or give what it would find: {given}."))
                .at(place)
        }
    }
}

impl Row {
    /// The attribute that people look for most.
    fn tells(&self) -> &'static str {
        match &self.shows {
            Shows::One => "id",
            Shows::Lists(lists) => lists.first().map_or("id", |(name, ..)| name),
            Shows::Records(name, _) | Shows::Certificate(name) => name,
        }
    }
}

/// How far a data source can be worked out from the files.
enum Resolved {
    /// This is what it is worth.
    Value(Value),
    /// The same, and all of it is unknown by what tells its arguments.
    Waits(Value),
    /// Cognito is to be asked, by these arguments.
    Ask(Vec<String>),
    /// What is written of it is wrong, and has been reported.
    Unsaid,
}

/// Asks Cognito what data sources name that is not in the root. Whether there was anything to ask.
pub fn ask(root: &mut Root, cognito: &dyn Cognito, endpoints: &Endpoints<'_>) -> Result<bool, LookError> {
    let asks = std::mem::take(&mut root.data.asks);
    for ask in &asks {
        let answer = match answered(ask, cognito, endpoints) {
            // What is no id names nothing.
            Err(error) if error.failure.code() == Some("InvalidParameterException") => None,
            answer => answer?,
        };
        root.data.answers.insert((ask.address.clone(), ask.arguments.clone()), answer);
    }
    Ok(!asks.is_empty())
}

fn answered(ask: &Ask, cognito: &dyn Cognito, endpoints: &Endpoints<'_>) -> Result<Option<Value>, LookError> {
    let Ask { address, row, arguments } = ask;
    let first = &arguments[0];
    let id = || ("id", Value::from(first.as_str()));
    let Some(kind) = kind_of_type(row.of) else {
        let certificate = signing_certificate(cognito, address, first)?;
        return Ok(certificate.map(|certificate| Value::object([(row.tells(), certificate.into()), id()])));
    };
    let one = |identity: &[String]| {
        let members = kind.identity.iter().map(|(member, _)| (*member).to_owned());
        let seen = look(cognito, address, kind, &members.zip(identity.iter().cloned()).collect())?;
        Ok::<_, LookError>(seen.map(|seen| attributes_of_another(kind, &seen, endpoints)))
    };
    let lists = |all: &[(&'static str, &str, &str)], entries: &[Value]| {
        let of = |name: &str| entries.iter().map(|entry| member(entry, name)).collect();
        Value::object(all.iter().map(|(name, attribute, member)| {
            (*name, Value::tuple(of(if member.is_empty() { attribute } else { member })))
        }))
    };
    Ok(match &row.shows {
        Shows::One => one(arguments)?,
        Shows::Lists(all) if kind.is_pool() => {
            let ids = called(cognito, address, kinds::pool(), first)?;
            let pools: Vec<Value> =
                ids.iter().filter_map(|id| one(std::slice::from_ref(id)).transpose()).collect::<Result<_, _>>()?;
            (!pools.is_empty()).then(|| with(lists(all, &pools), id()))
        }
        Shows::Lists(all) => listed(cognito, address, kind, first)?.map(|entries| {
            let entries: Vec<Value> = entries.iter().map(from_json).collect();
            with(lists(all, &entries), id())
        }),
        Shows::Records(name, all) => listed(cognito, address, kind, first)?.map(|entries| {
            let record = |entry: &Value| Value::object(all.iter().map(|(name, _, of)| (*name, member(entry, of))));
            let records = entries.iter().map(|entry| record(&from_json(entry))).collect();
            Value::object([(*name, Value::tuple(records)), id()])
        }),
        Shows::Certificate(_) => None,
    })
}

fn member(entry: &Value, name: &str) -> Value {
    entry.members().and_then(|members| members.get(name)).cloned().unwrap_or_else(Value::null)
}

fn with(mut object: Value, (name, value): (&str, Value)) -> Value {
    if let Content::Object(members) = &mut object.content {
        members.insert(name.to_owned(), value);
    }
    object
}

/// `value` with what is known by now of the resources that it waits for.
fn filled(value: &Value, resources: &BTreeMap<Address, Value>) -> Value {
    let content = match &value.content {
        Content::Unknown(_, Some(origin)) => {
            let of = origin.reference.rsplit_once('.');
            let known = of.and_then(|(address, name)| resources.get(address)?.members()?.get(name));
            return known.map_or_else(|| value.clone(), |known| known.clone().marked(value.sensitive));
        }
        Content::Tuple(items) => Content::Tuple(items.iter().map(|item| filled(item, resources)).collect()),
        Content::Object(members) => {
            Content::Object(members.iter().map(|(name, member)| (name.clone(), filled(member, resources))).collect())
        }
        other => other.clone(),
    };
    Value { content, ..value.clone() }
}
