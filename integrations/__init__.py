"""Everything that talks to the outside world. A leaf: imports no other package of ours."""
