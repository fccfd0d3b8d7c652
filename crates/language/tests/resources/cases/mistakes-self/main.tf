resource "aws_cognito_user_pool" "p" {
  name = "x"
  password_policy {
    require_lowercase = aws_cognito_user_pool.p.name == "x"
  }
}
resource "aws_cognito_user_pool" "q" {
  count = 2
  name  = count.index == 0 ? "a" : aws_cognito_user_pool.q[0].name
}
