"""Which versions of what made a result: stored with it, so that a later run can say what changed."""

from __future__ import annotations

from importlib.metadata import version

from app.services.pipeline.opportunity_metrics import RULES

ENGINE = "local-6"
"""Changes whenever the local stages can give another result for the same items."""

_LIBRARIES = ("vaderSentiment", "scikit-learn", "py3langid")


def versions() -> dict[str, str]:
    """Return the versions of the program, the engine and the libraries that a result depends on."""
    return {
        "asterism": version("asterism"),
        "engine": ENGINE,
        "metrics": RULES,
        **{name: version(name) for name in _LIBRARIES},
    }
