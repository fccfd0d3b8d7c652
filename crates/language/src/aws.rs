//! The provider `aws` as configurations use it: which configuration a call has, and the three data sources that say
//! where one is.

use std::collections::BTreeMap;
use std::rc::Rc;

use poolform_value::{Diagnostics, Span, Value};

use crate::evaluate::evaluate;
use crate::instance::{Instance, Repetition};
use crate::module::{ModuleCall, reference};
use crate::scope::Scope;
use crate::syntax::{Block, Body, Expression, Kind, Step, error_at};

/// Who is asking AWS, and where; looked up only when an expression reaches it.
pub trait External: Sync {
    /// The region of the environment and configuration files, where the provider block names none.
    fn region(&self) -> Option<String>;
    /// The identity behind the credentials.
    fn caller_identity(&self) -> Option<CallerIdentity>;
    /// The partition, where it does not follow from the region's name.
    fn partition(&self) -> Option<String> {
        None
    }
}

/// What `aws_caller_identity` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Twelve digits.
    pub account_id: String,
    /// Of the user or role.
    pub arn: String,
    /// The unique identifier of the user or role.
    pub user_id: String,
}

/// An outside that knows nothing.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl External for Nowhere {
    fn region(&self) -> Option<String> {
        None
    }

    fn caller_identity(&self) -> Option<CallerIdentity> {
        None
    }
}

/// A provider configuration, evaluated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provider {
    /// The `provider` block; none when there is none.
    pub span: Option<Span>,
    /// Its arguments; nested blocks, like `assume_role {}`, are tuples of objects under their names.
    pub arguments: BTreeMap<String, Value>,
}

/// Blocks of the provider that JSON cannot tell from arguments.
const NESTED: &[&str] = &["assume_role", "assume_role_with_web_identity", "default_tags", "endpoints", "ignore_tags"];

/// A reference to a provider configuration: `aws`, `aws.alias`, or in OpenTofu `aws.alias[KEY]`, one of its instances.
#[derive(Debug)]
pub(crate) struct ProviderReference<'e> {
    pub name: String,
    pub key: Option<&'e Expression>,
}

impl<'e> ProviderReference<'e> {
    /// The reference that an expression is, in quotes or not.
    pub fn of(expression: &'e Expression) -> Option<Self> {
        if let Kind::Traversal(root, steps) = &expression.kind
            && let Some((Step::Index(key), names)) = steps.split_last()
            && let Kind::Name(local) = &root.kind
        {
            let name = |step: &Step| match step {
                Step::Attribute(name, _) => Some(name.clone()),
                _ => None,
            };
            let names: Option<Vec<String>> = names.iter().map(name).collect();
            let name = std::iter::once(local.clone()).chain(names?).collect::<Vec<_>>().join(".");
            return Some(ProviderReference { name, key: Some(key) });
        }
        reference(expression).map(|name| ProviderReference { name, key: None })
    }
}

/// A `provider` block, where it stands, and which of its instances is meant.
struct Configured<'e> {
    owner: Rc<Instance<'e>>,
    block: &'e Block,
    repetition: Repetition,
}

/// The configuration that a reference means in `instance`, in a block of which `repetition` is one.
fn configuration<'e>(
    instance: &Rc<Instance<'e>>,
    (name, key): (&str, Option<&Expression>),
    repetition: &Repetition,
    place: &Span,
) -> Result<Option<Configured<'e>>, Diagnostics> {
    let (local, alias) = match name.split_once('.') {
        Some((local, alias)) => (local, Some(alias)),
        None => (name, None),
    };
    let own = instance.module.provider(local, alias);
    let Some(caller) = &instance.caller else {
        return match own {
            Some(block) => one_of(instance, block, (name, key), repetition, place).map(Some),
            None if alias.is_none() => Ok(None),
            None => Err(undeclared(name, place)),
        };
    };
    let Some(outer) = caller.instance.upgrade() else { return Ok(None) };
    if let Some(given) = caller.call.provider(name) {
        return configuration(&outer, (&given.name, given.key), &caller.repetition, &caller.call.header);
    }
    match own {
        Some(block) => one_of(instance, block, (name, key), repetition, place).map(Some),
        None if alias.is_some() => Err(undeclared(name, place)),
        None => configuration(&outer, (name, None), &Repetition::Single, place),
    }
}

