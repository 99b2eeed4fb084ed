"""Master records and stored files: what every record shares.

Names in two languages with a pinyin sort key, changes with their before and after, and files
that are content-addressed, hashed and sealed.
"""
