"""What the grammar of opening hours expects at each of its places."""

from typing import Final

from pipelines.feeds.hours.refusals import refusal

SELECTOR: Final = refusal(
    "days, or times",
    "write for example Mo-Fr 09:00-12:00,13:30-17:30; Sa 09:00-12:00; PH off",
    "des jours ou des heures",
    "écrivez par exemple Mo-Fr 09:00-12:00,13:30-17:30; Sa 09:00-12:00; PH off",
)
LATER_DAYS: Final = refusal(
    "the days of this rule, without which two programs read it differently",
    "write for example Mo-Su before the times",
    "les jours de cette règle, sans lesquels deux logiciels la lisent différemment",
    "écrivez par exemple Mo-Su avant les heures",
)
TIMES: Final = refusal(
    "times or off",
    "write for example Mo-Fr 09:00-12:00 or Mo-Fr off; for all day, 00:00-24:00",
    "des heures ou off",
    "écrivez par exemple Mo-Fr 09:00-12:00 ou Mo-Fr off ; pour toute la journée, 00:00-24:00",
)
TIME: Final = refusal(
    "a time such as 09:00-12:30, without a space around it",
    "write for example 09:00-12:00,13:30-17:30",
    "une plage telle que 09:00-12:30, sans espace autour",
    "écrivez par exemple 09:00-12:00,13:30-17:30",
)
CLOCK: Final = refusal(
    "times from 00:00 to 24:00, with minutes up to 59",
    "write for example 09:00-12:30",
    "des heures de 00:00 à 24:00, avec des minutes jusqu’à 59",
    "écrivez par exemple 09:00-12:30",
)
MIDNIGHT: Final = refusal(
    "a time that ends after it begins, on the same day: one program errs after midnight when summer time begins",
    "cut the time at midnight, for example Fr 20:00-24:00; Sa 00:00-02:00",
    "une plage qui finit après son début, le même jour : un logiciel se trompe après minuit au passage à l’heure d’été",
    "coupez la plage à minuit, par exemple Fr 20:00-24:00; Sa 00:00-02:00",
)
END: Final = refusal(
    "“;”, “,” or the end",
    "separate rules with “;” and times or days with “,”, without a space",
    "« ; », « , » ou la fin",
    "séparez les règles par « ; », les heures ou les jours par « , », sans espace",
)
SPACE: Final = refusal(
    "a single space and then weekdays, times or off",
    "write for example Jul-Aug Mo-Fr 09:00-12:00",
    "une seule espace, puis des jours, des heures ou off",
    "écrivez par exemple Jul-Aug Mo-Fr 09:00-12:00",
)
WEEKDAY: Final = refusal(
    "Mo, Tu, We, Th, Fr, Sa or Su; PH stands first or last",
    "write for example Mo-Fr or Sa,Su,PH",
    "Mo, Tu, We, Th, Fr, Sa ou Su ; PH est au début ou à la fin",
    "écrivez par exemple Mo-Fr ou Sa,Su,PH",
)
SAME_KIND: Final = refusal(
    "a list of one kind: months, dates without a year or dates with a year",
    "write two rules, for example Jul Mo-Fr 09:00-12:00; 2027 Aug 05 Mo-Fr 09:00-12:00",
    "une liste d’une seule sorte : des mois, des dates sans année ou des dates avec année",
    "écrivez deux règles, par exemple Jul Mo-Fr 09:00-12:00; 2027 Aug 05 Mo-Fr 09:00-12:00",
)
NO_DATE: Final = refusal(
    "a date that every year has, or Feb 29 with a leap year",
    "write for example Feb 28, Mar 01 or 2028 Feb 29",
    "une date de chaque année, ou Feb 29 avec une année bissextile",
    "écrivez par exemple Feb 28, Mar 01 ou 2028 Feb 29",
)
END_OF_FEBRUARY: Final = refusal(
    "the month at both ends of a range until the end of February, which one program reads as empty otherwise",
    "write for example Feb 01-Feb 28 or 2028 Feb 01-2028 Feb 29",
    "le mois aux deux bouts d’une période jusqu’à la fin de février, qu’un logiciel lit sinon comme vide",
    "écrivez par exemple Feb 01-Feb 28 ou 2028 Feb 01-2028 Feb 29",
)
WHOLE_YEAR: Final = refusal(
    "dates that leave out a day of the year, without which one program reads them as none",
    "leave them out, or write Jan-Dec",
    "des dates qui ne font pas toute l’année, qu’un logiciel lit sinon comme aucune",
    "retirez-les, ou écrivez Jan-Dec",
)
BACKWARDS: Final = refusal(
    "a range that ends after it begins",
    "write the earlier date first; over the end of a month, for example Jan 20-Feb 10",
    "une période qui finit après son début",
    "écrivez d’abord la première date ; au-delà d’un mois, par exemple Jan 20-Feb 10",
)
WEEK: Final = refusal(
    "weeks from 01 to 53, the earlier one first",
    "write for example week 01-20 or week 50-53,01-02",
    "des semaines de 01 à 53, la première d’abord",
    "écrivez par exemple week 01-20 ou week 50-53,01-02",
)
STEP: Final = refusal(
    "every second week (/2) of at least three, other steps being read differently by two programs",
    "write the weeks, for example week 10,13,16",
    "une semaine sur deux (/2) parmi au moins trois, les autres pas étant lus différemment par deux logiciels",
    "écrivez les semaines, par exemple week 10,13,16",
)
NO_SEASON: Final = refusal(
    "hours of certain dates without other months, dates or weeks",
    "write for example off, 09:00-12:00 or Mo-Fr 09:00-12:00; Sa 10:00-12:00",
    "des horaires de certaines dates sans autres mois, dates ou semaines",
    "écrivez par exemple off, 09:00-12:00 ou Mo-Fr 09:00-12:00; Sa 10:00-12:00",
)
NO_HOLIDAYS: Final = refusal(
    "dates in place of PH outside of France, where two programs have different public holidays",
    "write for example Jan 01,Dec 25 off",
    "des dates à la place de PH hors de France, où deux logiciels ont des jours fériés différents",
    "écrivez par exemple Jan 01,Dec 25 off",
)
