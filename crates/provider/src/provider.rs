//! The operations of the protocol, each from its question to its answer.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use poolform_core::Context;
use poolform_core::kinds::Kind;
use poolform_core::terraform::schema::offered;
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Segment, Severity, Subject, Value};

use crate::configuration::{Connect, Connection};
use crate::data_source::{SECRET, SECRET_TAKES, SOURCES, Source};
use crate::journal::Intents;
use crate::resource::{self, Private, Read, conform};
use crate::schema::{self, ALLOW_DELETE, ALLOW_REPLACE, attributes, kind_of, type_name};
use crate::wire::messages as wire;
use crate::wire::{WireError, decode, encode};

/// The provider: handed a way to connect, it answers Terraform.
pub struct Provider {
    connect: Connect,
    connection: OnceLock<Arc<Connection>>,
    intents: Intents,
    stop: AtomicBool,
}

/// What this provider can do that the first minor version of the protocol could not.
fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities { plan_destroy: true, get_provider_schema_optional: true, move_resource_state: true }
}

fn steps(path: &AttributePath) -> wire::AttributePath {
    let step = |segment: &Segment| wire::PathStep {
        selector: Some(match segment {
            Segment::Attribute(name) => wire::Selector::AttributeName(name.clone()),
            Segment::Index(index) => wire::Selector::ElementKeyInt(i64::try_from(*index).unwrap_or(i64::MAX)),
            Segment::Key(key) => wire::Selector::ElementKeyString(key.clone()),
        }),
    };
    wire::AttributePath { steps: path.segments.iter().map(step).collect() }
}

/// Where Terraform finds the place in the files. Of a path into an attribute it shows the whole resource, since it looks for
/// a block by that name; so the attribute that the path begins with, and the detail names the rest.
fn shown(mut path: AttributePath) -> wire::AttributePath {
    path.segments.truncate(1);
    steps(&path)
}

fn said(diagnostics: Diagnostics) -> Vec<wire::Diagnostic> {
    diagnostics
        .0
        .into_iter()
        .map(|diagnostic| wire::Diagnostic {
            severity: if diagnostic.severity == Severity::Error { wire::ERROR } else { wire::WARNING },
            summary: diagnostic.summary,
            detail: diagnostic.detail,
            attribute: match diagnostic.subject {
                Some(Subject::Argument(_, path)) if !path.segments.is_empty() => Some(shown(path)),
                _ => None,
            },
        })
        .collect()
}

fn one(diagnostic: Diagnostic) -> Vec<wire::Diagnostic> {
    said(diagnostic.into())
}

fn unreadable(error: &WireError) -> Diagnostic {
    Diagnostic::error("Message not understood", format!("{error}."))
}

fn no_such(type_name: &str) -> Diagnostic {
    Diagnostic::error("Unknown type", format!("This provider has no {type_name}."))
}

fn known(type_name: &str) -> Result<&'static Kind, Diagnostic> {
    kind_of(type_name).ok_or_else(|| no_such(type_name))
}

fn source(type_name: &str) -> Result<&'static Source, Diagnostic> {
    SOURCES.iter().find(|source| self::type_name(source.kind) == type_name).ok_or_else(|| no_such(type_name))
}

fn value(message: Option<&wire::DynamicValue>) -> Result<Value, Diagnostic> {
    decode(message).map_err(|error| unreadable(&error))
}

fn conformed(kind: &Kind, value: &Value) -> wire::DynamicValue {
    encode(&conform(&attributes(kind), value))
}

impl Provider {
    /// A provider that connects by `connect` and keeps its journal in `journal`.
    pub fn new(connect: Connect, journal: PathBuf) -> Self {
        let intents = Intents::new(journal);
        Provider { connect, connection: OnceLock::new(), intents, stop: AtomicBool::new(false) }
    }

    /// After the last answer.
    pub(crate) fn close(&self) {
        self.intents.close();
    }

    fn connection(&self) -> Result<Arc<Connection>, Diagnostic> {
        self.connection.get().cloned().ok_or_else(|| {
            Diagnostic::error(
                "Provider not configured",
                "The provider's configuration depends on something that is not known yet. Apply that first, with -target for instance.",
            )
        })
    }

    fn context(&self) -> Context {
        self.connection.get().map(|connection| connection.context()).unwrap_or_default()
    }

