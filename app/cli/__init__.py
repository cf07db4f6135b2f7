"""The `asterism` command, one module for each group of commands.

**A new command is one file here.** `app.cli.main` lists this package and imports each module in it except itself
(sub-packages are parts of commands and are left alone); each exposes

    def register(app: typer.Typer) -> None

which hangs its commands or a sub-application on `app`:

    def register(app: typer.Typer) -> None:
        app.command("export")(export)                      # asterism export
        app.add_typer(keys, name="keys")                   # asterism keys create

What holds for every command:

- A module imports only the standard library, `typer`, `app.core.errors` and `app.cli.asking.elsewhere` at its top;
  everything else inside the function that needs it. `asterism --help` must stay below half a second, and it imports
  every module here.
- A command that may speak to another Asterism takes `url: Url` and `key: Key` of `app.cli.asking.elsewhere`.
- Errors are raised, never printed: `AppError` and `SettingsError` become one sentence on standard error and exit code
  2, in one place (`app.cli.main`), never a trace. Another exit code: `raise typer.Exit(code)`.
- Results go to standard output, talk about the work to standard error, so that pipes and `--json` stay clean.
- Commands that read or write call services inside `app.core.db.database().read()` or `.write()`.
"""
