# A vendored copy of the module would stand here.
