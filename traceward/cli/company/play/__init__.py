"""The plan is played: its steps become the commands that people use, on a sandbox's clock."""
