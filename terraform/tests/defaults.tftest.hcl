# Run in a folder where the provider is installed: terraform test. Nothing of AWS is touched.
provider "poolform" {
  local = true
}

run "defaults" {
  variables {
    name    = "orders"
    clients = [{ name = "Web App" }, { name = "job", generate_secret = true }]
  }

  assert {
    condition     = output.user_pool.password_policy[0].minimum_length == 20
    error_message = "A password has 20 characters at least unless told."
  }

  assert {
    condition     = sort(keys(output.clients)) == tolist(["job", "web-app"])
    error_message = "Clients are registered in lower case with hyphens."
  }

  assert {
    condition     = output.client_secrets["web-app"] == "" && output.client_secrets["job"] != ""
    error_message = "A client has a secret where it asks for one."
  }
}

run "disabled" {
  variables {
    name           = "orders"
    module_enabled = false
  }

  assert {
    condition     = output.user_pool == null && output.domain == null && length(output.clients) == 0 && !output.module_enabled
    error_message = "A disabled module has nothing."
  }
}

run "misspelt" {
  command = plan

  variables {
    name    = "orders"
    clients = [{ name = "web", calback_urls = ["https://a.example/"] }]
  }

  expect_failures = [var.clients]
}
