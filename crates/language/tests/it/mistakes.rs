//! What is said about mistakes in a root module, and input that would hang or overflow.

use poolform_language::Inputs;
use serde_json::json;

use crate::memory::Memory;
use crate::roots::{POOL, calls, evaluates, pool, refused};

#[test]
fn mistakes_are_all_found_and_placed() {
    let (arguments, said) = pool("a = [nope.x, lowr(\"A\")]\n  b = 1 + \"x\"\n  c = local.missing\n  d = 1", "");
    assert_eq!(arguments["d"], json!(1));
    assert_eq!(arguments["a"], json!("<reported>"));
    for expected in [
        "main.tf:3:6: Reference to undeclared resource - A resource nope.x has not been declared in the root module.",
        "main.tf:3:14: Call to unknown function - There is no function named \"lowr\". Did you mean \"lower\"?",
        "main.tf:4:11: Invalid operand - Unsuitable value for right operand: a number is required.",
        "main.tf:5:7: Reference to undeclared local value",
    ] {
        assert!(said.contains(expected), "expected {expected}\nsaid {said}");
    }
    refused(
        "a = base64gzip(\"x\")",
        "",
        "Function not supported - \"base64gzip\" is a Terraform function that poolform does not evaluate.",
    );
    refused("a = provider::x::f(1)", "", "main.tf:3:18: Provider functions not supported");
    refused("a = list(1)", "", "use [ … ] or tolist instead");
    refused("a = { b = 1 }.c", "", "main.tf:3:14: Unsupported attribute");
    refused(
        "a = local.a",
        "locals {\n a = local.b\n b = [local.a]\n}",
        "Cycle - These need one another, so none can be worked out: local.a → local.b → local.a.",
    );
    refused("a = try(local.a, 1)", "locals {\n a = local.a\n}", "Cycle - ");
    refused(
        "a = 1",
        "modul \"x\" {}",
        "main.tf:5:1: Unsupported block type - Blocks of type \"modul\" are not expected here. Did you mean \"module\"?",
    );
    refused(
        "a = 1",
        "variable \"x\" {\n  typ = string\n}",
        "main.tf:6:3: Unsupported argument - An argument named \"typ\" is not expected here. Did you mean \"type\"?",
    );
    refused("a = 1", "output \"x\" {}", "main.tf:5:1: Missing required argument - The argument \"value\" is required");
    refused("a = 1", "x = 1", "main.tf:5:1: Unsupported argument");
    refused("a = 1", "module \"pool\" {\n source = \"x\"\n}", "main.tf:5:1: Duplicate module");
    refused("b {}", "", "main.tf:3:1: Unsupported block type");
    refused("a = fileexists", "", "main.tf:3:5: Invalid reference");
    refused(
        "a = file(\"none.txt\")",
        "",
        "main.tf:3:10: Invalid function argument - Invalid value for \"path\" parameter: no file exists at \"none.txt\"",
    );
}

#[test]
fn syntax_is_checked_in_every_file() {
    let (_, said) = calls(
        &Memory::new(&[
            ("a.tf", "x = \"open\n}"),
            ("b.tf", "y = [1,"),
            ("c.tf", "resource \"x\" \"y\" {\n  a = [\n}\n\nlocals {\n  b = 1 +\n}\n\nlocals {\n  c = \"${d\"\n}\n"),
            ("d.tf.json", "{\"x\": }"),
            ("e.tf", "module \"m\" {\n  source = \"./none\"\n}"),
            ("f.tf", "locals { x = { var.x = 1 } }"),
            ("g.tf", "variable \"x\" {\n  default = \"a\n}\nlocals {\n  a = = 2\n}\n"),
        ]),
        Inputs::default(),
    );
    for expected in [
        "a.tf:1:5: Invalid multi-line string",
        "b.tf:1:7: ",
        "c.tf:3:1: Invalid syntax",
        "c.tf:6:10: ",
        "c.tf:10:",
        "d.tf.json:1:7: Invalid JSON",
        "e.tf:2:12: Unreadable module directory",
        "f.tf:1:16: Ambiguous attribute key",
        "g.tf:2:13: Invalid multi-line string",
        "g.tf:5:7: Invalid syntax",
    ] {
        assert!(said.contains(expected), "expected {expected}\nsaid {said}");
    }
    // One each: a quote that is missing is not told in the words of the parser too.
    assert_eq!(said.matches("g.tf:").count(), 2, "{said}");
    let (calls, said) = calls(&Memory::new(&[("main.tf", &format!("\u{feff}{POOL} a = 1\n}}"))]), Inputs::default());
    assert_eq!((calls["module.pool"]["a"].clone(), said), (json!(1), String::new()));
}

