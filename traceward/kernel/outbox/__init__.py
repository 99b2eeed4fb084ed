"""News: every fact that a command emits, in the order of commit, to each handler once. # INT-01

Ids are handed out before commit, so they are not the order in which facts became true. A
command is first queued with its transaction id; the sequencer gives it the next number only when
no older transaction can still commit (`pg_snapshot_xmin`), so the sequence has no gap and never
grows behind a reader's back.
"""
