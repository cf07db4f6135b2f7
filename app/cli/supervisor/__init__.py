"""Keeps the parts of the embedded program running as child processes, and leaves nothing behind.

    folder   the data folder: writable, ours alone, free of leftovers of an earlier kill -9
    lifeline children that end with their parent
    child    one part: how it is started, its output, its restarts
    loop     the one thread that watches them all
    valkey   the broker's command line and its questions
    ports    which ports are free
    logfile  a log that turns itself over

The supervisor stays small: it imports no database, no web framework and no worker.
"""
