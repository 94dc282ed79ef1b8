"""Every call of MOCO's published pages, one module for each resource: its typed object, its fields, its requests.

A function here makes a `Call` or `ListCall` and sends nothing. `MocoReader.fetch` and `fetch_all` send those that read,
`MocoWriter.send` those that write.
"""
