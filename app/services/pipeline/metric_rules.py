"""The rule of each metric in words for the user; docs/opportunities.md has the formulas."""

from __future__ import annotations

from collections.abc import Mapping

RULE_WORDS: Mapping[str, str] = {
    "frequency": "How large a share of the scored items speak of it; 5 % is full.",
    "willingness to pay": "How many of its authors say that they would pay; a quarter is full.",
    "market size": "How many people speak of it, in how many threads, of those that were collected.",
    "urgency": "How many name a deadline, a loss or something that happens again and again; half is full.",
    "emotion": "How displeased its items sound.",
    "feasibility": "Who already makes do with a workaround, against who says that it cannot be done.",
    "revenue clarity": "How many name a price or a way of paying; a quarter is full.",
    "switching barriers": "Who says that leaving is hard, against who leaves. Less is better.",
    "competition density": "How many compare or name alternatives; a quarter is full. Less is better.",
    "acquisition difficulty": "Over how many communities its people are scattered. Less is better.",
}
"""By the metric's name with spaces."""
