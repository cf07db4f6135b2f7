"""Files of comments that people bring.

receiving  from an uploaded file to rows in the database     checking  what a mapping makes of every row
shelf      the rows as the collect stage reads them          library   list, look at, map, delete, sweep
views      what pages, REST and command line show
"""
