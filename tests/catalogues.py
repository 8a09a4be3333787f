"""The translations' catalogues: which there are, and how they are brought up to date.

`python -m tests.catalogues collect` brings the catalogues up to date with the texts in the code
and compiles them; `check` changes nothing and fails when `collect` would. Both need GNU gettext;
everything else in here does not.
"""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
APPS = ("cameras", "maintenance", "monitoring")
CATALOGUES = [ROOT / app / "locale/id/LC_MESSAGES/django.po" for app in APPS]
# Unfold ships no Indonesian. What Django translates already is not repeated here, except where
# its words are wrong or read badly.
UNFOLD_CATALOGUE = ROOT / "monitoring/unfold_locale/id/LC_MESSAGES/django.po"

# The same for the admin's scripts, where Django's words are wrong or read badly.
SCRIPTS_CATALOGUE = ROOT / "monitoring/locale/id/LC_MESSAGES/djangojs.po"
ALL = [*CATALOGUES, UNFOLD_CATALOGUE, SCRIPTS_CATALOGUE]

# (context, text, plural); the first and the last may be None.
Key = tuple[str | None, str, str | None]

_HEADER = {
    "Project-Id-Version": "camera-health",
    "Language": "id",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
_MAKEMESSAGES = "makemessages --locale id --add-location file --no-wrap --no-obsolete"
_SOURCES = ("manage.py", *APPS, "templates")


def main(task: str) -> int:
    """Do what is asked for; gives the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        collected = list(_collected(Path(folder), fresh=task == "check"))
    if task == "collect":
        for file, catalogue in zip(CATALOGUES, collected, strict=True):
            _write(catalogue, file)
        _write(_with(read(UNFOLD_CATALOGUE), unfold_texts()), UNFOLD_CATALOGUE)
        _write(read(SCRIPTS_CATALOGUE), SCRIPTS_CATALOGUE)
        return 0
    problems = [
        problem
        for file, catalogue in zip(CATALOGUES, collected, strict=True)
        for problem in _differences(file, catalogue)
    ]
    print("\n".join(problems) or "The catalogues have every text.")
    return 1 if problems else 0


def read(file: Path) -> polib.POFile:
    """A catalogue; an empty one where there is none yet."""
    return polib.pofile(str(file), wrapwidth=0) if file.exists() else polib.POFile()


def key(entry: polib.POEntry) -> Key:
    """What a text is looked up by."""
    return entry.msgctxt, entry.msgid, entry.msgid_plural or None


def django_catalogue(part: str, language: str, domain: str = "django") -> polib.POFile:
    """One of the catalogues that Django brings along, as `contrib/admin`."""
    import django

    folder = Path(django.__file__).parent / part / "locale" / language
    return read(folder / "LC_MESSAGES" / f"{domain}.po")


def django_texts() -> dict[tuple[str | None, str], polib.POEntry]:
    """Everything that Django has in Indonesian, by context and text."""
    parts = ("conf", "contrib/contenttypes", "contrib/auth", "contrib/admin")
    return {
        (entry.msgctxt, entry.msgid): entry
        for part in parts
        for entry in django_catalogue(part, "id")
        if entry.translated()
    }


def unfold_texts() -> set[Key]:
    """All that the installed unfold marks for translation, in Python and in templates."""
    from django.utils.translation.template import templatize

    found: set[Key] = set()
    for file in sorted(_unfold().rglob("*")):
        if file.suffix == ".py":
            found |= _texts_of_python(file.read_text())
        elif file.suffix in (".html", ".txt") and "static" not in file.parts:
            found |= _texts_of_template(templatize(file.read_text(), origin=str(file)))
    return found


def unfold_script_texts() -> set[str]:
    """The same for unfold's JavaScript; singulars only."""
    call = re.compile(rf"\b(?:gettext|gettext_noop|ngettext)\(\s*({_LITERAL})")
    return {
        ast.literal_eval(text)
        for file in _unfold().rglob("*.js")
        for text in call.findall(file.read_text())
    }


# --- What unfold says ----------------------------------------------------------------------------

_LITERAL = r"""(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*(u?{_LITERAL}(?:\s*,\s*u?{_LITERAL})*)")


def _unfold() -> Path:
    import unfold

    return Path(unfold.__file__).parent


def _texts_of_python(source: str) -> set[Key]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = []
            for argument in node.args:
                if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                    break
                texts.append(argument.value)
            if made := _key_of_call(node.func.id, texts):
                found.add(made)
    return found


def _texts_of_template(as_source: str) -> set[Key]:
    """From what `templatize` makes of a template: calls of gettext amid filling."""
    found = set()
    for name, arguments in _CALL.findall(as_source):
        texts = [ast.literal_eval(text) for text in re.findall(f"u?{_LITERAL}", arguments)]
        if made := _key_of_call(name, texts):
            found.add(made)
    return found


def _key_of_call(name: str, texts: list[str]) -> Key | None:
    name = name.removesuffix("_lazy").removesuffix("_noop")
    if name in ("_", "gettext") and texts:
        return None, texts[0], None
    if name == "ngettext" and len(texts) > 1:
        return None, texts[0], texts[1]
    if name == "pgettext" and len(texts) > 1:
        return texts[0], texts[1], None
    if name == "npgettext" and len(texts) > 2:
        return texts[0], texts[1], texts[2]
    return None


# --- Collecting ----------------------------------------------------------------------------------


def _collected(folder: Path, *, fresh: bool) -> Iterator[polib.POFile]:
    """The catalogues as makemessages makes them in a copy of the code: from nothing, or from what
    there is.
    """
    for name in _SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
        else:
            shutil.copy(ROOT / name, folder / name)
    for file in CATALOGUES:
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        if fresh:
            copy.unlink(missing_ok=True)
    command = [sys.executable, "manage.py", *_MAKEMESSAGES.split(), "--verbosity", "0"]
    # The copy has its own settings file (none) and its own data folder.
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode)  # makemessages has said why, as that gettext is missing
    for file in CATALOGUES:
        yield read(folder / file.relative_to(ROOT))


def _with(catalogue: polib.POFile, wanted: Iterable[Key]) -> polib.POFile:
    """Unfold's catalogue with what is missing added, untranslated, and what has gone dropped."""
    from_django = django_texts()
    wanted = set(wanted)
    for entry in list(catalogue):
        if key(entry) not in wanted and (entry.msgctxt, entry.msgid) not in from_django:
            catalogue.remove(entry)
    present = {key(entry) for entry in catalogue}
    for context, text, plural in wanted - present:
        if (context, text) not in from_django:
            entry = polib.POEntry(msgctxt=context, msgid=text, msgid_plural=plural or "")
            if plural:
                entry.msgstr_plural = {0: ""}
            if "%(" in text:
                entry.flags = ["python-format"]
            catalogue.append(entry)
    catalogue.sort(key=lambda entry: (entry.msgid.strip().casefold(), entry.msgid))
    return catalogue


def _write(catalogue: polib.POFile, file: Path) -> None:
    """Write and compile it. No date and no name, so that the same texts give the same files."""
    catalogue.header = "Indonesian texts; see `make messages`."
    catalogue.metadata = _HEADER
    catalogue.metadata_is_fuzzy = False
    catalogue.wrapwidth = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(file))
    catalogue.save_as_mofile(str(file.with_suffix(".mo")))


def _differences(file: Path, fresh: polib.POFile) -> Iterator[str]:
    have = {key(entry) for entry in read(file) if not entry.obsolete}
    want = {key(entry) for entry in fresh}
    for what, keys in (("lacks", want - have), ("has, and the code no longer", have - want)):
        for each in sorted(keys, key=str):
            yield f"{file.relative_to(ROOT)} {what}: {each[1]!r}"


if __name__ == "__main__":
    if sys.argv[1:] not in (["collect"], ["check"]):
        sys.exit("Say `collect` or `check`.")
    sys.exit(main(sys.argv[1]))
