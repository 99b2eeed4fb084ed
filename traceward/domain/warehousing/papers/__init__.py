"""What is printed: the data of a document for its template, and the archived PDF. # DOC-01

A paper reads; the command that archives it stands in `commands`.
"""
