"""The territory: every hexagon that a footprint reaches, its zones, and the one tree by which space is cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from anonymization.hexagons import compact, parents
from anonymization.tree import Tree, tree_of
from schemas.vocabulary import REST, SEPARATOR, TERRITORY

Cells = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class ZoneArea:
    """A zone as the tree sees it: `parent` is the place of the nearest zone around it in the sequence, or -1.

    `cells` uint64[...]: all its base cells, sorted; `public_size`: a public figure (residents, or cells) that orders
    what merges first.
    """

    zone_id: str
    kind: str
    parent: int
    cells: Cells
    public_size: float
    sensitive: bool


@dataclass(frozen=True)
class Territory:
    """`hexagons` uint64[m], sorted: the leaves. `token` int32[n]: whose cells a node is, a place in `tokens`.

    `zone` int32[n]: the zone whose every reachable hexagon a node holds, and no other, or -1.
    """

    hexagons: Cells
    zones: tuple[ZoneArea, ...]
    tree: Tree
    token: npt.NDArray[np.int32]
    zone: npt.NDArray[np.int32]
    coarsest: int

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The names that a part may carry: the zones, `rest`, `territory`."""
        return (*(zone.zone_id for zone in self.zones), REST, TERRITORY)

    @cached_property
    def innermost(self) -> npt.NDArray[np.int32]:
        """int32[m]: the smallest zone around each hexagon, or -1."""
        return innermost_zones(self.hexagons, self.zones)

    def name(self, members: Sequence[int]) -> str:
        """The `zone_id` of a part: its zone, or the zones that it pools, joined."""
        return SEPARATOR.join(sorted({self.tokens[self.token[node]] for node in members}))

    def is_whole_zones(self, members: Sequence[int]) -> bool:
        """Whether a part is made of whole zones, or is the whole territory where there are zones."""
        return all(self.zone[node] >= 0 or (node == 0 and len(self.zones) > 0) for node in members)

    def cells(self, members: Sequence[int]) -> Cells:
        """The H3 cells that cover a part, compacted and sorted; a whole zone brings its unreachable cells."""
        pieces = [self.hexagons[self.tree.leaves_below(node)] for node in members]
        wholes = [zone for node in members if (zone := int(self.zone[node])) >= 0]
        if 0 in members:
            wholes = list(range(len(self.zones)))
        pieces += [self.zones[zone].cells for zone in wholes]
        return compact(np.unique(np.concatenate(pieces)), self.coarsest)


def innermost_zones(hexagons: Cells, zones: Sequence[ZoneArea]) -> npt.NDArray[np.int32]:
    """int32[m]: the smallest zone that holds each hexagon, or -1."""
    innermost = np.full(hexagons.size, -1, np.int32)
    for place in sorted(range(len(zones)), key=lambda i: (_nesting(zones, i), i)):
        cells = zones[place].cells
        at = np.searchsorted(hexagons, cells)
        at[at == hexagons.size] = 0
        innermost[at[hexagons[at] == cells]] = place
    return innermost


def _nesting(zones: Sequence[ZoneArea], place: int) -> int:
    """How many zones hold a zone."""
    return 0 if zones[place].parent < 0 else 1 + _nesting(zones, zones[place].parent)


def territory(hexagons: Cells, zones: Sequence[ZoneArea], base: int, coarsest: int) -> Territory:
    """The territory of the reachable `hexagons` (sorted, of resolution `base`): zones, then H3 from `coarsest` down.

    Public order among siblings: by public size, then by name, and last the cells outside every smaller zone, so that a
    small zone merges with others and leaves the hexagons around it as they are. Hexagons by how many reachable cells
    they hold, then by index.
    """
    innermost = innermost_zones(hexagons, zones)
    nodes = _zone_nodes(innermost, zones)
    parent, leaf, rank, size, name, token, zone = nodes.columns()
    owner = nodes.home[innermost]
    above = owner
    for resolution in range(coarsest, base + 1):
        cell = parents(hexagons, resolution)
        order = np.lexsort((cell, owner))
        changes = np.append(True, (owner[order][1:] != owner[order][:-1]) | (cell[order][1:] != cell[order][:-1]))
        number = np.empty(hexagons.size, np.int64)
        number[order] = np.cumsum(changes) - 1 + parent.size
        first = order[changes]
        parent = np.append(parent, above[first])
        leaf = np.append(leaf, first if resolution == base else np.full(first.size, -1))
        rank = np.append(rank, np.ones(first.size, np.int64))
        size = np.append(size, np.bincount(number - number.min(), minlength=first.size).astype(float))
        name = np.append(name, cell[first])
        token = np.append(token, nodes.token_of_home[innermost[first]])
        zone = np.append(zone, np.full(first.size, -1))
        above = number
    return _ordered(hexagons, tuple(zones), coarsest, parent, leaf, (rank, size, name), token, zone)


