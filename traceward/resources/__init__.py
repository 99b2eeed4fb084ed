"""How each model is read: columns, filters, search, scope; declared once."""
