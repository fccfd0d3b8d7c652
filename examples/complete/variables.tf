variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "product" {
  description = "Short name of the product, in lower case."
  type        = string
  default     = "orders"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.product))
    error_message = "The product must be 2 to 21 lower-case letters, digits and hyphens."
  }
}

variable "stage" {
  type    = string
  default = "dev"
}

variable "scopes" {
  description = "Scopes of the API and what they allow."
  type        = map(string)
  default = {
    read  = "Read orders"
    write = "Write orders"
  }
}
