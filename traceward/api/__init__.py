"""The REST API under /api/v1, made from the declarations of commands and resources.

`v1` puts the operations together, `callers` says who asks, `commanding` and `reading` are the two
kinds of operations, `problems` the answers of no, `description` the OpenAPI document.
"""
