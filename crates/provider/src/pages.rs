//! The pages of the registry, from the schemas and so from the rows: `docs/index.md`, `docs/resources/…`,
//! `docs/data-sources/…`, `docs/ephemeral-resources/…`.

use std::fmt::Write as _;

use poolform_core::kinds::Kind;
use poolform_core::terraform::schema::offered;

use crate::data_source::{SECRET, SECRET_TAKES, SOURCES};
use crate::resource::source_type;
use crate::schema::{self, Attribute, Shape, Simple, attributes, type_name};
use crate::wire::messages as wire;

/// Every page: its path in the repository, and its text.
pub fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("docs/index.md".to_owned(), index())];
    for kind in offered() {
        pages.push((format!("docs/resources/{}.md", short(&type_name(kind))), resource(kind)));
    }
    for source in SOURCES {
        let name = type_name(source.kind);
        let mut page = head(&name, "Data Source", &format!("A Cognito {} that is there already.", source.kind.noun));
        let _ = writeln!(page, "## Example\n\n```terraform\ndata \"{name}\" \"found\" {{");
        takes(&mut page, source.takes);
        let _ = writeln!(page, "}}\n```\n\n## Arguments\n");
        for (argument, doc) in source.takes {
            let _ = writeln!(page, "- `{argument}` (string, required) {doc}");
        }
        let _ = writeln!(page, "\n## Attributes\n\nThose of the resource [{name}](../resources/{}.md).", short(&name));
        pages.push((format!("docs/data-sources/{}.md", short(&name)), page));
    }
    let mut page = head(
        SECRET,
        "Ephemeral Resource",
        "The secret of an app client, which no state and no plan keeps. From Terraform 1.10 and OpenTofu 1.11 on.",
    );
    let _ = writeln!(page, "## Example\n\n```terraform\nephemeral \"{SECRET}\" \"job\" {{");
    takes(&mut page, SECRET_TAKES);
    let _ = writeln!(page, "}}\n```\n\n## Arguments\n");
    for (argument, doc) in SECRET_TAKES {
        let _ = writeln!(page, "- `{argument}` (string, required) {doc}");
    }
    let _ = writeln!(
        page,
        "\n## Attributes\n\n- `client_secret` (string, sensitive) The secret; null where there is none."
    );
    pages.push((format!("docs/ephemeral-resources/{}.md", short(SECRET)), page));
    pages
}

fn short(type_name: &str) -> &str {
    type_name.strip_prefix("poolform_").unwrap_or(type_name)
}

const MADE: &str =
    "Made from the rows in `crates/core/src/kinds` by `UPDATE=1 cargo test -p poolform-provider --test pages`.";

fn head(name: &str, what: &str, description: &str) -> String {
    format!(
        "---\npage_title: \"{name} {what} - poolform\"\ndescription: |-\n  {description}\n---\n\n# {name} ({what})\n\n\
         {description}\n\n<!-- {MADE} -->\n\n"
    )
}

fn takes(page: &mut String, arguments: &[(&str, &str)]) {
    for (argument, _) in arguments {
        let value =
            if *argument == "client_id" { "poolform_user_pool_client.web.id" } else { "poolform_user_pool.pool.id" };
        let _ = writeln!(page, "  {argument} = {value}");
    }
}

fn index() -> String {
    let mut page = head("poolform", "Provider", "Amazon Cognito user pools.");
    page.push_str(
        "## Example\n\n```terraform\nterraform {\n  required_providers {\n    poolform = {\n      source = \"poolform/poolform\"\n    }\n  }\n}\n\n\
         provider \"poolform\" {\n  region = \"eu-west-1\"\n}\n```\n\n\
         Credentials, profiles and endpoints come from the environment and the AWS configuration files, as in the AWS\n\
         provider. With `local = true` there is no AWS: the pools live in an embedded Cognito in the root's `.poolform/`, one\n\
         process at a time; for several provider configurations, run `poolform serve`.\n\n## Arguments\n\n",
    );
    let schema = schema::provider_schema();
    let block = schema.block.unwrap_or_default();
    for attribute in &block.attributes {
        let _ = writeln!(page, "- `{}` {}", attribute.name, attribute.description);
    }
    for nested in &block.block_types {
        let inner = nested.block.clone().unwrap_or_default();
        let _ = writeln!(page, "- `{}` (block) {}", nested.type_name, inner.description);
        for wire::Attribute { name, description, .. } in &inner.attributes {
            let _ = writeln!(page, "  - `{name}` {description}");
        }
    }
    page
}

fn resource(kind: &Kind) -> String {
    let name = type_name(kind);
    let (example, id) = (kind.terraform.example, kind.terraform.example_id);
    let mut page = head(&name, "Resource", &format!("A Cognito {}.", kind.noun));
    let _ = writeln!(page, "## Example\n\n```terraform\nresource \"{name}\" \"example\" {{\n{example}}}\n```\n");
    let all = attributes(kind);
    page.push_str("## Arguments\n\nWhat is not given is left as Cognito has it; what was given and no longer is goes back to Cognito's default.\n\n");
    list(&mut page, &all, 0, &|attribute| !matches!(attribute.shape, Shape::Computed(_)));
    page.push_str("\n## Attributes\n\n");
    list(&mut page, &all, 0, &|attribute| matches!(attribute.shape, Shape::Computed(_)));
    let _ = write!(
        page,
        "\n## Import\n\nBy the AWS provider's id:\n\n```terraform\nimport {{\n  to = {name}.example\n  id = \"{id}\"\n}}\n```\n\n\
         From Terraform 1.8 and OpenTofu 1.10 on a resource of the AWS provider moves without being touched:\n\n```terraform\nmoved {{\n  from = {}.example\n  to   = {name}.example\n}}\n```\n",
        source_type(kind)
    );
    page
}

fn list(page: &mut String, attributes: &[Attribute], depth: usize, wanted: &dyn Fn(&Attribute) -> bool) {
    for attribute in attributes.iter().filter(|attribute| wanted(attribute)) {
        let indent = "  ".repeat(depth);
        let ty = match &attribute.shape {
            Shape::Row(_, ty) | Shape::Computed(ty) | Shape::Own(ty) => match ty {
                Simple::String => "string",
                Simple::Bool => "bool",
                Simple::Number => "number",
                Simple::Set => "set(string)",
                Simple::List => "list(string)",
                Simple::Map => "map(string)",
            },
            Shape::Records(..) => "set of objects",
            Shape::Group(_) => "list of one object",
        };
        let required = if attribute.required { ", required" } else { "" };
        let sensitive = if attribute.sensitive { ", sensitive" } else { "" };
        let fixed = match &attribute.shape {
            Shape::Row(row, _) if !row.immutable.is_empty() => {
                format!(" **Cannot change in place:** {}.", row.immutable)
            }
            _ => String::new(),
        };
        let line = format!("{indent}- `{}` ({ty}{required}{sensitive}) {}{fixed}", attribute.name, attribute.doc);
        let _ = writeln!(page, "{}", line.trim_end());
        if let Shape::Group(inner) | Shape::Records(_, inner) = &attribute.shape {
            list(page, inner, depth + 1, &|_| true);
        }
    }
}