    pub(crate) fn metadata(&self, _: wire::Empty) -> wire::GetMetadataResponse {
        let named = |type_name: String| wire::Named { type_name };
        wire::GetMetadataResponse {
            server_capabilities: Some(capabilities()),
            diagnostics: Vec::new(),
            data_sources: SOURCES.iter().map(|source| named(type_name(source.kind))).collect(),
            resources: offered().map(|kind| named(type_name(kind))).collect(),
            ephemeral_resources: vec![named(SECRET.to_owned())],
        }
    }

    pub(crate) fn schemas(&self, _: wire::Empty) -> wire::GetProviderSchemaResponse {
        wire::GetProviderSchemaResponse {
            provider: Some(schema::provider_schema()),
            resource_schemas: offered().map(|kind| (type_name(kind), schema::resource_schema(kind))).collect(),
            data_source_schemas: SOURCES
                .iter()
                .map(|source| (type_name(source.kind), schema::data_source_schema(source.kind, source.takes)))
                .collect(),
            diagnostics: Vec::new(),
            server_capabilities: Some(capabilities()),
            ephemeral_resource_schemas: HashMap::from([(SECRET.to_owned(), schema::secret_schema(SECRET_TAKES))]),
        }
    }

    pub(crate) fn identity_schemas(&self, _: wire::Empty) -> wire::GetResourceIdentitySchemasResponse {
        wire::GetResourceIdentitySchemasResponse::default()
    }

    pub(crate) fn validate_configuration(&self, request: wire::ConfigRequest) -> wire::ValidateProviderConfigResponse {
        let diagnostics = value(request.config.as_ref()).err().map(one).unwrap_or_default();
        wire::ValidateProviderConfigResponse { diagnostics }
    }

    pub(crate) fn configure(&self, request: wire::ConfigureProviderRequest) -> wire::DiagnosticsResponse {
        let diagnostics = match value(request.config.as_ref()) {
            Err(diagnostic) => one(diagnostic),
            // What is not known at plan is known at apply; plans of resources need no connection.
            Ok(given) if given.first_unknown().is_some() => Vec::new(),
            Ok(given) => {
                let arguments = given.members().cloned().unwrap_or_default();
                match (self.connect)(&arguments) {
                    Ok(connection) => {
                        let _ = self.connection.set(Arc::new(connection));
                        Vec::new()
                    }
                    Err(diagnostics) => said(diagnostics),
                }
            }
        };
        wire::DiagnosticsResponse { diagnostics }
    }

    pub(crate) fn validate_resource(&self, request: wire::TypedConfigRequest) -> wire::DiagnosticsResponse {
        let validated = || -> Result<Diagnostics, Diagnostic> {
            Ok(resource::validate(known(&request.type_name)?, &value(request.config.as_ref())?))
        };
        wire::DiagnosticsResponse { diagnostics: validated().map_or_else(one, said) }
    }

    pub(crate) fn validate_data_source(&self, request: wire::TypedConfigRequest) -> wire::DiagnosticsResponse {
        let diagnostics = value(request.config.as_ref()).err().map(one).unwrap_or_default();
        wire::DiagnosticsResponse { diagnostics }
    }

    pub(crate) fn upgrade(&self, request: wire::UpgradeResourceStateRequest) -> wire::UpgradeResourceStateResponse {
        let upgraded = || -> Result<wire::DynamicValue, Diagnostic> {
            let kind = known(&request.type_name)?;
            if request.version > schema::VERSION {
                let detail = format!(
                    "The state has version {} of {}, and this provider knows {}. Use the newer provider that wrote it.",
                    request.version,
                    request.type_name,
                    schema::VERSION
                );
                return Err(Diagnostic::error("State of a newer provider", detail));
            }
            let json = request.raw_state.as_ref().map(|raw| raw.json.clone()).unwrap_or_default();
            let state = value(Some(&wire::DynamicValue { msgpack: Vec::new(), json }))?;
            // Attributes that came since are null, and filled by the next read; those that went are left out.
            Ok(conformed(kind, &state))
        };
        match upgraded() {
            Ok(state) => wire::UpgradeResourceStateResponse { upgraded_state: Some(state), diagnostics: Vec::new() },
            Err(diagnostic) => {
                wire::UpgradeResourceStateResponse { upgraded_state: None, diagnostics: one(diagnostic) }
            }
        }
    }