#[test]
fn of_equal_keys_the_last_is_taken_as_in_terraform() {
    // A listener of a load balancer that a public root declares so; nothing of it is the pool's.
    let rest =
        "resource \"aws_lb_listener\" \"x\" {\n default_action = { type = \"forward\", type = \"redirect\" }\n}\n";
    let root =
        "b = { a = 1, \"a\" = 2, \"b c\" = 3, \"b c\" = 4, é = 5, é = 6, 1 = 7, 1 = 8 }\n  c = { a = 1, a = 2, a = 3 }";
    let text = format!("{POOL} {root}\n}}\n{rest}");
    let wanted = json!({"b": {"a": 2, "b c": 4, "é": 6, "1": 8}, "c": {"a": 3}});
    evaluates(&[("main.tf", &text)], Inputs::default(), json!({"module.pool": wanted}));
}

#[test]
fn what_the_parser_cannot_hold_stops_nobody() {
    let digits = "9".repeat(400);
    let deep = format!("resource \"x\" \"y\" {{\n  a = {}1{}\n}}\n", "[".repeat(70), "]".repeat(70));
    let root = "b = { \"${local.k}\" = 1, \"${local.k}\" = 2 }\n  c = 1e400 > 1e399\n  d = local.long > 1E+400";
    let text = format!("{POOL} {root}\n}}\n{deep}locals {{\n  k = \"key\"\n  long = {digits}\n}}\n");
    let (calls, said) = calls(&Memory::new(&[("main.tf", &text)]), Inputs::default());
    assert_eq!(calls["module.pool"], json!({"b": {"key": 2}, "c": true, "d": false}), "{said}");
    assert!(said.starts_with("main.tf:7:1: Too deeply nested") && said.lines().count() == 1, "{said}");
    refused(&format!("a = {}1{}", "[".repeat(70), "]".repeat(70)), "", "Too deeply nested");
    refused("a = x.y.a", &deep, "Reference to undeclared resource");
}

#[test]
fn what_is_not_there_or_not_known_is_passed_over_with_a_word() {
    let root = format!("{POOL} a = 1\n}}\n");
    let (calls, said) = calls(
        &Memory::new(&[
            ("main.tf", &root),
            ("module.tf", "module \"m\" {\n  source = \"./none\"\n}"),
            ("empty.tf", "module \"e\" {\n  source = \"./empty\"\n}"),
            ("empty/README.md", ""),
            // Terraform 1.14.
            ("action.tf", "action \"aws_lambda_invoke\" \"x\" {\n  config {\n    function_name = \"f\"\n  }\n}"),
            ("later.tf", "ecosystem \"x\" {\n}"),
        ]),
        Inputs::default(),
    );
    assert_eq!(calls["module.pool"], json!({"a": 1}));
    for expected in [
        "module.tf:2:12: Unreadable module directory",
        "empty.tf:2:12: Module not found",
        "later.tf:1:1: Unknown block type",
    ] {
        assert!(said.contains(expected), "expected {expected}\nsaid {said}");
    }
    assert!(!said.contains("action"), "{said}");
}

