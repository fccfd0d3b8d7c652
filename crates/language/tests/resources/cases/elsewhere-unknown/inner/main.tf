variable "many" {
  type = map(object({ name = string, arn = string }))
}
variable "single" {}
output "arns" { value = [for f in var.many : f.arn] }
output "names" { value = [for f in var.many : f.name] }
output "single" { value = var.single.id }