    pub(crate) fn read(&self, request: wire::ReadResourceRequest) -> wire::ReadResourceResponse {
        let mut answer = wire::ReadResourceResponse {
            new_state: request.current_state.clone(),
            diagnostics: Vec::new(),
            private: request.private.clone(),
        };
        let read = || -> Result<Option<(Option<Value>, Private)>, Diagnostic> {
            let kind = known(&request.type_name)?;
            let state = value(request.current_state.as_ref())?;
            let Some(connection) = self.connection.get() else { return Ok(None) };
            let private = Private::read(&request.private);
            match resource::read(kind, &state, &private, connection) {
                Ok(Read::There(state, private)) => Ok(Some((Some(state), private))),
                Ok(Read::Gone) => {
                    let gone_is_fine = [ALLOW_DELETE, ALLOW_REPLACE].iter().any(|name| resource::is_true(&state, name));
                    if kind.is_pool() && !gone_is_fine {
                        let id = resource::text(&state, "id").unwrap_or_default();
                        let detail = format!(
                            "The pool {id} is not found, and making another one would not bring its users back. Look whether \
                             account, profile, region and endpoint are those that it was made with. If it is really gone, \
                             take it out of the state: terraform state rm ADDRESS."
                        );
                        return Err(Diagnostic::error("Recorded pool not found", detail)
                            .about("", &AttributePath::argument("id")));
                    }
                    Ok(Some((None, Private::default())))
                }
                Err(error) => Err(Diagnostic::error(
                    "Cognito could not be read",
                    format!("{} failed: {}.", error.operation, error.failure),
                )),
            }
        };
        match (read(), kind_of(&request.type_name)) {
            (Ok(Some((state, private))), Some(kind)) => {
                answer.new_state = Some(state.map_or_else(|| encode(&Value::null()), |state| conformed(kind, &state)));
                answer.private = private.bytes();
            }
            (Ok(_), _) => {}
            (Err(diagnostic), _) => answer.diagnostics = one(diagnostic),
        }
        answer
    }

    pub(crate) fn plan(&self, request: wire::PlanResourceChangeRequest) -> wire::PlanResourceChangeResponse {
        let planned = || -> Result<wire::PlanResourceChangeResponse, Diagnostic> {
            let kind = known(&request.type_name)?;
            let (given, prior) = (value(request.config.as_ref())?, value(request.prior_state.as_ref())?);
            let proposed = value(request.proposed_new_state.as_ref())?;
            let private = request.prior_private.clone();
            if proposed.is_null() {
                let refused = self.connection.get().and_then(|at| resource::judge_removal(kind, &prior, at));
                return Ok(wire::PlanResourceChangeResponse {
                    planned_state: Some(encode(&Value::null())),
                    requires_replace: Vec::new(),
                    planned_private: private,
                    diagnostics: refused.map(one).unwrap_or_default(),
                });
            }
            let mut plan = resource::plan(kind, &given, &prior, &Private::read(&private), &self.context());
            // A replacement is a deletion too.
            if let (false, Some(at)) = (plan.replaces.is_empty(), self.connection.get()) {
                plan.diagnostics
                    .extend(resource::judge_removal(kind, &prior, at).map(Diagnostics::from).unwrap_or_default());
            }
            Ok(wire::PlanResourceChangeResponse {
                planned_state: Some(conformed(kind, &plan.state)),
                requires_replace: plan.replaces.iter().map(steps).collect(),
                planned_private: private,
                diagnostics: said(plan.diagnostics),
            })
        };
        planned().unwrap_or_else(|diagnostic| wire::PlanResourceChangeResponse {
            diagnostics: one(diagnostic),
            ..wire::PlanResourceChangeResponse::default()
        })
    }

    pub(crate) fn apply(&self, request: wire::ApplyResourceChangeRequest) -> wire::ApplyResourceChangeResponse {
        let applied = || -> Result<wire::ApplyResourceChangeResponse, Diagnostic> {
            let kind = known(&request.type_name)?;
            let (given, prior) = (value(request.config.as_ref())?, value(request.prior_state.as_ref())?);
            let planned = value(request.planned_state.as_ref())?;
            let connection = self.connection()?;
            let removal = planned.is_null();
            let work = resource::Work {
                kind,
                given: if removal { &planned } else { &given },
                prior: &prior,
                planned: &planned,
                private: Private::read(&request.planned_private),
            };
            let done = resource::apply(&work, &connection, &self.intents, &self.stop);
            Ok(wire::ApplyResourceChangeResponse {
                new_state: Some(conformed(kind, &done.state)),
                private: done.private.bytes(),
                diagnostics: said(done.diagnostics),
            })
        };
        applied().unwrap_or_else(|diagnostic| wire::ApplyResourceChangeResponse {
            new_state: request.prior_state.clone(),
            private: request.planned_private.clone(),
            diagnostics: one(diagnostic),
        })
    }

