"""The audit trail: who did what, when, from which address. Of people only, never of the program.

Whoever serves a person says so by `acting`; from then on, rows of watched models that are saved or
deleted one by one are recorded by themselves, and those written in bulk by `changed_many` and
`added_many`. Nothing is recorded, nor asked of the database, while nobody acts: what the program
does by itself costs one look at a variable.

Of the libraries, django-auditlog comes nearest. It records the program's own saves as well, with a
query for each; believes any visitor's word on his address; and does not see bulk writes.
"""
