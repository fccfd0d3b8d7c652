resource "aws_cognito_user_pool" "p" {
  name = aws_cognito_user_pool.q.name
}
resource "aws_cognito_user_pool" "q" {
  name = try(local.name, "x")
}
locals {
  name = aws_cognito_user_pool.p.name
}
