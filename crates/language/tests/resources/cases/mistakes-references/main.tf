resource "aws_cognito_user_pool" "n" {
  count = 2
  name  = "n"
}
resource "aws_cognito_user_pool_client" "e" {
  for_each     = toset(["a"])
  name         = "n"
  user_pool_id = aws_cognito_user_pool.n[0].id
}
resource "aws_cognito_user_pool" "p" {
  name = "p"
}
output "no_key" { value = try(aws_cognito_user_pool.n.name, "x") }
output "no_each_key" { value = try(aws_cognito_user_pool_client.e.name, "x") }
output "key" { value = try(aws_cognito_user_pool.p[0].name, "x") }
output "attribute" { value = can(aws_cognito_user_pool.p.nme) }
output "attribute_of_one" { value = can(aws_cognito_user_pool.n[0].nothing) }
output "undeclared" { value = aws_cognito_user_pool.nowhere.id }
