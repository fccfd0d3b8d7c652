# Cognito was asked and has nothing of the first; of the second it was not asked.
data "aws_cognito_user_pools" "absent" {
  name = "nobody"
}

data "aws_cognito_user_pools" "unasked" {
  name = "somebody"
}

output "absent" {
  value = data.aws_cognito_user_pools.absent.ids
}

output "first" {
  value = data.aws_cognito_user_pools.absent.ids[0]
}

output "unasked" {
  value = data.aws_cognito_user_pools.unasked.ids
}
