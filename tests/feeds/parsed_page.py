"""A page of HTML as a strict reader takes it: every element is closed, in order."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img"}


@dataclass
class Element:
    """An element: its name, attributes, all text within it, and what it stands in."""

    name: str
    attributes: dict[str, str | None]
    above: "Element | None"
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, *names: str) -> list["Element"]:
        """Elements below it by name, in order."""
        found = []
        for child in self.children:
            found += [child, *child.all(*names)] if child.name in names else child.all(*names)
        return found

    def of_class(self, name: str) -> list["Element"]:
        """Elements below it of a class, in order."""
        found = []
        for child in self.children:
            found += [child] if name in (child.attributes.get("class") or "").split() else []
            found += child.of_class(name)
        return found

    @property
    def hidden(self) -> bool:
        """Whether it or what it stands in is hidden."""
        return "hidden" in self.attributes or (self.above is not None and self.above.hidden)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = Element("", {}, None)
        self.open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice: {attrs}"
        element = Element(tag, dict(attrs), self.open[-1])
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> at {self.getpos()} closes {self.open[-1].name}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def parsed(page: bytes) -> Element:
    """The document; fails where an element is not closed, or closed in another order."""
    parser = _Parser()
    parser.feed(page.decode("utf-8"))
    parser.close()
    assert parser.open == [parser.top]
    return parser.top


def visible(page: Element, query: str = "i") -> list[Element]:
    """The elements of a class that a reader sees."""
    return [each for each in page.of_class(query) if not each.hidden]


def flat(text: str) -> str:
    """A text with one plain space wherever it has some of any kind."""
    return " ".join(text.split())
