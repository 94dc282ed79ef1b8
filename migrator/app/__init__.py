"""The imperative shell: wires the core to the outside."""
