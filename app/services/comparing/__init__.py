"""What `app.services.comparison` is made of.

shapes         what a comparison looks like to pages, REST and the command line
coverage       what each request listened to, and why an item is on one side alone
items          new, gone, edited and common items: the database compares, no row is handed over
moods          how the mood changed, from sums over people
topics         which topic is which
opportunities  which opportunity is which, and why its score moved
costs          what was spent on both sides, and what was not bought again
words          the plain sentences that a reader meets first
"""
