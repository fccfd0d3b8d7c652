# Made by `UPDATE=1 cargo test -p poolform-provider --test pages` from ../outputs.tf.

output "user_pool" {
  description = "The pool with all its attributes; null while the module is disabled."
  # A pool learns of its domain only at its next refresh.
  value = var.module_enabled ? merge(poolform_user_pool.user_pool[0], {
    domain        = local.has_domain && !local.has_custom_domain ? var.domain : ""
    custom_domain = local.has_custom_domain ? var.domain : ""
  }) : null
}

output "domain" {
  description = "The domain with all its attributes; null where there is none."
  value       = one(poolform_user_pool_domain.domain[*])
}

output "clients" {
  description = "The app clients with all their attributes but their secrets, by registered name."
  value       = { for name, client in poolform_user_pool_client.client : name => merge(client, { client_secret = null }) }
}

output "client_secrets" {
  description = "The secrets of the app clients by registered name; empty for one without."
  value       = { for name, client in poolform_user_pool_client.client : name => client.generate_secret == true ? client.client_secret : "" }
  sensitive   = true
}

output "module_enabled" {
  description = "Whether anything ought to exist."
  value       = var.module_enabled
}
