variable "min" { default = 3 }
variable "secret" {
  default   = "s"
  sensitive = true
}
resource "aws_cognito_user_pool" "p" {
  name = "x"
  lifecycle {
    precondition {
      condition     = var.min > 5
      error_message = "At least 5, not ${var.min}."
    }
    precondition {
      condition     = aws_cognito_user_group.g.id == "unknown yet"
      error_message = "Nobody knows."
    }
  }
}
resource "aws_cognito_user_pool" "q" {
  count = 2
  name  = "q${count.index}"
  lifecycle {
    postcondition {
      condition     = self.name == "q0"
      error_message = "The name is ${self.name}."
    }
    postcondition {
      condition     = self.id == "unknown yet"
      error_message = "Nobody knows."
    }
  }
}
resource "aws_cognito_user_group" "g" {
  name         = "g"
  user_pool_id = "eu-west-1_aaaaaaaaa"
}
resource "aws_cognito_user_group" "h" {
  name         = "g"
  user_pool_id = "eu-west-1_aaaaaaaaa"
  lifecycle {
    precondition {
      condition     = var.secret == "t"
      error_message = "The secret is ${var.secret}."
    }
  }
}
