"""What attacks found, made by hand: one of each verdict."""

from typing import Any

from pipelines.attacks.battery import Report
from pipelines.attacks.finding import Attack, Criterion, Finding, Level, Measured, Shortfall, Weakness, Words
from pipelines.attacks.report.attacked import Attacked, Conditions

K1 = Weakness(Words("no threshold: k = 1", "sans seuil : k = 1"), lambda target: None)
ORDER = Weakness(Words("smallest first", "le plus petit d'abord"), lambda target: None)
BELOW = Level("rows below k", 0, "specification S5: k distinct devices, before weights and rounding")
AUC = Level("mean AUC", 0.65, "set for the battery before anything was measured", Shortfall(0.75, "0024-open"))
CONDITIONS = Conditions(20, 5, 2, 15, "Hexaflux 0.1.0 (0123456789ab)", "Hexaflux 0.2.0")
NOBODY = Words("nobody was there", "personne n'était là")


def declared(
    number: str,
    criterion: Criterion,
    levels: tuple[Level, ...] = (BELOW,),
    weaknesses: tuple[Weakness[Any], ...] = (K1,),
) -> Attack[Any]:
    """An attack that is never carried out."""
    words = {name: Words(f"{name} of {number}", f"{name} de {number}") for name in ("what", "knowledge", "control")}
    return Attack(
        number=number,
        name=Words(f"Attack {number}", f"Attaque {number}"),
        criterion=criterion,
        levels=levels,
        subject=lambda target: None,
        measure=lambda subject, target: Measured({}),
        weaknesses=weaknesses,
        **words,
    )


def finding(
    number: str,
    criterion: Criterion,
    value: float | None,
    weak: tuple[float | None, ...],
    level: Level = BELOW,
) -> Finding[Any]:
    """What an attack of one level found in a release and in weak ones; None where there was nothing to attack."""
    attack = declared(number, criterion, (level,), (K1, ORDER)[: len(weak) or 1])
    return Finding(attack, measured(level, value), tuple(measured(level, each) for each in weak))


def measured(level: Level, value: float | None) -> Measured:
    """One figure, the fewest devices beside it, and what they are of; or nothing."""
    if value is None:
        return Measured({}, skipped=NOBODY)
    return Measured({level.figure: value, "fewest devices": 20}, {"rows": 12_340})


HELD = finding("T1", "singling out", 0, (76_775,))
KNOWN = finding("T2", "inference", 0.7, (0.9,), AUC)
BROKEN = finding("T3", "singling out", 3, (5,))
SKIPPED = finding("T4", "linkability", None, ())
IDLE = finding("T5", "inference", 0, (0, 7))


STRANGE = Level("rows of other devices", 0, BELOW.source)
DAYS = Level("risk over all days", 0.1, AUC.source)
SOUND = Level("systems that no devices explain", 0, "the attack itself: what it assumes of rows holds", check=True)
ONE_DAY = Words("there is one day", "il n'y a qu'un jour")
EVERY_DAY = Weakness(Words("every day", "chaque jour"), lambda target: None, (DAYS.figure,))


def partial() -> Finding[Any]:
    """What an attack of four levels found: one that a weak release breaks, one untested, one absent, one a check."""
    attack = declared("T6", "singling out", (BELOW, STRANGE, DAYS, SOUND), (K1, EVERY_DAY))
    names = (BELOW.figure, STRANGE.figure, SOUND.figure)
    found = Measured(dict.fromkeys(names, 0), absent={DAYS.figure: ONE_DAY})
    weak = Measured({**dict.fromkeys(names, 0), BELOW.figure: 41}, absent={DAYS.figure: ONE_DAY})
    return Finding(attack, found, (weak, Measured({}, skipped=ONE_DAY)))


PARTIAL = partial()


def attacked(*findings: Finding[Any]) -> Attacked:
    """A release in which this was found."""
    return Attacked("town-1", "ab" * 32, 1, CONDITIONS, Report(findings))
