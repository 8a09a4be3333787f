"""What we do about it: repair tickets today; budget, procurement and the weekly report on them.

The highest floor: it reads what monitoring confirmed, and monitoring knows nothing of it.
"""
