resource "aws_cognito_user_pool" "p" {
  name = "written"
}
resource "aws_cognito_user_pool" "q" {
  for_each = toset(["k"])
  name     = "q"
}
resource "aws_cognito_user_pool" "r" {
  name = "r"
}
resource "aws_cognito_user_pool_client" "c" {
  count        = 1
  name         = "c"
  user_pool_id = aws_cognito_user_pool.p.id
}
resource "aws_cognito_user_pool" "set" {
  name = "set"
}
data "aws_cognito_user_pools" "all" {
  name = aws_cognito_user_pool.p.name
}
module "shared" { source = "./shared" }

output "id" { value = aws_cognito_user_pool.p.id }
output "name" { value = aws_cognito_user_pool.p.name }
output "length" { value = aws_cognito_user_pool.p.password_policy[0].minimum_length }
output "q" { value = [for p in aws_cognito_user_pool.q : p.arn] }
output "from_state" { value = aws_cognito_user_pool.r.id }
output "secret" {
  value     = aws_cognito_user_pool_client.c[0].client_secret
  sensitive = true
}
output "set" { value = aws_cognito_user_pool.set.id }
output "ids" { value = tolist(data.aws_cognito_user_pools.all.ids)[0] }
output "shared" { value = module.shared.id }
output "not_yet" { value = module.shared.domain }
