"""Where devices are at home: the countries of the world by mobile country code, and the French départements.

Sources: ITU-T E.212 (geographic mobile country codes), ISO 3166-1, the United Nations M49 regions (simplified), and the
INSEE code of regions and départements.
"""

from typing import Final

UNKNOWN_COUNTRY: Final = "ZZ"
"""A foreign network whose country is not in the list; ISO 3166-1 leaves this code to its users."""

_COUNTRIES_OF_CODES: Final = """
202 GR, 204 NL, 206 BE, 208 FR, 212 MC, 213 AD, 214 ES, 216 HU, 218 BA, 219 HR, 220 RS, 221 XK, 222 IT, 225 VA, 226 RO,
228 CH, 230 CZ, 231 SK, 232 AT, 234 GB, 235 GB, 238 DK, 240 SE, 242 NO, 244 FI, 246 LT, 247 LV, 248 EE, 250 RU, 255 UA,
257 BY, 259 MD, 260 PL, 262 DE, 266 GI, 268 PT, 270 LU, 272 IE, 274 IS, 276 AL, 278 MT, 280 CY, 282 GE, 283 AM, 284 BG,
286 TR, 288 FO, 289 GE, 290 GL, 292 SM, 293 SI, 294 MK, 295 LI, 297 ME,
302 CA, 308 PM, 310 US, 311 US, 312 US, 313 US, 314 US, 315 US, 316 US, 330 PR, 332 VI, 334 MX, 338 JM, 340 GP, 342 BB,
344 AG, 346 KY, 348 VG, 350 BM, 352 GD, 354 MS, 356 KN, 358 LC, 360 VC, 362 CW, 363 AW, 364 BS, 365 AI, 366 DM, 368 CU,
370 DO, 372 HT, 374 TT, 376 TC,
400 AZ, 401 KZ, 402 BT, 404 IN, 405 IN, 406 IN, 410 PK, 412 AF, 413 LK, 414 MM, 415 LB, 416 JO, 417 SY, 418 IQ, 419 KW,
420 SA, 421 YE, 422 OM, 424 AE, 425 IL, 426 BH, 427 QA, 428 MN, 429 NP, 430 AE, 431 AE, 432 IR, 434 UZ, 436 TJ, 437 KG,
438 TM, 440 JP, 441 JP, 450 KR, 452 VN, 454 HK, 455 MO, 456 KH, 457 LA, 460 CN, 461 CN, 466 TW, 467 KP, 470 BD, 472 MV,
502 MY, 505 AU, 510 ID, 514 TL, 515 PH, 520 TH, 525 SG, 528 BN, 530 NZ, 536 NR, 537 PG, 539 TO, 540 SB, 541 VU, 542 FJ,
543 WF, 544 AS, 545 KI, 546 NC, 547 PF, 548 CK, 549 WS, 550 FM, 551 MH, 552 PW, 553 TV, 554 TK, 555 NU,
602 EG, 603 DZ, 604 MA, 605 TN, 606 LY, 607 GM, 608 SN, 609 MR, 610 ML, 611 GN, 612 CI, 613 BF, 614 NE, 615 TG, 616 BJ,
617 MU, 618 LR, 619 SL, 620 GH, 621 NG, 622 TD, 623 CF, 624 CM, 625 CV, 626 ST, 627 GQ, 628 GA, 629 CG, 630 CD, 631 AO,
632 GW, 633 SC, 634 SD, 635 RW, 636 ET, 637 SO, 638 DJ, 639 KE, 640 TZ, 641 UG, 642 BI, 643 MZ, 645 ZM, 646 MG, 647 RE,
648 ZW, 649 NA, 650 MW, 651 LS, 652 BW, 653 SZ, 654 KM, 655 ZA, 657 ER, 658 SH, 659 SS,
702 BZ, 704 GT, 706 SV, 708 HN, 710 NI, 712 CR, 714 PA, 716 PE, 722 AR, 724 BR, 730 CL, 732 CO, 734 VE, 736 BO, 738 GY,
740 EC, 742 GF, 744 PY, 746 SR, 748 UY, 750 FK
"""