/// The instance of a `provider` block that a key names; the block itself where it has no `for_each`.
fn one_of<'e>(
    owner: &Rc<Instance<'e>>,
    block: &'e Block,
    (name, key): (&str, Option<&Expression>),
    repetition: &Repetition,
    place: &Span,
) -> Result<Configured<'e>, Diagnostics> {
    let of = |repetition: Repetition| Ok(Configured { owner: Rc::clone(owner), block, repetition });
    let repeats = block.body.attribute("for_each").is_some();
    let invalid = |place: &Span, detail: String| Err(error_at(place, "Invalid provider instance key", detail));
    let Some(key) = key else {
        if repeats {
            let detail = format!(
                "The provider configuration {name} has for_each, so that a reference must say which instance is meant: \
                 {name}[each.key]."
            );
            return invalid(place, detail);
        }
        return of(Repetition::Single);
    };
    if !repeats {
        let detail =
            format!("The provider configuration {name} has no for_each: refer to it as {name}, without a key.");
        return invalid(&key.span, detail);
    }
    let value = evaluate(key, owner.scope(repetition))?;
    let all = owner.repetitions(&format!("provider.{name}"), &block.body, &block.header)?;
    let found = all.iter().find(|each| match each {
        Repetition::Each(each, _) => value.as_str() == Some(each),
        _ => false,
    });
    match (found, value.as_str()) {
        (Some(found), _) => of(found.clone()),
        (None, Some(key_text)) => {
            let keys: Vec<String> = all.iter().map(Repetition::suffix).collect();
            let detail =
                format!("The provider configuration {name} has no instance \"{key_text}\", but {}.", keys.join(", "));
            invalid(&key.span, detail)
        }
        (None, None) => {
            let detail = "The key of a provider instance must be a text that is known before the apply.".to_owned();
            invalid(&key.span, detail)
        }
    }
}

fn undeclared(name: &str, place: &Span) -> Diagnostics {
    error_at(
        place,
        "Reference to undeclared provider",
        format!("There is no configuration of the provider {name} here: a provider block with that alias is missing."),
    )
}

/// The provider that an instance of `call` in `instance` uses.
pub(crate) fn provider_of(
    instance: &Rc<Instance<'_>>,
    call: &ModuleCall,
    repetition: &Repetition,
) -> Result<Provider, Diagnostics> {
    let given = call.provider("aws");
    let given = given.as_ref().map_or(("aws", None), |given| (given.name.as_str(), given.key));
    provider_named(instance, given, repetition, &call.header)
}

/// The provider that an instance of `resource` in `instance` uses: the one of its meta-argument, or the one that its type
/// begins with.
pub(crate) fn provider_of_resource(
    instance: &Rc<Instance<'_>>,
    resource: &Block,
    repetition: &Repetition,
) -> Result<Provider, Diagnostics> {
    let written = resource.body.attribute("provider");
    let own = resource.label(0).split('_').next().unwrap_or_default();
    match written {
        None => provider_named(instance, (own, None), repetition, &resource.header),
        Some(attribute) => {
            let span = &attribute.expression.span;
            let Some(given) = ProviderReference::of(&attribute.expression) else {
                let detail = "The provider argument requires a provider type name, optionally followed by a period and \
                              then a configuration alias.";
                return Err(error_at(span, "Invalid provider configuration reference", detail));
            };
            provider_named(instance, (&given.name, given.key), repetition, span)
        }
    }
}

fn provider_named(
    instance: &Rc<Instance<'_>>,
    given: (&str, Option<&Expression>),
    repetition: &Repetition,
    place: &Span,
) -> Result<Provider, Diagnostics> {
    match configuration(instance, given, repetition, place)? {
        None => Ok(Provider::default()),
        Some(Configured { owner, block, repetition }) => {
            let arguments = body(&block.body, owner.scope(&repetition), &["alias", "version", "for_each"], true)?;
            Ok(Provider { span: Some(block.header.clone()), arguments })
        }
    }
}

