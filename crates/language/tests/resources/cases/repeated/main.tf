resource "aws_cognito_user_pool" "none" {
  count = 0
  name  = "none"
}

resource "aws_cognito_user_pool" "some" {
  count = 2
  name  = "pool-${count.index}"
}

resource "aws_cognito_user_pool_client" "c" {
  for_each     = { web = "https://a.example", app = "https://b.example" }
  name         = each.key
  user_pool_id = local.pool.id
  callback_urls = [each.value]
}

resource "aws_cognito_user_group" "g" {
  for_each     = aws_cognito_user_pool_client.c
  name         = "users-of-${each.value.name}"
  user_pool_id = each.value.user_pool_id
}

locals {
  pool = false ? aws_cognito_user_pool.none[0] : aws_cognito_user_pool.some[0]
  ids  = { for key, client in aws_cognito_user_pool_client.c : coalesce(client.name, key) => client.id }
}

output "splat" { value = aws_cognito_user_pool.some[*].name }
output "legacy_splat" { value = aws_cognito_user_pool.some.*.name }
output "no_ids" { value = aws_cognito_user_pool.none[*].id }
output "one" { value = one(aws_cognito_user_pool.none[*].id) }
output "gone" { value = try(aws_cognito_user_pool.none[0].id, "gone") }
output "there" { value = try(aws_cognito_user_pool.some[0].name, "gone") }
output "unknown_is_no_failure" { value = try(aws_cognito_user_pool.some[0].id, "gone") }
output "can_unknown" { value = can(aws_cognito_user_pool.some[0].id) }
output "keys" { value = keys(aws_cognito_user_pool_client.c) }
output "names" { value = values(aws_cognito_user_pool_client.c)[*].name }
output "pairs" { value = [for key, client in aws_cognito_user_pool_client.c : "${key}=${client.name}"] }
output "length" { value = length(aws_cognito_user_pool.some) }
output "looked_up" { value = lookup(aws_cognito_user_pool_client.c, "web", null).name }
output "id_by_key" { value = local.ids["web"] }
output "id_or" { value = try(local.ids["nobody"], "fallback") }
output "id_or_not" { value = try(local.ids["app"], "fallback") }
output "of_group" { value = aws_cognito_user_group.g["web"].name }
output "index_of_variable" { value = [for key in ["web"] : aws_cognito_user_pool_client.c[key].name] }
