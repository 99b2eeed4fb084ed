"""Production: what was consumed and what was made of it, in one step, with its genealogy.

Nouns: Transformation, with the lots and serials that went in and those that came out. A
transformation is recorded as a whole or not at all, so that no output is without its inputs.
What comes out waits for quality, as everything that comes in does.

Work orders, operations and bills of material are not here yet; they will ask for this same verb.
"""