/// The arguments of a body that nobody here knows the schema of.
pub(crate) fn body(
    body: &Body,
    scope: Scope<'_, '_>,
    without: &[&str],
    top: bool,
) -> Result<BTreeMap<String, Value>, Diagnostics> {
    let mut arguments: BTreeMap<String, Value> = BTreeMap::new();
    let mut failed = Diagnostics::new();
    for attribute in &body.attributes {
        if without.contains(&attribute.name.as_str()) {
            continue;
        }
        match evaluate(&attribute.expression, scope) {
            Ok(mut value) => {
                if top && NESTED.contains(&attribute.name.as_str()) && value.members().is_some() {
                    value = Value::tuple(vec![value]).at(Some(attribute.expression.span.clone()));
                }
                value.name_span = Some(attribute.name_span.clone());
                arguments.insert(attribute.name.clone(), value);
            }
            Err(diagnostics) => failed.extend(diagnostics),
        }
    }
    let mut nested: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for block in &body.blocks {
        if block.kind == "dynamic" {
            failed.extend(error_at(
                &block.header,
                "Unsupported block",
                "poolform does not expand dynamic blocks in provider configurations: write the blocks out.",
            ));
            continue;
        }
        match self::body(&block.body, scope, &[], false) {
            Ok(members) => {
                let mut value = Value::object(members).at(Some(block.header.clone()));
                value.name_span = Some(block.header.clone());
                nested.entry(&block.kind).or_default().push(value);
            }
            Err(diagnostics) => failed.extend(diagnostics),
        }
    }
    for (name, blocks) in nested {
        let (span, name_span) =
            blocks.first().map_or((None, None), |first| (first.span.clone(), first.name_span.clone()));
        let mut value = Value::tuple(blocks).at(span);
        value.name_span = name_span;
        arguments.insert(name.to_owned(), value);
    }
    if failed.is_empty() { Ok(arguments) } else { Err(failed) }
}

/// The value of a data source that says where one is. None for any other, and while it is not known.
pub(crate) fn source(
    instance: &Rc<Instance<'_>>,
    block: &Block,
    _scope: Scope<'_, '_>,
) -> Result<Option<Value>, Diagnostics> {
    if block.body.attribute("count").is_some() || block.body.attribute("for_each").is_some() {
        return Ok(None);
    }
    let external = instance.evaluator.inputs.external;
    match block.label(0) {
        "aws_region" => {
            let Some(region) = region(instance, block)? else { return Ok(None) };
            let suffix = suffixes(&partition_of(&region)).0;
            let endpoint = format!("ec2.{region}.{suffix}");
            Ok(Some(strings(&[("id", &region), ("name", &region), ("region", &region), ("endpoint", &endpoint)])))
        }
        "aws_caller_identity" => Ok(external.caller_identity().map(|identity| {
            strings(&[
                ("id", &identity.account_id),
                ("account_id", &identity.account_id),
                ("arn", &identity.arn),
                ("user_id", &identity.user_id),
            ])
        })),
        "aws_partition" => {
            let partition = match external.partition() {
                Some(partition) => Some(partition),
                None => region(instance, block)?.map(|region| partition_of(&region)),
            };
            Ok(partition.map(|partition| {
                let (suffix, reverse) = suffixes(&partition);
                strings(&[
                    ("id", &partition),
                    ("partition", &partition),
                    ("dns_suffix", suffix),
                    ("reverse_dns_prefix", reverse),
                ])
            }))
        }
        _ => Ok(None),
    }
}

fn strings(attributes: &[(&str, &str)]) -> Value {
    Value::object(attributes.iter().map(|(name, value)| (*name, Value::from(*value))))
}

/// The region that a resource or data source is in.
pub(crate) fn region(instance: &Rc<Instance<'_>>, block: &Block) -> Result<Option<String>, Diagnostics> {
    if let Some(attribute) = block.body.attribute("region")
        && let Some(region) = evaluate(&attribute.expression, instance.scope(&Repetition::Single))?.as_str()
    {
        return Ok(Some(region.to_owned()));
    }
    let given = block.body.attribute("provider").and_then(|attribute| ProviderReference::of(&attribute.expression));
    let named = given.as_ref().map_or(("aws", None), |given| (given.name.as_str(), given.key));
    let found = match configuration(instance, named, &Repetition::Single, &block.header) {
        // Which instance of the provider a block with `for_each` has is not asked here.
        Err(_) if named.1.is_some() => return Ok(None),
        found => found?,
    };
    let configured = match found {
        Some(Configured { owner, block, repetition }) => match block.body.attribute("region") {
            Some(attribute) if !matches!(attribute.expression.kind, Kind::Literal(_)) => {
                let value = evaluate(&attribute.expression, owner.scope(&repetition))?;
                if value.is_unknown() {
                    return Ok(None);
                }
                value.as_str().map(str::to_owned)
            }
            _ => None,
        },
        None => None,
    };
    Ok(configured.or_else(|| instance.evaluator.inputs.external.region()))
}

fn partition_of(region: &str) -> String {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
    .to_owned()
}

fn suffixes(partition: &str) -> (&'static str, &'static str) {
    match partition {
        "aws-cn" => ("amazonaws.com.cn", "cn.com.amazonaws"),
        _ => ("amazonaws.com", "com.amazonaws"),
    }
}