    pub(crate) fn import(&self, request: wire::ImportResourceStateRequest) -> wire::ImportResourceStateResponse {
        let imported = || -> Result<wire::ImportedResource, Diagnostic> {
            let kind = known(&request.type_name)?;
            let identity = resource::identity_of_import(kind, &request.id).ok_or_else(|| {
                let detail = format!(
                    "\"{}\" is no id of a {}. The ids are those of the AWS provider: POOL_ID, POOL_ID/CLIENT_ID, DOMAIN, \
                     POOL_ID|IDENTIFIER, POOL_ID/GROUP, POOL_ID:PROVIDER.",
                    request.id, kind.noun
                );
                Diagnostic::error("Invalid import id", detail)
            })?;
            let state = resource::state_of_identity(kind, &identity);
            Ok(wire::ImportedResource {
                type_name: request.type_name.clone(),
                state: Some(conformed(kind, &state)),
                private: Private { imported: true, ..Private::default() }.bytes(),
            })
        };
        match imported() {
            Ok(found) => wire::ImportResourceStateResponse { imported_resources: vec![found], diagnostics: Vec::new() },
            Err(diagnostic) => {
                wire::ImportResourceStateResponse { imported_resources: Vec::new(), diagnostics: one(diagnostic) }
            }
        }
    }

    /// MoveResourceState: a resource of the AWS provider becomes one of ours.
    pub(crate) fn take_over(&self, request: wire::MoveResourceStateRequest) -> wire::MoveResourceStateResponse {
        let moved = || -> Result<(wire::DynamicValue, Vec<u8>), Diagnostic> {
            let kind = known(&request.target_type_name)?;
            let json = request.source_state.as_ref().map(|raw| raw.json.clone()).unwrap_or_default();
            let state = value(Some(&wire::DynamicValue { msgpack: Vec::new(), json }))?;
            // Terraform gives the whole address, registry.terraform.io/hashicorp/aws, and OpenTofu 1.10 its last part.
            let aws = request.source_provider_address.rsplit('/').next() == Some("aws");
            if !aws || resource::source_type(kind) != request.source_type_name {
                let detail = format!(
                    "{} takes over {} of the AWS provider, and this is {} of {}.",
                    request.target_type_name,
                    resource::source_type(kind),
                    request.source_type_name,
                    request.source_provider_address
                );
                return Err(Diagnostic::error("Move of another resource", detail));
            }
            let private = Private { imported: true, ..Private::default() };
            // The same attributes by the same names; the next read takes in what Cognito has.
            Ok((conformed(kind, &state), private.bytes()))
        };
        match moved() {
            Ok((state, private)) => wire::MoveResourceStateResponse {
                target_state: Some(state),
                diagnostics: Vec::new(),
                target_private: private,
            },
            Err(diagnostic) => wire::MoveResourceStateResponse {
                diagnostics: one(diagnostic),
                ..wire::MoveResourceStateResponse::default()
            },
        }
    }

    pub(crate) fn read_data_source(&self, request: wire::TypedConfigRequest) -> wire::ReadDataSourceResponse {
        let read = || source(&request.type_name)?.read(&value(request.config.as_ref())?, &*self.connection()?);
        match read() {
            Ok(state) => wire::ReadDataSourceResponse { state: Some(encode(&state)), diagnostics: Vec::new() },
            Err(diagnostic) => wire::ReadDataSourceResponse { state: None, diagnostics: one(diagnostic) },
        }
    }

    pub(crate) fn open_ephemeral(&self, request: wire::TypedConfigRequest) -> wire::OpenEphemeralResourceResponse {
        let opened = || -> Result<Value, Diagnostic> {
            let source =
                SOURCES.iter().rfind(|_| request.type_name == SECRET).ok_or_else(|| no_such(&request.type_name))?;
            source.secret(&value(request.config.as_ref())?, &*self.connection()?)
        };
        match opened() {
            Ok(result) => {
                wire::OpenEphemeralResourceResponse { diagnostics: Vec::new(), result: Some(encode(&result)) }
            }
            Err(diagnostic) => wire::OpenEphemeralResourceResponse { diagnostics: one(diagnostic), result: None },
        }
    }

    pub(crate) fn stop(&self, _: wire::Empty) -> wire::StopProviderResponse {
        self.stop.store(true, Ordering::Relaxed);
        wire::StopProviderResponse::default()
    }
}
