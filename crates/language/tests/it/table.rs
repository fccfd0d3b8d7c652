//! The types of resources that tests know, from `tests/resources/schema.txt`.

use std::collections::BTreeMap;

use poolform_language::{AttributeSchema, BlockSchema, NestedBlock, Nesting, Schemas};
use poolform_value::Type;

/// Schemas by mode and type: `resource aws_cognito_user_pool`.
pub struct Table(BTreeMap<String, BlockSchema>);

impl Table {
    pub fn read() -> Self {
        let text = include_str!("../resources/schema.txt");
        let mut lines: Vec<(usize, Vec<&str>)> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| ((line.len() - line.trim_start().len()) / 2, line.split_whitespace().collect()))
            .collect();
        lines.reverse();
        let mut table = BTreeMap::new();
        while let Some((_, words)) = lines.pop() {
            table.insert(words.join(" "), block(&mut lines, 1));
        }
        Table(table)
    }
}

/// The lines at `depth`, which are taken away.
fn block(lines: &mut Vec<(usize, Vec<&str>)>, depth: usize) -> BlockSchema {
    let mut schema = BlockSchema::default();
    while let Some((_, words)) = lines.pop_if(|(at, _)| *at == depth) {
        match words.as_slice() {
            [name, nesting @ ("list" | "set"), min, max] => {
                let nesting = if *nesting == "list" { Nesting::List } else { Nesting::Set };
                let (min, max) = (min.parse().expect("a number"), max.parse().ok());
                let nested = NestedBlock { nesting, min, max, block: block(lines, depth + 1) };
                schema.blocks.insert((*name).to_owned(), nested);
            }
            [name, ty, uses @ ..] => {
                let is = |wanted: &str| uses.contains(&wanted);
                let attribute = AttributeSchema {
                    ty: type_of(ty),
                    required: is("required"),
                    optional: is("optional"),
                    computed: is("computed"),
                    sensitive: is("sensitive"),
                };
                schema.attributes.insert((*name).to_owned(), attribute);
            }
            other => panic!("{other:?}"),
        }
    }
    schema
}

fn type_of(text: &str) -> Type {
    let inner = || Box::new(type_of(text.split_once('(').expect("an element type").1.trim_end_matches(')')));
    match text {
        "string" => Type::String,
        "number" => Type::Number,
        "bool" => Type::Bool,
        _ if text.starts_with("list") => Type::List(inner()),
        _ if text.starts_with("set") => Type::Set(inner()),
        _ => Type::Map(inner()),
    }
}

impl Schemas for Table {
    fn resource(&self, resource_type: &str) -> Option<&BlockSchema> {
        self.0.get(&format!("resource {resource_type}"))
    }

    fn data(&self, data_type: &str) -> Option<&BlockSchema> {
        self.0.get(&format!("data {data_type}"))
    }
}
