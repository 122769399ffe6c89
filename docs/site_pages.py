"""Files of the repository -> pages of the site: what stands outside `docs/` as well, and links between them.

A hook of mkdocs (`mkdocs.yml`). In a checkout every page stays where people look for it, its links lead to
files; here all get their places in the site, and the links lead to pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
CASES = "tests/cases"
# Page of the site -> the file of the repository that it is.
ELSEWHERE = {
    "index.md": "README.md",
    "project/contributing.md": "CONTRIBUTING.md",
    "project/changelog.md": "CHANGELOG.md",
    "examples/notebook.md": "notebooks/01_read_discrepancies.ipynb",
    "examples/configuration.md": "conf",
    "examples/cases.md": f"{CASES}/README.md",
}
_HERE = ("README.md", "site_pages.py")
_LINK = re.compile(r"(!?)\[((?:[^\]\[]|\[[^\]]*\])*)\]\(([^)#\s]*)(#[^)\s]*)?\)")
_FENCED = re.compile(r"^(```+[^\n]*\n.*?^```+)$", re.MULTILINE | re.DOTALL)
_LANGUAGES = {".yml": "yaml", ".json": "json", ".sql": "sql", ".py": "python"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand elsewhere, and leave out the table of contents, which the site has itself."""
    from mkdocs.structure.files import File  # only here, so that the tests can ask for the pages without it

    for name in _HERE:
        if (own := files.get_file_from_path(name)) is not None:
            files.remove(own)
    for page, source in pages().items():
        if not source.startswith("docs/"):
            files.append(File.generated(config, page, content=_text(source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files into links between pages, and list the cases where the page asks for them."""
    known = pages()
    source = known[page.file.src_uri]
    listed = markdown.replace("<!-- cases -->", "\n".join(_listed()))
    parts = _FENCED.split(listed)
    # Every other part is a fence: code stays as it is, but for what tests read in its first line.
    parts[1::2] = [
        re.sub(r"\A```(\w+) (?:run|output)$", r"```\1", part, flags=re.MULTILINE) for part in parts[1::2]
    ]
    parts[::2] = [_relinked(part, source, page.file.src_uri, known) for part in parts[::2]]
    return "".join(parts)


def pages() -> dict[str, str]:
    """Every page of the site, with the file or the folder of the repository that it shows."""
    own = (path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
    cases = (path.parent.name for path in _cases())
    return {
        **{page: f"docs/{page}" for page in sorted(own) if page not in _HERE},
        **ELSEWHERE,
        **{f"examples/{name}.md": f"{CASES}/{name}" for name in cases},
    }


def _relinked(text: str, source: str, page: str, known: dict[str, str]) -> str:
    by_source = {shown: there for there, shown in known.items()} | {"docs/README.md": "index.md"}
    folder = PurePosixPath(source).parent

    def relink(link: re.Match[str]) -> str:
        mark, words, to, anchor = link[1], link[2], link[3], link[4] or ""
        if not to or ":" in to:
            return link[0]
        there = normpath(str(folder / to)).removesuffix("/case.md")
        if there in by_source:
            return f"{mark}[{words}]({relpath(by_source[there], PurePosixPath(page).parent)}{anchor})"
        # A file of the repository that is no page: its name will do.
        return words if (ROOT / there).exists() else link[0]

    return _LINK.sub(relink, text)


def _text(source: str) -> str:
    path = ROOT / source
    if source == "conf":
        return _configuration(path)
    if path.is_dir():
        return _case(path)
    return _notebook(path) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")


def _configuration(folder: Path) -> str:
    written = [path for path in sorted(folder.rglob("*.yml"), key=lambda path: (path.parent != folder, path))]
    return "\n\n".join(["# A complete configuration", *(_shown(path, folder) for path in written)])


def _case(folder: Path) -> str:
    others = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "case.md")
    parts = [(folder / "case.md").read_text(encoding="utf-8").rstrip()]
    return "\n\n".join([*parts, *(_shown(path, folder) for path in others)])


def _shown(path: Path, folder: Path) -> str:
    """A file as a page shows it; of one that is no text, or a long one, its name alone."""
    name = f"**`{path.relative_to(folder).as_posix()}`**"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return f"{name} (binary)"
    if len(text) > 20_000 or "\0" in text:
        return f"{name} ({len(text):,} characters)"
    return f"{name}\n\n````{_LANGUAGES.get(path.suffix, 'text')}\n{text.rstrip()}\n````"


def _notebook(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = (("".join(cell["source"]), cell["cell_type"]) for cell in cells)
    return "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for text, kind in texts)


def _listed() -> Iterator[str]:
    for path in _cases():
        title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
        yield f"- [{title}](../../{CASES}/{path.parent.name}/case.md)"


def _cases() -> list[Path]:
    return sorted((ROOT / CASES).glob("[0-9]*/case.md"))
