"""What we see: the middle floor, and the Django project package.

The Celery application is imported here so that it exists as soon as any part of the project does:
`celery -A monitoring` finds it, and tasks bind to it.
"""

from monitoring.celery import app as celery_app

__all__ = ["celery_app"]
