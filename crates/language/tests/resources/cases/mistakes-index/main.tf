resource "aws_cognito_user_pool" "n" {
  count = 2
  name  = "n"
}
output "beyond" { value = aws_cognito_user_pool.n[5].name }
output "name" { value = aws_cognito_user_pool.n["x"].name }
