"""How each model is read: columns, filters, search, scope; declared once.

`kit` has the words of a declaration, `asking` reads what was asked for, `reading` answers; every
other module declares what one area shows.
"""
