terraform {
  # Moves a resource to another type (1.8), and checks arguments against each other (1.9).
  required_version = ">= 1.9"

  required_providers {
    poolform = {
      source = "poolform/poolform"
    }
  }
}
