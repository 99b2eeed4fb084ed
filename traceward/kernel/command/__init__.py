"""The one way to write: a verb is one function, one transaction, posted once.

`@command` registers a verb; calling it checks permission and scope, answers a repeated request id
with its first answer, runs the body, posts what the body and everything it called collected to the
ledger once, numbers the documents, writes answer, audit entry and events, and commits.
"""
