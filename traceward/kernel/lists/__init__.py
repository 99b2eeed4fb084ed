"""Held commands: what somebody else must decide before it happens.

The arguments are frozen; on release the legality and the requester's permission are checked again
against the world as it is then, and both people are on record.
"""
