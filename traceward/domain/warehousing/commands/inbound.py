"""Goods in."""
