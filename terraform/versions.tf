terraform {
  # The first that moves a resource to another type. OpenTofu does so from 1.10 on. For older ones: without-moves/.
  required_version = ">= 1.8"

  required_providers {
    poolform = {
      source = "poolform/poolform"
    }
  }
}
