//! Variables of the root that nobody gives a value.

use std::rc::Rc;

use poolform_value::{Content, ObjectAttribute, Type, Value, convert};

use super::table::VARIABLES;
use super::text::{listed, of_name};
use crate::condition::check;
use crate::instance::{Evaluator, Instance, Repetition};
use crate::scope::{Frame, Scope};
use crate::syntax::{Expression, Kind};
use crate::variables::Variable;

/// How many values are tried where there are validation rules.
const TRIES: usize = 40;

impl Instance<'_> {
    /// What stands in for the value of a variable. None where there are no stand-ins.
    pub fn variable_stand_in(self: &Rc<Self>, variable: &Variable) -> Option<Value> {
        let evaluator = self.evaluator;
        evaluator.inputs.stand_ins.as_ref()?;
        let candidates = candidates(evaluator, variable);
        let fits = |value: &&Value| self.is_valid(variable, value);
        let value = candidates.iter().take(TRIES).find(fits).or(candidates.first())?.clone();
        let value = value.at(Some(variable.header.clone())).marked(variable.sensitive);
        evaluator.use_stand_in(&format!("var.{}", variable.name), &value, Some(&variable.header));
        Some(value)
    }

    /// Whether the validation rules of the variable, as far as they are about it alone, hold for a value.
    fn is_valid(self: &Rc<Self>, variable: &Variable, value: &Value) -> bool {
        let variables = Value::object([(variable.name.as_str(), value.clone())]);
        let frame = Frame { name: "var", value: &variables, next: None };
        let scope = Scope { names: Some(&frame), ..self.scope(&Repetition::Single) };
        variable.block.body.blocks("validation").all(|rule| matches!(check(rule, scope, ""), Ok(None)))
    }
}

/// What a variable may be, the likeliest first: of its type and by its name, then what its rules name.
fn candidates(evaluator: &Evaluator<'_>, variable: &Variable) -> Vec<Value> {
    let mut candidates = vec![of_type(evaluator, &variable.name, &variable.ty)];
    for rule in variable.block.body.blocks("validation") {
        if let Some(condition) = rule.body.attribute("condition") {
            literals(&condition.expression, &mut |value| {
                if let Ok(value) = convert(&value, &variable.ty) {
                    candidates.push(value);
                }
            });
        }
    }
    let simple: Vec<Value> = match variable.ty {
        Type::Number => [1, 2, 5, 8, 10, 30, 60, 100, 365, 3600].map(|number: i64| number.into()).into(),
        Type::Bool => vec![true.into()],
        Type::String | Type::Any => {
            let texts =
                ["local", "dev", "test", "a", "", "stand-in", "us-east-1", "000000000000", "1.0.0", "10.0.0.0/16"];
            texts.map(Value::from).into()
        }
        _ => Vec::new(),
    };
    candidates.extend(simple);
    candidates
}

fn of_type(evaluator: &Evaluator<'_>, name: &str, ty: &Type) -> Value {
    match ty {
        Type::Bool => false.into(),
        Type::Number => 0.into(),
        Type::List(inner) => Content::List(inner.as_ref().clone(), listed(evaluator, name, inner, VARIABLES)).into(),
        Type::Set(inner) => Content::Set(inner.as_ref().clone(), listed(evaluator, name, inner, VARIABLES)).into(),
        Type::Map(inner) => Content::Map(inner.as_ref().clone(), std::collections::BTreeMap::new()).into(),
        Type::Tuple(items) => Value::tuple(items.iter().map(|ty| of_type(evaluator, name, ty)).collect()),
        Type::Object(attributes) => Value::object(attributes.iter().map(|(inner, attribute)| {
            let ObjectAttribute { ty, optional, default } = attribute;
            let value = match default {
                Some(default) => default.clone(),
                None if *optional => Content::Null(ty.clone()).into(),
                None => of_type(evaluator, &format!("{name}.{inner}"), ty),
            };
            (inner.clone(), value)
        })),
        Type::String | Type::Any => {
            let text = of_name(evaluator, name, VARIABLES);
            text.unwrap_or_else(|| format!("stand-in-{}", name.rsplit('.').next().unwrap_or(name).replace('_', "-")))
                .into()
        }
    }
}

/// The texts and numbers that an expression names.
fn literals(expression: &Expression, visit: &mut dyn FnMut(Value)) {
    match &expression.kind {
        Kind::Literal(value) => visit(value.clone()),
        Kind::Template(_) => {
            if let Some(text) = expression.as_text() {
                visit(text.into());
            }
        }
        Kind::Tuple(items) => items.iter().for_each(|item| literals(item, visit)),
        Kind::Call(call) => call.arguments.iter().for_each(|argument| literals(argument, visit)),
        Kind::Conditional(parts) => parts.iter().for_each(|part| literals(part, visit)),
        Kind::Unary(_, operand) => literals(operand, visit),
        Kind::Binary(_, operands) => operands.iter().for_each(|operand| literals(operand, visit)),
        Kind::Parenthesis(inner) => literals(inner, visit),
        Kind::For(it) => {
            let parts = [Some(&it.collection), Some(&it.value), it.condition.as_ref()];
            parts.into_iter().flatten().for_each(|part| literals(part, visit));
        }
        Kind::Name(_) | Kind::Traversal(..) | Kind::Object(_) => {}
    }
}
