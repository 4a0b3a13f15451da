"""What a page would fetch from elsewhere, or run beside its own script."""

import re
from html.parser import HTMLParser

ELEMENTS = {"script", "link", "iframe", "object", "embed", "base", "frame"}
FETCHED = {"src", "srcset", "poster", "background", "data", "action", "formaction"}
IN_STYLE = re.compile(r"@import|\burl\(", re.IGNORECASE)


def outside(html: str, script: str) -> list[str]:
    """What stands in the way of a page on its own, in its order; `script` is allowed once.

    Links to follow are no obstacle, what a browser loads or runs by itself is.
    """
    page = _Page(script)
    page.feed(html)
    page.close()
    return page.found


class _Page(HTMLParser):
    """Looks at tags and attributes, so that text which only looks like them is none."""

    def __init__(self, script: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._own, self._inside = script.strip(), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag in ELEMENTS and (tag, attrs) != ("script", []):
            self.found.append(f"<{tag}>")
        self.found += [
            f"{name}={(value or '')[:40]!r}"
            for name, value in attrs
            if _fetches(tag, name, value or "")
        ]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            if data.strip() != self._own or not self._own:
                self.found.append(f"<script>{data.strip()[:40]}")
            self._own = ""
        elif self._inside == "style":
            self.found += IN_STYLE.findall(data)


def _fetches(tag: str, name: str, value: str) -> bool:
    if name.startswith("on") or value.strip().lower().startswith("javascript:"):
        return True
    if name == "http-equiv" and value.strip().lower() == "refresh":
        return True
    if name == "style":
        return bool(IN_STYLE.search(value))
    if name.split(":")[-1] == "href" and tag not in ("a", "area"):
        return not value.startswith(("#", "data:"))
    return name in FETCHED and not value.startswith("data:")
