//! Any bytes as the files of a root module: read, evaluated and decoded without panic or hang.
//!
//! The input is divided by lines that hold only `%%`; the parts are the files in the order of [`NAMES`], so that a plain
//! `main.tf` is an input too.

#![no_main]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use poolform_core::{Call, Context, declare};
use poolform_language::{
    AttributeSchema, BlockSchema, Files, Inputs, NestedBlock, Nesting, Schemas, StandIns, VariableSource, load,
};
use poolform_value::Type;

const NAMES: &[&str] = &[
    "main.tf",
    "more.tf.json",
    "terraform.tfvars",
    "main_override.tf",
    "child/main.tf",
    "text.txt",
    ".terraform/modules/modules.json",
];
const DIVIDER: &[u8] = b"\n%%\n";

struct Memory(BTreeMap<PathBuf, Vec<u8>>);

impl Memory {
    fn new(mut bytes: &[u8]) -> Self {
        let mut files = BTreeMap::new();
        for name in NAMES {
            let end = bytes.windows(DIVIDER.len()).position(|window| window == DIVIDER);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if !part.is_empty() {
                files.insert(PathBuf::from(name), part.to_vec());
            }
            match end {
                Some(end) => bytes = &bytes[end + DIVIDER.len()..],
                None => break,
            }
        }
        Memory(files)
    }
}

impl Files for Memory {
    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(directory).ok());
        let mut names: Vec<String> = inside
            .filter_map(|rest| Some(rest.components().next()?.as_os_str().to_string_lossy().into_owned()))
            .collect();
        names.dedup();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
}

/// Every type is known, and contains the same.
struct Alike(BlockSchema);

impl Alike {
    fn new() -> Self {
        let attribute = |ty: Type, required: bool, computed: bool| AttributeSchema {
            ty,
            required,
            optional: !required && !computed,
            computed,
            sensitive: false,
        };
        let attributes = || {
            BTreeMap::from([
                ("name".to_owned(), attribute(Type::String, true, false)),
                ("id".to_owned(), attribute(Type::String, false, true)),
                ("callback_urls".to_owned(), attribute(Type::Set(Box::new(Type::String)), false, false)),
                ("tags".to_owned(), attribute(Type::Map(Box::new(Type::String)), false, false)),
            ])
        };
        let mut schema = BlockSchema::default();
        for nesting in [Nesting::Set, Nesting::List] {
            let block = BlockSchema { attributes: attributes(), ..schema };
            let nested = NestedBlock { nesting, min: 0, max: Some(2), block };
            schema = BlockSchema { attributes: attributes(), blocks: BTreeMap::from([("schema".to_owned(), nested)]) };
        }
        Alike(schema)
    }
}

impl Schemas for Alike {
    fn resource(&self, resource_type: &str) -> Option<&BlockSchema> {
        resource_type.contains("cognito").then_some(&self.0)
    }

    fn data(&self, data_type: &str) -> Option<&BlockSchema> {
        self.resource(data_type)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let files = Memory::new(bytes);
    let environment = BTreeMap::from([("name".to_owned(), "orders".to_owned())]);
    let schemas = Alike::new();
    let stand_ins = (bytes.len() % 2 == 0).then(|| StandIns {
        account: "123456789012".to_owned(),
        region: "us-east-1".to_owned(),
        partition: "aws".to_owned(),
    });
    let inputs = Inputs {
        schemas: &schemas,
        stand_ins,
        variables: vec![VariableSource::Environment(environment)],
        settings: vec!["module.lambdas.arn=\"arn:aws:lambda:us-east-1:123456789012:function:f\"".to_owned()],
        ..Inputs::default()
    };
    let (configuration, mut found) = load(&files, Path::new(""), inputs);
    found.extend(configuration.terraform().1);
    let (calls, problems) = configuration.calls(&|source| source.contains("cognito"), &|_: &str, _: &str| None);
    found.extend(problems);
    for call in calls {
        let call = Call { address: call.address, arguments: call.arguments };
        found.extend(declare(&call, &Context::default()).1);
    }
    let nothing = |_: &str, _: &str| None;
    found.extend(configuration.resource_instances(&|kind| kind.contains("cognito"), &nothing).1);
    found.extend(configuration.data_instances(&|_| true, &nothing).1);
    found.extend(configuration.checks(&nothing));
    configuration.imports();
    configuration.stand_ins();
    found.extend(configuration.outputs(None, &|_: &str, _: &str| None).1);
    let _ = (configuration.near_misses(), configuration.resources(), configuration.variables());
    let _ = (configuration.declared_outputs(), configuration.moved(), configuration.removed(), configuration.imports());
    // Every place that is reported can be shown.
    for diagnostic in &found.0 {
        if let Some(poolform_value::Subject::Source(span)) = &diagnostic.subject {
            let text = configuration.sources().text(&span.file).expect("a reported file has been read");
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is not a part of its file");
        }
    }
});
