"""Races between operating-system processes, each with a connection of its own."""