#[test]
fn files_of_opentofu_are_read_in_place_of_their_namesakes() {
    let root = |value: &str| format!("{POOL} a = {value}\n}}\n");
    let files = [
        ("main.tf", root("1")),
        ("main.tofu", root("local.two")),
        ("values.tofu.json", "{\"locals\": {\"two\": 2}}".to_owned()),
        ("values.tf.json", "{\"locals\": {\"two\": 3}}".to_owned()),
        ("x_override.tofu", "terraform {\n  encryption {}\n}\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    evaluates(&files, Inputs::default(), json!({"module.pool": {"a": 2}}));
}

#[test]
fn oddities_of_the_parser_stay_inside() {
    // An error in the middle of a letter.
    refused("a =b/é", "", "main.tf:3:");
    // A heredoc without a line, before another one of the same name.
    let (arguments, said) = pool("a = <<EOT\nEOT\n  b = 1\n  c = <<EOT\nx\nEOT\n", "");
    assert_eq!((arguments, said), (json!({"a": "", "b": 1, "c": "x\n"}), String::new()));
}

#[test]
fn the_rest_of_the_root_only_has_to_parse() {
    let rest = "output \"broken\" { value = nothing.here }\nlocals {\n bad = 1 + null\n}\nresource \"x\" \"y\" {\n a = undefined_function(1)\n dynamic \"b\" {}\n}\nvariable \"unset\" {}\nmodule \"other\" {\n source = \"./other\"\n count = unknown.thing\n}";
    let text = format!("{POOL} a = 1\n}}\n{rest}");
    evaluates(&[("main.tf", &text), ("other/main.tf", "")], Inputs::default(), json!({"module.pool": {"a": 1}}));
}

#[test]
fn no_input_hangs_or_overflows() {
    // References that double.
    let mut locals = "locals {\n a0 = [1]\n".to_owned();
    for n in 1..60 {
        locals.push_str(&format!(" a{n} = concat(local.a{}, local.a{})\n", n - 1, n - 1));
    }
    refused("a = local.a59", &format!("{locals}}}"), "Too large");
    let mut locals = "locals {\n a0 = \"xxxxxxxxxxxxxxxx\"\n".to_owned();
    for n in 1..60 {
        locals.push_str(&format!(" a{n} = \"${{local.a{}}}${{local.a{}}}\"\n", n - 1, n - 1));
    }
    refused("a = local.a59", &format!("{locals}}}"), "Too large");
    // A long chain.
    let mut locals = "locals {\n a0 = 1\n".to_owned();
    for n in 1..2000 {
        locals.push_str(&format!(" a{n} = [local.a{}]\n", n - 1));
    }
    refused("a = local.a1999", &format!("{locals}}}"), "Too deeply nested");
    // Values nested deeper than expressions are, step by step.
    let steps: String = (0..2000).step_by(20).map(|n| format!(" x{n} = local.a{n}\n")).collect();
    refused(&steps, &format!("{locals}}}"), "Too deeply nested");
    refused("a = 1e999999999", "", "main.tf:3:5: Invalid number");
    refused("a = tonumber(\"1e999999999\")", "", "Invalid function argument");
    refused("a = pow(10, 1e9)", "", "Error in function call");
    refused(&format!("a = {}1{}", "(".repeat(5000), ")".repeat(5000)), "", "Too deeply nested");
    refused(&format!("a = {}", "[".repeat(5000)), "", "main.tf:3:");
    refused(&format!("a = jsondecode(\"{}\")", "[".repeat(5000)), "", "nested too deeply");
    refused(&format!("a = yamldecode(\"{}\")", "[".repeat(5000)), "", "Invalid function argument");
    refused(
        "a = yamldecode(\"a: &a [1,1,1,1,1,1,1,1,1]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\")",
        "",
        "Too large",
    );
    let loops = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : [for d in range(1000) : d]]]]";
    refused(&format!("a = {loops}"), "", "Too large");
    // A module that calls itself.
    let files = Memory::new(&[
        ("main.tf", "module \"a\" { source = \"./a\" }"),
        ("a/main.tf", "module \"b\" { source = \"../b\" }\nmodule \"p\" { source = \"acme/pool/aws\" }"),
        ("b/main.tf", "module \"a\" { source = \"../a\" }"),
    ]);
    let (_, said) = calls(&files, Inputs::default());
    assert!(said.contains("b/main.tf:1:23: Module cycle"), "{said}");
}
