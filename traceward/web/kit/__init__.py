"""The page kit: lists, documents, forms and boards, declared over resources and commands.

`cells` shows one value, `lists` many rows, `documents` one of them, `forms` a command, `shell` what
stands around them. A page in `web/pages` only chooses, orders and names.
"""
