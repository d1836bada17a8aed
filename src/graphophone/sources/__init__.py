"""Dry audio: procedural voices and drum kits, folders of recordings, splits."""
