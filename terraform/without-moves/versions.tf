terraform {
  # The first with the protocol that the provider speaks, by name; 0.15.4 had it as an experiment.
  required_version = ">= 1.0"

  required_providers {
    poolform = {
      source = "poolform/poolform"
    }
  }
}