def _ordered(
    hexagons: Cells,
    zones: tuple[ZoneArea, ...],
    coarsest: int,
    parent: npt.NDArray[np.int64],
    leaf: npt.NDArray[np.int64],
    keys: tuple[npt.NDArray[np.generic], ...],
    token: npt.NDArray[np.int64],
    zone: npt.NDArray[np.int64],
) -> Territory:
    """The nodes renumbered in the tree's order, with their names along."""
    sensitive = np.array([*(area.sensitive for area in zones), False])[zone]
    tree, order = tree_of(parent.astype(np.int32), leaf.astype(np.int32), keys, sensitive)
    return Territory(hexagons, zones, tree, token[order].astype(np.int32), _whole_zones(tree, zone[order]), coarsest)


def _whole_zones(tree: Tree, zone: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """int32[n]: the zone that each node is; an only child that is no zone itself is what its parent is."""
    whole = zone.astype(np.int32)
    for level in tree.levels:
        nodes = whole[level.first : level.last]
        above = np.where(np.bincount(level.family) == 1, whole[level.parents], -1)[level.family]
        np.copyto(nodes, above, where=nodes < 0)
    return whole


@dataclass
class _Nodes:
    """The upper nodes: the root, the zones that hold a reachable cell, and one node for each one's other cells."""

    parent: list[int]
    rank: list[int]
    size: list[float]
    name: list[int]
    token: list[int]
    zone: list[int]
    home: npt.NDArray[np.int64]
    token_of_home: npt.NDArray[np.int64]

    def columns(self) -> tuple[npt.NDArray[np.int64], ...]:
        """The columns of the upper nodes: none is a leaf."""
        integers = (self.parent, [-1] * len(self.parent), self.rank)
        first = tuple(np.array(column, np.int64) for column in integers)
        size = np.array(self.size)
        name = np.array(self.name, np.uint64)
        last = tuple(np.array(column, np.int64) for column in (self.token, self.zone))
        return (*first, size, name, *last)


def _zone_nodes(innermost: npt.NDArray[np.int32], zones: Sequence[ZoneArea]) -> _Nodes:
    """The upper nodes; `home[z]` is the node below which the cells of zone z itself stand (`home[-1]`: of no zone)."""
    count = len(zones)
    own = np.bincount(innermost + 1, minlength=count + 1)
    reached = own[1:] > 0
    by_depth = sorted(range(count), key=lambda i: (_nesting(zones, i), i))
    for place in reversed(by_depth):
        if reached[place] and zones[place].parent >= 0:
            reached[zones[place].parent] = True
    rest, root = count, count + 1
    nodes = _Nodes([-1], [0], [0.0], [0], [root], [-1], np.full(count + 1, -1, np.int64), np.arange(count + 1))
    node_of = {-1: 0}
    rank_by_id = {place: i for i, place in enumerate(sorted(range(count), key=lambda i: zones[i].zone_id))}
    for place in (place for place in by_depth if reached[place]):
        node_of[place] = len(nodes.parent)
        area = zones[place]
        _add(nodes, node_of[area.parent], 1, area.public_size, rank_by_id[place], place, place)
    with_children = {zones[place].parent for place in node_of if place >= 0}
    for place, node in list(node_of.items()):
        nodes.home[place] = node
        if place in with_children and own[place + 1] > 0:
            nodes.home[place] = len(nodes.parent)
            _add(nodes, node, 2, 0.0, 0, rest if place < 0 else place, -1)
    if -1 not in with_children:
        nodes.token_of_home[-1] = root
    return nodes


def _add(nodes: _Nodes, parent: int, rank: int, size: float, name: int, token: int, zone: int) -> None:
    """Append one upper node."""
    nodes.parent.append(parent)
    nodes.rank.append(rank)
    nodes.size.append(size)
    nodes.name.append(name)
    nodes.token.append(token)
    nodes.zone.append(zone)
