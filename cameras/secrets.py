"""Credentials at rest: encrypted text in the database, plain text only in memory."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(
            "CREDENTIAL_KEYS must hold URL-safe base64 keys of 32 bytes, separated by commas. "
            "Make one with: python -c "
            '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        ) from error


def encrypt(plain: str) -> str:
    """ASCII text that only a holder of one of settings.CREDENTIAL_KEYS can read back."""
    return _cipher(tuple(settings.CREDENTIAL_KEYS)).encrypt(plain.encode()).decode()


def decrypt(secret: str) -> str:
    """The plain text. Raises ImproperlyConfigured when no key of ours made the secret."""
    try:
        return _cipher(tuple(settings.CREDENTIAL_KEYS)).decrypt(secret.encode()).decode()
    except InvalidToken:
        raise ImproperlyConfigured(
            "A stored camera password was encrypted with a key that is not in CREDENTIAL_KEYS. "
            "Put the old key back at the end of CREDENTIAL_KEYS."
        ) from None


class Sealed(str):
    """Encrypted text as it stands in the database."""


class _OpenedWhenRead(DeferredAttribute):
    """Decrypts at the first reading: a list of cameras costs no decryption, and a password whose
    key is lost spoils its own camera alone.
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = decrypt(value)
            self.__set__(instance, value)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database. It cannot be searched; "" stays ""."""

    descriptor_class = _OpenedWhenRead

    def value_from_object(self, obj: models.Model) -> Any:
        """What a form begins with: nothing, because the text is never shown."""
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(getattr(obj, self.attname))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Encrypted anew with the first key; as it stands when its own key is lost."""
        try:
            return super().pre_save(model_instance, add)
        except ImproperlyConfigured:
            return model_instance.__dict__[self.attname]

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value and not isinstance(value, Sealed) else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return Sealed(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked: equal texts have unequal secrets."""
        if lookup_name not in ("isnull", "exact"):
            return None
        return super().get_lookup(lookup_name)
