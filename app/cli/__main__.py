"""`python -m app.cli …` is `asterism …`: how the supervisor starts its children."""

from app.cli.main import main

main()
