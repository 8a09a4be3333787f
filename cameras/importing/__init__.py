"""The registry as a table: taken home, brought back, looked at before it is written.

reading    bytes of a stranger → rows, or a sentence why not
cells      one cell ↔ one value
resource   rows → changes, checked without a query a row, written all or none
resources  which columns areas, agencies, sites, uplinks and cameras have
keeping    where a file waits for “yes”, and how far its rows are
example    the template file
pages      the admin's pages for it
"""
