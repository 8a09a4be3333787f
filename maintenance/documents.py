"""Which files may be attached to a stage: by what is in them, not by what they are called."""

from typing import IO

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext

from maintenance.models import Stage, StageDocument
from maintenance.procurement_rules import ProcurementError

__all__ = ["LARGEST_BYTES", "attach", "content_type", "expect_document"]

LARGEST_BYTES = 10 * 1024 * 1024

# What a file begins with → its type, and the endings that go with it.
_KINDS = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (".docx",),
    ),
    (
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (".xlsx",),
    ),
)


def attach(stage: Stage, upload: UploadedFile, by: User | None) -> StageDocument:
    """Keep an uploaded file with a stage. Raises ProcurementError as `expect_document` does."""
    kind = expect_document(upload)
    return StageDocument.objects.create(
        stage=stage,
        file=upload,
        name=(upload.name or "")[-200:],
        content_type=kind,
        size_bytes=upload.size or 0,
        uploaded_at=timezone.now(),
        uploaded_by=by,
    )


def expect_document(upload: UploadedFile) -> str:
    """The type of an upload. Raises ProcurementError for what is too large, or no document."""
    name = upload.name or ""
    if not upload.size or upload.size > LARGEST_BYTES:
        raise ProcurementError(
            gettext("“%(name)s” is empty or larger than %(most)s MB.")
            % {"name": name, "most": LARGEST_BYTES // 1024**2}
        )
    kind = content_type(upload, name)
    if kind is None:
        raise ProcurementError(
            gettext("“%(name)s” is no PDF, JPEG, PNG, DOCX or XLSX file.") % {"name": name}
        )
    return kind


def content_type(file: IO[bytes] | UploadedFile, name: str) -> str | None:
    """The type of a file whose content and ending agree; None for all others."""
    file.seek(0)
    begins = file.read(16)
    file.seek(0)
    ending = name.lower()
    return next(
        (
            kind
            for sign, kind, endings in _KINDS
            if begins.startswith(sign) and ending.endswith(endings)
        ),
        None,
    )
