resource "aws_cognito_user_pool" "p" {
  name = "x"
  lifecycle {
    prevent_destroy = var.x
    foo             = 1
    bar {}
    precondition {
      condition = length(var.x) > 1
    }
  }
  lifecycle {}
}
resource "aws_cognito_user_pool" "q" {
  name = "x"
  lifecycle {
    ignore_changes = ["*"]
  }
}
variable "x" { default = "a" }
