"""Background work: the worker that sequences, delivers events and seals."""
