"""The measurement as a page of the documentation."""

from collections.abc import Iterator, Mapping, Sequence

from tests.accuracy import report
from tests.accuracy.coverage import LEAST, MOST
from tests.accuracy.recorded import LEAST_MARGIN, MARGIN
from tests.accuracy.town import FESTIVAL, Size, Town
from tests.accuracy.verdict import Line

INTRODUCTION = """# Accuracy

How far the published figures are from the truth, on simulated towns: `docs/simulator.md` says what they are made of.
Real networks, people and phones are different; no comparison with real counts has been made. `make accuracy` measures
this anew; this page is what `python -m tests.accuracy --write docs/accuracy.md` wrote.

For each seed: `hexaflux simulate`, `hexaflux run`, `hexaflux audit`, and `hexaflux score` against the whole simulated
population, of which the operator sees a part. What is compared is the release as anybody gets it: pooled, rounded,
extrapolated. So every figure holds the error of the sample, of the location, of the method and of the protection.
"""

METHOD = f"""## What is measured

Let a published part be a set of hexagons or zones, its *truth* the people who were there, and an *error* the
published people by the true people, minus 1, without its sign unless it is called signed. Sizes are those of the
truth. A truth of nobody has no error. The output of `hexaflux score` has all sizes, kinds of zone, signed means and
90th percentiles; the table above has the headlines.

- **Attendance.** Every zone and day with a part of its own. A part that pools zones is not compared, and counted: who
  was in two of its zones counts once, and no truth table tells how many did.
- **Presence by zone.** A zone and slot are compared where every part that touches the zone lies in it: its people are
  the sum of these parts, and their errors are taken as independent. Where a pool reaches over the border of the zone,
  its people cannot be told, and it is not compared.
- **Presence by hexagon.** The people of each part are spread evenly over its area, then added up by hexagon of
  resolution 8, for the slot that holds the half hour. *Misplaced* is half the sum of the differences from the truth,
  by the true people; people who are too many or too few count by half. The truth knows no place outside of the area:
  whoever is published there is misplaced. *Scaled* is the same after the published people of the hour are brought to
  the true number.
- **Splits** (age, class, category, origin, dwell). The *distance* is half the sum of the differences of the shares of
  the classes: the share of the people who would have to change their class. Pooled classes are compared as pools; a
  class without a row is one of nobody. Nobody is `unknown` in the truth: a row of unknown people is spread over the
  other domestic rows in proportion. Foreign people are one class where the part has it, else they are left out of the
  truth; by hour the truth cannot tell them apart, and the published class of them is left out. Parts with `all`,
  parts of several zones and, for presence, zones of more than one part are not compared. Distances are over parts of
  at least 600 printed devices; *right* is 1 minus the distance over all parts, weighted by people.
- **Nights.** By zone, over the categories that are published; *published* is their share of all true nights.
- **Flows.** Between single communes, by hour of departure. The common part is twice the sum of the lesser of the
  published and the true people, by the sum of both. It is over the pairs and hours whose true flow is at least what
  *k* devices stand for (k / market share): less may not be published, whatever the method. The choice is by the truth
  alone, so that a published flow does not choose itself, and one that is too small by chance counts against the
  product. A pair without a row of its own counts as 0: pools are not spread. What is published between communes with
  hardly any true flow is told as `flows.from_little`. *By day* adds up the hours first.
- **Festival.** Presence in `{FESTIVAL}`, mean of the slots of each hour with more than 1,000 true people: the mean
  error; and what the truth was in the hour that the release shows as the peak, by the true peak.
- **Intervals.** The share of published figures of a zone whose truth lies in `people_low` to `people_high`, ends
  included. They are meant to hold 95 %.
- **Detail.** The share of the people who are published within one hexagon of resolution 8, or finer.

Targets are on these figures; that of communes is read as one for communes of 2,000 visitors or more, as for venues:
below, the sample alone (3 people in 10) misses it. The recorded bounds (`tests/accuracy/bounds.json`) keep figures
from getting worse unseen: the median over the seeds when it was recorded, and {MARGIN:.0%} of it on top (where more
is better, less {MARGIN:.0%} of it or of what lacks to 1, whichever is less), at least {LEAST_MARGIN}; but never
beyond a target that was met. `make accuracy` fails where a median is beyond its bound.
"""


