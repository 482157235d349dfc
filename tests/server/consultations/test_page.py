"""The page and the interface for programs: what they take, what they say, and what they never say."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from pipelines.server import clients
from pipelines.server.consultations.answers import Answers
from pipelines.server.consultations.closing import close_consultation, open_consultation
from pipelines.server.consultations.definition import load
from pipelines.server.consultations.tables import TABLES
from pipelines.server.store import open_store
from schemas.feeds import Text
from tests.server import made as served
from tests.server.consultations.made import FILE, OVER, PLAYGROUND, TODAY, changed, configuration, person, settings
from tests.server.consultations.people import Person, card, passport

PAGE = "/consultations/playground"
ANSWER = {"choice": "yes", "district": "north"}
CHILD = Person("DOE", "ANNA", f"{(TODAY.year - 9) % 100:02}0101")


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    store = open_store("server.db", tmp_path)
    store.create(TABLES)
    found = Answers(store)
    open_consultation(found, settings(tmp_path), PLAYGROUND, 11, test=False)
    yield found
    store.close()


@pytest.fixture
def ask(answers: Answers, tmp_path: Path) -> Iterator[TestClient]:
    with served.client(configuration(tmp_path, "server.db")) as client:
        yield client


def test_the_page_asks_in_the_language_of_the_reader(ask: TestClient) -> None:
    french, english = ask.get(PAGE), ask.get(PAGE, headers={"accept-language": "de, en-GB;q=0.8"})
    assert '<html lang="fr">' in french.text
    assert "Votre réponse" in french.text
    assert '<html lang="en">' in english.text
    assert "Nobody compares the document" in english.text
    assert '<html lang="fr">' in ask.get(PAGE, params={"lang": "fr"}, headers={"accept-language": "en"}).text


def test_the_page_runs_no_script_and_leaves_no_copy(ask: TestClient) -> None:
    shown = ask.get(PAGE)
    assert "<script" not in shown.text
    assert "http" not in re.sub("<style>.*</style>", "", shown.text, flags=re.DOTALL)
    assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"


def test_the_first_answer_by_the_page_counts_and_the_second_is_told_so(ask: TestClient) -> None:
    first = ask.post(PAGE, params={"lang": "en"}, data=ANSWER | {"mrz": passport(person(1))})
    second = ask.post(PAGE, params={"lang": "en"}, data=ANSWER | {"mrz": card(person(1)), "choice": "no"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Your answer counts" in first.text
    assert "An answer was given before" in second.text
    assert "Town hall, 1 rue X" in second.text


def test_a_program_learns_in_as_many_bytes_whether_an_answer_counts(ask: TestClient) -> None:
    first, second = (ask.post(f"{PAGE}/answers", json=ANSWER | {"mrz": passport(person(2))}) for _ in range(2))
    assert [first.json(), second.json()] == [{"status": "counted"}, {"status": "already"}]
    assert len(first.content) == len(second.content)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mrz": passport(person(1))[:-1]}, "these are not the lines of a document"),
        ({"mrz": passport(person(1))[:-1] + "5"}, "a check digit of the lines is wrong"),
        ({"mrz": "É" + passport(person(1))[1:]}, "a sign that no document has"),
        ({"mrz": passport(CHILD)}, "for people aged 16 or more"),
        ({"mrz": passport(Person("DOE", "ANNA", "91<<<<"))}, "no complete date of birth. Town hall, 1 rue X"),
        ({"choice": "perhaps"}, "choose an answer"),
        ({"district": ""}, "choose a district"),
    ],
)
def test_what_is_wrong_is_said_and_the_lines_are_not_repeated(
    ask: TestClient, given: dict[str, str], said: str
) -> None:
    whole = ANSWER | {"mrz": passport(person(1))} | given
    shown = ask.post(PAGE, params={"lang": "en"}, data=whole)
    refused = ask.post(f"{PAGE}/answers", json=whole)
    assert (shown.status_code, refused.status_code) == (400, 400)
    assert said in shown.text
    assert said in refused.json()["title"]
    assert 'role="alert"' in shown.text
    assert not re.search(f"{person(1).surname}|{person(1).given}|DOE|<<|&lt;&lt;", shown.text + refused.text)


def test_what_a_form_brings_is_not_read_as_html(ask: TestClient) -> None:
    shown = ask.post(PAGE, data={"mrz": "<b>x", "choice": "<i>y", "district": '"><u>z'})
    assert not re.search("<b>|<i>|<u>", shown.text)


def test_an_attended_consultation_takes_answers_of_its_counter_alone(
    ask: TestClient, answers: Answers, tmp_path: Path
) -> None:
    desk = changed(id="desk", attended=True)
    open_consultation(answers, settings(tmp_path), desk, 11, test=False)
    own, page = ANSWER | {"mrz": passport(person(1))}, "/consultations/desk"
    other = {"x-api-key": clients.add(tmp_path / "clients.json", "other", ["reports:manage"])}
    counter = {"x-api-key": clients.add(tmp_path / "clients.json", "counter", ["consultations:answer"])}
    for headers, status in (({}, 401), ({"x-api-key": "made-up"}, 401), (other, 403)):
        assert ask.post(f"{page}/answers", json=own, headers=headers).status_code == status
        assert ask.post(page, data=own, headers=headers).status_code == status
    assert ask.post(f"{page}/answers", json=own, headers=counter).json() == {"status": "counted"}
    shown = ask.post(page, data=own, headers=counter | {"accept-language": "en"})
    assert "An answer was given before" in shown.text


def test_the_page_of_an_attended_consultation_says_where_to_answer_and_asks_nothing(
    ask: TestClient, answers: Answers, tmp_path: Path
) -> None:
    open_consultation(answers, settings(tmp_path), changed(id="desk", attended=True), 11, test=False)
    shown = ask.get("/consultations/desk", params={"lang": "en"}).text
    assert "You answer in person, and bring an identity card or a passport. Town hall, 1 rue X" in shown
    assert "<form" not in shown
    assert "no answer is taken from elsewhere" in shown
    assert "You answer in person" not in ask.get(PAGE, params={"lang": "en"}).text


@pytest.fixture
def counter(answers: Answers, tmp_path: Path) -> str:
    """The key of who attends a consultation."""
    open_consultation(answers, settings(tmp_path), changed(id="desk", attended=True), 11, test=False)
    return clients.add(tmp_path / "clients.json", "counter", ["consultations:answer"])


DESK = "/consultations/desk/counter"
FROM_HERE = {"sec-fetch-site": "same-origin"}


def test_at_the_counter_one_person_answers_after_the_other(ask: TestClient, counter: str) -> None:
    assert f'href="{DESK}?lang=fr"' in ask.get("/consultations/desk").text
    asked = ask.get(DESK, auth=("", counter), params={"lang": "en"})
    assert f'<form method="post" action="{DESK}?lang=en"' in asked.text
    for number, told in ((1, "Your answer counts"), (2, "Your answer counts"), (1, "An answer was given before")):
        own = ANSWER | {"mrz": passport(person(number))}
        shown = ask.post(DESK, data=own, auth=("town-hall", counter), headers=FROM_HERE, params={"lang": "en"})
        assert told in shown.text
        assert f'<a href="{DESK}?lang=en">The next person</a>' in shown.text
    wrong = ask.post(DESK, data=ANSWER, auth=("", counter), headers=FROM_HERE, params={"lang": "en"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_else_is_let_in_at_the_counter(ask: TestClient, counter: str, tmp_path: Path, method: str) -> None:
    other = clients.add(tmp_path / "clients.json", "other", ["reports:manage"])

    def asked(**given: Any) -> Response:
        own = ANSWER | {"mrz": passport(person(1))} if method == "POST" else None
        return ask.request(method, DESK, data=own, headers=FROM_HERE | given.pop("headers", {}), **given)

    for headers in ({}, {"authorization": "Basic !"}, {"authorization": "Basic /w=="}, {"authorization": "Digest x"}):
        refused = asked(headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
    assert asked(auth=("counter", "made-up")).status_code == 401
    assert asked(auth=("other", other)).status_code == 403
    assert ask.get("/consultations/playground/counter", auth=("", counter)).status_code == 404


def test_a_form_of_another_page_gives_no_answer_with_the_password_that_the_browser_keeps(
    ask: TestClient, counter: str
) -> None:
    own = ANSWER | {"mrz": passport(person(1))}
    for headers in ({}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        assert ask.post(DESK, data=own, auth=("", counter), headers=headers).status_code == 403
    assert (
        "Your answer counts"
        in ask.post(DESK, data=own, auth=("", counter), headers=FROM_HERE, params={"lang": "en"}).text
    )


def test_the_document_says_who_may_answer(ask: TestClient) -> None:
    told = ask.get("/openapi.json").json()["paths"]["/consultations/{consultation}/answers"]["post"]
    assert {} in told["security"]
    assert {"token": ["consultations:answer"]} in told["security"]
    assert "consultations:answer" in told["description"]
    assert {"401", "403"} <= told["responses"].keys()


def test_only_an_unattended_consultation_says_that_others_can_find_out_who_has_answered(
    ask: TestClient, answers: Answers, tmp_path: Path
) -> None:
    open_consultation(answers, settings(tmp_path), changed(id="desk", attended=True), 11, test=False)
    said = "can find out whether that person has answered"
    shown = [ask.get(f"/consultations/{name}", params={"lang": "en"}).text for name in ("playground", "desk")]
    assert [said in page for page in shown] == [True, False]
    for name in ("playground", "desk"):
        close_consultation(answers, settings(tmp_path), name, OVER)
    told = [str(ask.get(f"/consultations/{name}/results.json").json()["limits"]) for name in ("playground", "desk")]
    assert [said in limits for limits in told] == [True, False]


@pytest.mark.parametrize("name", ["a", "a--b", "7", "a" * 40, "playground-2027"])
def test_every_name_that_can_be_opened_is_answered(
    ask: TestClient, answers: Answers, tmp_path: Path, name: str
) -> None:
    (tmp_path / "own.toml").write_text(FILE.replace('id = "playground"', f'id = "{name}"'), encoding="utf-8")
    open_consultation(answers, settings(tmp_path), load(tmp_path / "own.toml"), 11, test=False)
    own = ANSWER | {"mrz": passport(person(1))}
    assert ask.post(f"/consultations/{name}/answers", json=own).json() == {"status": "counted"}
    close_consultation(answers, settings(tmp_path), name, OVER)
    assert ask.get(f"/consultations/{name}/results.json").status_code == 200


def test_the_page_of_a_consultation_for_trying_says_so(ask: TestClient, answers: Answers, tmp_path: Path) -> None:
    open_consultation(answers, settings(tmp_path), changed(id="trial"), 2, test=True)
    shown = [ask.get(f"/consultations/{name}", params={"lang": "en"}).text for name in ("trial", "playground")]
    assert ["TEST: this consultation is for trying" in page for page in shown] == [True, False]


def test_before_and_after_its_days_and_unknown_it_takes_nothing(
    ask: TestClient, answers: Answers, tmp_path: Path
) -> None:
    later = changed(id="later", opens=OVER, closes=OVER)
    open_consultation(answers, settings(tmp_path), later, 11, test=False)
    assert "<form" not in ask.get("/consultations/later").text
    own = ANSWER | {"mrz": passport(person(1))}
    assert ask.post("/consultations/later", data=own).status_code == 409
    assert ask.post("/consultations/later/answers", json=own).json()["code"] == "CLOSED"
    assert ask.get("/consultations/unknown").status_code == 404
    assert ask.post("/consultations/unknown/answers", json=own).status_code == 404


def test_results_are_there_after_closing_and_not_before(ask: TestClient, answers: Answers, tmp_path: Path) -> None:
    ask.post(f"{PAGE}/answers", json=ANSWER | {"mrz": passport(person(1))})
    assert ask.get(f"{PAGE}/results.json").status_code == 404
    close_consultation(answers, settings(tmp_path), "playground", OVER)
    assert ask.get(f"{PAGE}/results.json").json()["people"] is None
    assert ask.get(f"{PAGE}/results.csv").headers["content-type"] == "text/csv; charset=utf-8"
    assert f'href="{PAGE}/proof.txt"' in ask.get(PAGE).text
    assert ask.post(f"{PAGE}/answers", json=ANSWER | {"mrz": passport(person(2))}).status_code == 409
    assert "Cette consultation est terminée" in ask.post(PAGE, data=ANSWER | {"mrz": passport(person(2))}).text


def test_the_list_leads_to_those_that_take_answers_first_and_not_to_those_for_trying(
    ask: TestClient, answers: Answers, tmp_path: Path
) -> None:
    for each in (
        changed(id="later", title=Text("Later", "Ensuite"), opens=OVER, closes=OVER),
        changed(
            id="past", title=Text("Past", "Avant"), opens=TODAY - timedelta(days=9), closes=TODAY - timedelta(days=2)
        ),
    ):
        open_consultation(answers, settings(tmp_path), each, 11, test=False)
    open_consultation(answers, settings(tmp_path), changed(id="trial"), 2, test=True)
    shown = ask.get("/consultations/", params={"lang": "en"})
    assert re.findall('href="/consultations/([a-z]+)', shown.text) == ["playground", "later", "past"]
    assert re.findall("(Answers are taken|Over since)", shown.text) == ["Answers are taken"] * 2 + ["Over since"]
    assert "<form" not in shown.text
    assert 'href="/consultations/"' in ask.get("/").text
    close_consultation(answers, settings(tmp_path), "past", TODAY)
    assert "les résultats sont publiés" in ask.get("/consultations/").text


def test_neither_metrics_nor_log_tell_how_many_have_answered(answers: Answers, tmp_path: Path) -> None:
    lines: list[dict[str, object]] = []
    with served.client(configuration(tmp_path, "server.db"), lines) as ask:
        given = [
            ask.post(f"{PAGE}/answers", json=ANSWER | {"mrz": passport(person(1))}),
            ask.post(PAGE, data=ANSWER | {"mrz": passport(person(2))}),
            ask.post(f"{PAGE}/answers", content=b"x" * 100_000),
            ask.get(PAGE),
        ]
        assert [each.status_code for each in given] == [200, 200, 413, 200]
        ask.get("/health")
        told = ask.get("/metrics").text
    assert "consultation" not in told
    assert {line.split()[0].partition("{")[2] for line in told.splitlines() if "requests_total{" in line} == {
        'method="GET",route="/health",status="200"}'
    }
    assert [line["route"] for line in lines] == ["/health", "/metrics"]


def test_without_its_key_an_open_consultation_takes_nothing(ask: TestClient, tmp_path: Path) -> None:
    settings(tmp_path).held().destroy(PLAYGROUND)
    refused = ask.post(f"{PAGE}/answers", json=ANSWER | {"mrz": passport(person(1))})
    assert (refused.status_code, refused.json()["code"]) == (503, "UNAVAILABLE")
    assert ask.get(PAGE).status_code == 200
