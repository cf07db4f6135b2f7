"""Files of comments: which text, format and columns they have, and what each row says. Pure: no network, no storage.

encoding  bytes ─▶ text          reading   text ─▶ rows, or why one is none
dates     words ─▶ a moment      mapping   which column is what       comments  a row ─▶ an item
"""