COVERAGE = """## Intervals

Over {replicates:,} small towns drawn from the kernels' own model (`tests/accuracy/coverage.py`): who is a subscriber,
where in the posterior of its cell a device is drawn and a person was, which visits give a signal, the rounding. There
nothing is misjudged, so that this shows what an interval is made for: chance. In the towns above the model of the
radio network is not that of the simulation, and intervals hold the truth less often, as their rows say: the error of a
figure is mostly one of place, which no interval here covers. It never covers a wrong market share either.
"""


def page(
    towns: Sequence[Town], lines: Sequence[Line], size: Size, covered: Mapping[str, float], replicates: int
) -> str:
    """The page."""
    shares = [[name, f"{share:.1%}", f"{LEAST:.0%} to {MOST:.0%}"] for name, share in covered.items()]
    intervals = [COVERAGE.format(replicates=replicates), "| family | covered | target |", "|---|---:|---|"]
    intervals += [f"| {' | '.join(row)} |" for row in shares]
    return "\n".join([*_lines(towns, lines, size), *intervals, "", LIMITS])


LIMITS = """## What limits the figures, and what was tried

Figures in this section are of prototypes on the Saturdays of seeds 1 and 2. No command repeats them.

- **Location.** The estimator knows the network plan, not the shadows of hills and houses. A venue of two hexagons is
  smaller than the cells that serve it, and is over- or underestimated as the shadows have it, up to two times on one
  weekend. Tried, and left out because places got worse: densities by expectation maximisation from the counts of cells
  (total variation at resolution 8 from 0.10 to 0.11 after one round, 0.15 after ten), a calibration of cells by where
  their devices live at night (median error of communes from 0.14 to 0.18), sharper and blunter draws (no difference).
  What helped and is in: competition between cells, home and capacity priors, places from several cells.
- **Visits of strangers to small communes.** A device near a border is drawn on its other side some of the time; every
  such place makes a visit that nobody made. Small communes had two to four times their true strangers, or more.
- **Flows.** A pair and hour is published where it has k devices and neither its origin nor itself is pooled; each pool
  takes in a pair that was large enough, as the rule of the partition has it. `flows.own_row` is what is left.
- **Unknown homes.** One device in twenty has no known home; by definition it is a visitor wherever it is.
"""


def _lines(towns: Sequence[Town], lines: Sequence[Line], size: Size) -> Iterator[str]:
    seeds = [town.seed for town in towns]
    yield INTRODUCTION
    yield (
        f"Measured: {size.devices:,} devices, {size.days} privacy days from {size.start}, market share "
        f"{size.market_share:g}, seeds {', '.join(map(str, seeds))}. The keys are fixed by the seed."
    )
    yield "\n## Results\n"
    yield from _table(report.columns(seeds), [report.cells(line) for line in lines])
    yield "\n## In words\n"
    yield from (f"- {_sentence(line)}" for line in lines)
    yield ""
    yield METHOD
    yield "## Not compared\n"
    yield f"In the town of seed {seeds[0]}:\n"
    yield from (f"- {number:,} × {reason}" for reason, number in towns[0].sheet.scored.left_out.items())
    yield from (f"- {name}: not in this release" for name in towns[0].sheet.absent)
    yield from (f"- {name}: the simulation has no truth for it" for name in towns[0].sheet.without_truth)
    yield ""


def _sentence(line: Line) -> str:
    name = line.headline.words
    start = f"{name[0].upper()}{name[1:]}"
    if line.median is None:
        return f"{start}: not measured."
    target = line.headline.target
    told = f"{start}: {line.median:.1%}"
    if target is None:
        return f"{told}."
    sides = [("at least", target.least), ("at most", target.most)]
    aim = " and ".join(f"{words} {value:.0%}" for words, value in sides if value is not None)
    return f"{told}; the target of {aim} is {'met' if line.reached else '**missed**'}."


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|---|{'---:|' * (len(head) - 3)}---|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
