"""Consoles: pages by hand, each for one purpose (floorplan F6)."""
