"""The HTTP door to commands and resources."""
