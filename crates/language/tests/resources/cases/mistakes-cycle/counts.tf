resource "aws_cognito_user_pool" "many" {
  count = length(aws_cognito_user_pool.others)
  name  = "many"
}
resource "aws_cognito_user_pool" "others" {
  for_each = toset(aws_cognito_user_pool.many[*].name)
  name     = each.key
}
resource "aws_cognito_user_pool_client" "of_many" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.many[0].id
}
