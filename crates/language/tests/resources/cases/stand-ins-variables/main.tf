variable "name" { type = string }
variable "untyped" {}
variable "count_of" { type = number }
variable "flag" { type = bool }
variable "urls" { type = list(string) }
variable "settings" {
  type = object({
    domain_name = string
    days        = optional(number, 7)
    more        = optional(string)
    inner       = object({ role_arn = string })
    list        = set(string)
  })
}
variable "environment" {
  type = string
  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "Which?"
  }
}
variable "days" {
  type = number
  validation {
    condition     = var.days >= 7 && var.days <= 90
    error_message = "From 7 to 90."
  }
}
variable "region" { type = string }
variable "account_id" { type = string }
variable "secret" {
  type      = string
  sensitive = true
}
variable "impossible" {
  type = string
  validation {
    condition     = length(var.impossible) == 77
    error_message = "77 letters."
  }
}
variable "never_asked_for" { type = string }

resource "aws_cognito_user_pool" "p" {
  name = "${var.name}-${var.environment}"
}

output "all" { value = [var.untyped, var.count_of, var.flag, var.urls, var.settings, var.days, var.region, var.account_id] }
output "impossible" { value = var.impossible }
output "secret" {
  value     = var.secret
  sensitive = true
}
