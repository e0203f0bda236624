"""The parts of generate.py: an implementation of mintmark/1 in Python, written from mintmark-v1.md alone."""