COUNTRY_OF_MCC: Final = {
    int(code): country for code, country in (pair.split() for pair in _COUNTRIES_OF_CODES.split(","))
}
"""Mobile country code to country."""

_COUNTRIES_OF_REGIONS: Final = {
    "other": UNKNOWN_COUNTRY,
    "Oceania": "AS AU CK FJ FM KI MH NC NR NU NZ PF PG PW SB TK TL TO TV VU WF WS",
    "Central Asia and Caucasus": "AM AZ GE KG KZ TJ TM UZ",
    "South Asia": "AF BD BT IN LK MV NP PK",
    "South-East Asia": "BN ID KH LA MM MY PH SG TH VN",
    "East Asia": "CN HK JP KP KR MN MO TW",
    "Middle East": "AE BH IL IQ IR JO KW LB OM QA SA SY YE",
    "West and Central Africa": "AO BF BJ CD CF CG CI CM CV GA GH GM GN GQ GW LR ML MR NE NG SH SL SN ST TD TG",
    "East and Southern Africa": "BI BW DJ ER ET KE KM LS MG MU MW MZ NA RE RW SC SD SO SS SZ TZ UG ZA ZM ZW",
    "North Africa": "DZ EG LY MA TN",
    "Caribbean": "AG AI AW BB BS CU CW DM DO GD GP HT JM KN KY LC MS PR TC TT VC VG VI",
    "Latin America": "AR BO BR BZ CL CO CR EC FK GF GT GY HN MX NI PA PE PY SR SV UY VE",
    "North America": "BM CA GL PM US",
    "Eastern Europe": "BG BY MD RO RU TR UA",
    "South-Eastern Europe": "AL BA CY GR HR ME MK RS SI XK",
    "Central Europe": "CZ HU PL SK",
    "Northern Europe": "DK EE FI FO IS LT LV NO SE",
    "Southern Europe": "AD ES GI IT MT PT SM VA",
    "British Isles": "GB IE",
    "Western Europe": "AT BE CH DE FR LI LU MC NL",
}
WORLD_REGIONS: Final = {region: tuple(listed.split()) for region, listed in _COUNTRIES_OF_REGIONS.items()}
"""Which countries merge first. The further from France, the earlier a region gives up its detail for another."""

COUNTRIES: Final = tuple(sorted(country for region in WORLD_REGIONS.values() for country in region))
"""Every country that an origin can be."""

FRENCH_REGIONS: Final = {
    "01": ("971",),
    "02": ("972",),
    "03": ("973",),
    "04": ("974",),
    "06": ("976",),
    "11": ("75", "77", "78", "91", "92", "93", "94", "95"),
    "24": ("18", "28", "36", "37", "41", "45"),
    "27": ("21", "25", "39", "58", "70", "71", "89", "90"),
    "28": ("14", "27", "50", "61", "76"),
    "32": ("02", "59", "60", "62", "80"),
    "44": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "52": ("44", "49", "53", "72", "85"),
    "53": ("22", "29", "35", "56"),
    "75": ("16", "17", "19", "23", "24", "33", "40", "47", "64", "79", "86", "87"),
    "76": ("09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"),
    "84": ("01", "03", "07", "15", "26", "38", "42", "43", "63", "69", "73", "74"),
    "93": ("04", "05", "06", "13", "83", "84"),
    "94": ("2A", "2B"),
}
"""The départements of each region, by INSEE code."""

DEPARTEMENTS: Final = tuple(sorted(code for region in FRENCH_REGIONS.values() for code in region))
"""Every French département."""


def country_of(mcc: int) -> str:
    """The country of a foreign mobile country code, or `ZZ`."""
    return COUNTRY_OF_MCC.get(mcc, UNKNOWN_COUNTRY)


def departement_of(commune: str) -> str | None:
    """The département of an INSEE commune code, or None where it is no such code."""
    code = commune[:3] if commune.startswith("97") else commune[:2]
    return code if is_commune(commune) else None


def is_commune(code: str) -> bool:
    """Whether a text has the form of an INSEE commune code in a département of today."""
    departement = code[:3] if code.startswith("97") else code[:2]
    rest = code[len(departement) :]
    return len(code) == 5 and departement in DEPARTEMENTS and rest.isascii() and rest.isdigit()
