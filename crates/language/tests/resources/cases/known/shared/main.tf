resource "aws_cognito_user_pool" "s" {
  name = "s"
}
output "id" { value = aws_cognito_user_pool.s.id }
output "domain" { value = "x-${coalesce(aws_cognito_user_pool.s.domain, "none")}" }
