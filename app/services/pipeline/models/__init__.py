"""Fitted coefficients, as arrays. `docs/quality.md` says from what, how, and how good they are."""
