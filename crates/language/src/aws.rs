//! The provider `aws` as configurations use it: which configuration a call has, and the three data sources that say
//! where one is.

use std::collections::BTreeMap;
use std::rc::Rc;

use poolform_value::{Diagnostics, Span, Value};

use crate::evaluate::evaluate;
use crate::instance::{Instance, Repetition};
use crate::module::{ModuleCall, reference};
use crate::scope::Scope;
use crate::syntax::{Block, Body, Kind, error_at};

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

/// The configuration that the reference `aws` or `aws.alias` means in `instance`.
pub(crate) fn configuration<'e>(
    instance: &Rc<Instance<'e>>,
    name: &str,
    place: &Span,
) -> Result<Option<(Rc<Instance<'e>>, &'e Block)>, Diagnostics> {
    let (local, alias) = match name.split_once('.') {
        Some((local, alias)) => (local, Some(alias)),
        None => (name, None),
    };
    let own = instance.module.provider(local, alias);
    let Some(caller) = &instance.caller else {
        return match own {
            Some(block) => Ok(Some((Rc::clone(instance), block))),
            None if alias.is_none() => Ok(None),
            None => Err(undeclared(name, place)),
        };
    };
    let Some(outer) = caller.instance.upgrade() else { return Ok(None) };
    if let Some(given) = caller.call.providers.get(name) {
        return configuration(&outer, given, &caller.call.header);
    }
    match own {
        Some(block) => Ok(Some((Rc::clone(instance), block))),
        None if alias.is_some() => Err(undeclared(name, place)),
        None => configuration(&outer, name, place),
    }
}

fn undeclared(name: &str, place: &Span) -> Diagnostics {
    error_at(
        place,
        "Reference to undeclared provider",
        format!("There is no configuration of the provider {name} here: a provider block with that alias is missing."),
    )
}

/// The provider that `call` in `instance` uses.
pub(crate) fn provider_of(instance: &Rc<Instance<'_>>, call: &ModuleCall) -> Result<Provider, Diagnostics> {
    let name = call.providers.get("aws").map_or("aws", String::as_str);
    provider_named(instance, name, &call.header)
}

/// The provider that `resource` in `instance` uses: the one of its meta-argument, or the one that its type begins with.
pub(crate) fn provider_of_resource(instance: &Rc<Instance<'_>>, resource: &Block) -> Result<Provider, Diagnostics> {
    let written = resource.body.attribute("provider");
    let own = resource.label(0).split('_').next().unwrap_or_default();
    match written {
        None => provider_named(instance, own, &resource.header),
        Some(attribute) => {
            let span = &attribute.expression.span;
            let Some(name) = reference(&attribute.expression) else {
                let detail = "The provider argument requires a provider type name, optionally followed by a period and \
                              then a configuration alias.";
                return Err(error_at(span, "Invalid provider configuration reference", detail));
            };
            provider_named(instance, &name, span)
        }
    }
}

fn provider_named(instance: &Rc<Instance<'_>>, name: &str, place: &Span) -> Result<Provider, Diagnostics> {
    match configuration(instance, name, place)? {
        None => Ok(Provider::default()),
        Some((owner, block)) => {
            let arguments = body(&block.body, owner.scope(&Repetition::Single), &["alias", "version"], true)?;
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
    let name = block.body.attribute("provider").and_then(|attribute| reference(&attribute.expression));
    let configured = match configuration(instance, name.as_deref().unwrap_or("aws"), &block.header)? {
        Some((owner, provider)) => match provider.body.attribute("region") {
            Some(attribute) if !matches!(attribute.expression.kind, Kind::Literal(_)) => {
                let value = evaluate(&attribute.expression, owner.scope(&Repetition::Single))?;
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
