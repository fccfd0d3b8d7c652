# What hangs on something that is not known here stops only what needs it.
resource "acme_thing" "t" {}
resource "acme_thing" "many" { count = acme_thing.t.number }
resource "aws_cognito_user_pool" "p" {
  name = acme_thing.t.name
  dynamic "schema" {
    for_each = acme_thing.t.schemas
    content {
      name                = schema.value
      attribute_data_type = "String"
    }
  }
  schema {
    name                = "plain"
    attribute_data_type = "String"
  }
}
resource "aws_cognito_user_pool" "q" {
  count = acme_thing.t.number
  name  = "q"
}
output "q" { value = aws_cognito_user_pool.q[0].id }
output "many" { value = acme_thing.many[0].id }
