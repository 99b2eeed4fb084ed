"""The verifier for strangers: one file beside every export, importing nothing of ours."""
