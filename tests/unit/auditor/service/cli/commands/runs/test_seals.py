"""Tests the coverage of a seal, its owner, and the display of a run that was judged again after it was sealed."""

import io
import json
import re
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from auditor.figures.comparison import Credibility
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.seals import stamping
from auditor.service.pipeline.seals.seal_contents import FIRST, contents
from auditor.service.pipeline.seals.stamping import NotStamped
from auditor.service.runs import sealing
from auditor.service.store.api import Store
from auditor.service.store.records import Doubt, SettledSubject
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.service.store.examples import evidence
from tests.unit.auditor.stored import Brief, Held, judge, put

URL = "sqlite:///auditor.db"
FAILS = Held(name="a", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]})
PASSES = Held(name="a", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)]})
MARKED = ("text", "csv", "json", "jsonl", "html", "xlsx", "pdf", "oscal", "junit", "ocsf", "defectdojo", "ics", "docx")


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store(URL) as store:
        put(store, FAILS)
        store.add_evidence([evidence("www.tinh.vn", of=RunId("a"))])


@pytest.fixture
def key(tmp_path: Path) -> str:
    """Write the office's key, pin its public key in the configuration, and return the path of the private key."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    Path("key.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    Path("public.pem").write_bytes(public)
    Path("auditor.toml").write_text('lang = "en"\n[seal]\npublic_key = "public.pem"\n', encoding="utf-8")
    return "key.pem"


def changed(*statements: str) -> None:
    """Execute the statements as a person with write access to the file."""
    with connected("auditor.db") as connection:
        for statement in statements:
            connection.execute(statement)


def held() -> dict[str, object]:
    with connected("auditor.db") as connection:
        (body,) = connection.execute("SELECT body FROM seal").fetchone()
    found: dict[str, object] = json.loads(zlib.decompress(body))
    return found


def put_back(seal: dict[str, object]) -> None:
    with connected("auditor.db") as connection:
        connection.execute("UPDATE seal SET body = ?", (zlib.compress(sealing.dump_seal(seal)),))


def judged_again() -> None:
    with open_store(URL) as store:
        judge(store, store.run(RunId("a")), PASSES, 2)


def of_store(work: str) -> str:
    with open_store(URL) as store:
        judgement = store.latest_judgement(RunId("a"))
    assert judgement is not None, work
    return judgement.id


def test_a_seal_says_who_made_it_and_where_the_audit_log_stood(cli: Cli) -> None:
    cli("report", "a", "--format", "csv=a.csv")
    cli("runs", "seal", "a")
    seal = held()
    assert seal["format"] == "auditor-seal-2"
    assert isinstance(seal["log"], dict)
    assert seal["log"]["number"] == 1
    assert str(seal["sealed_by"]).split(" ")[0] in cli("runs", "show", "a").out


def test_a_judgement_after_the_sealing_is_not_shown_unless_chosen(cli: Cli) -> None:
    cli("runs", "seal", "a")
    judged_again()
    assert of_store("after") == "a.1"
    assert "1 finding, 1 fail" in cli("runs", "show", "a").out
    assert "made after the sealing" in cli("runs", "show", "a").out
    assert json.loads(cli("report", "a", "--format", "json").out)["run"]["judgement"] == "a.1"
    chosen = json.loads(cli("report", "a", "--judgement", "a.2", "--format", "json").out)
    assert (chosen["run"]["judgement"], chosen["run"]["seal"]["covers"]) == ("a.2", False)
    assert cli("report", "a", "--judgement", "a.3").code == 2
    assert cli("runs", "verify", "a").code == 0


def test_without_a_seal_the_latest_judgement_is_shown() -> None:
    judged_again()
    assert of_store("not sealed") == "a.2"


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("format", MARKED)
def test_a_judgement_that_the_seal_does_not_cover_is_marked_in_every_format(
    cli: Cli, format: str, lang: str, tmp_path: Path
) -> None:
    cli("runs", "seal", "a")
    with open_store(URL) as store:
        judge(store, store.run(RunId("a")), FAILS, 2)
    for judgement in ("a.1", "a.2"):
        out = tmp_path / judgement
        result = cli("report", "a", "--judgement", judgement, "--format", format, "--out", str(out), "--lang", lang)
        assert result.code == 3, result.err
    sealed, outside = (read(tmp_path / text) for text in ("a.1", "a.2"))
    words = "NOT SEALED" if lang == "en" and format != "docx" else "CHƯA NIÊM PHONG"  # a letter is Vietnamese
    machine = {"jsonl": '"sealed":false', "ocsf": '"sealed":false', "junit": 'name="sealed" value="no"'}
    wanted = machine.get(format, words)
    assert wanted in outside
    assert wanted not in sealed


def read(folder: Path) -> str:
    """Return every text of the files written in the folder, in any format."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        if data.startswith(b"%PDF"):
            found += [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
        elif data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                texts = [archive.read(text).decode(errors="replace") for text in archive.namelist()]
            found += [re.sub("<[^>]+>", "", text) for text in texts]
        else:
            found.append(re.sub(r'": ', '":', data.decode()))
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize(
    ("state", "said"),
    [(Credibility.WAITING, "is in doubt and cannot be sealed"), (Credibility.VANTAGE, "the vantage was to blame")],
)
def test_a_run_in_doubt_or_with_the_vantage_to_blame_is_not_sealed(cli: Cli, state: Credibility, said: str) -> None:
    with open_store(URL) as store:
        assert isinstance(store, SqlStore)
        put(store, Held(name="b", days=1))
    changed(
        f"INSERT INTO doubt SELECT key, 'b', '[\"ipv6.web\"]', '2026-10-01 00:00:00.000000', '{state.value}', ''"
        " FROM run WHERE id = 'a'"
    )
    with open_store(URL) as store:
        doubt = store.run(RunId("a")).doubt
    assert isinstance(doubt, Doubt)
    assert doubt.state is state
    sealed = cli("runs", "seal", "a")
    assert sealed.code == 2
    assert said in sealed.err


def test_a_blob_that_is_not_what_its_digest_says_is_a_damaged_store(cli: Cli) -> None:
    cli("runs", "seal", "a")
    with connected("auditor.db") as connection:
        (policy,) = connection.execute("SELECT policy FROM run").fetchone()
        connection.execute("UPDATE blob SET body = ? WHERE digest = ?", (zlib.compress(b"{}"), policy))
    result = cli("report", "a")
    assert (result.code, result.err) == (
        1,
        f"auditor: the store is damaged: what it keeps as {policy} is something else; restore it from a backup\n",
    )
    changed(f"UPDATE blob SET body = 'x' WHERE digest = '{policy}'")
    assert cli("report", "a").err == result.err
    verified = cli("runs", "verify", "a")
    assert (verified.code, f"altered: blobs {policy}" in verified.out) == (3, True)


@pytest.mark.parametrize("body", ["'x'", "zeroblob(0)", "''"])
def test_a_damaged_seal_is_one_line_and_runs_are_listed_all_the_same(cli: Cli, body: str) -> None:
    cli("runs", "seal", "a")
    changed(f"UPDATE seal SET body = {body}")
    listed = cli("runs", "list")
    assert (listed.code, "its seal is damaged" in listed.out) == (0, True)
    for words in (("runs", "verify", "a"), ("runs", "show", "a"), ("report", "a")):
        result = cli(*words)
        assert (result.code, result.err.count("\n")) == (1, 1)
        assert "the seal of run a is damaged" in result.err


def test_a_pinned_key_is_asked_for_without_being_named(cli: Cli, key: str) -> None:
    assert cli("runs", "seal", "a", "--key", key).code == 0
    result = cli("runs", "verify", "a")
    assert (result.code, result.out.startswith("the signature is good, by the key sha256:")) == (0, True)


def test_a_signature_that_was_taken_off_is_missed(cli: Cli, key: str) -> None:
    cli("runs", "seal", "a", "--key", key)
    seal = held()
    del seal["signature"]
    put_back(seal)
    for pinned in (True, False):
        if not pinned:
            Path("auditor.toml").unlink()
        result = cli("runs", "verify", "a", "--lang", "en")
        assert (result.code, "has no signature, and should have one" in result.out) == (3, True)


def test_a_seal_made_again_without_the_key_is_noticed(cli: Cli, key: str) -> None:
    cli("runs", "seal", "a", "--key", key)
    changed("DELETE FROM seal", "UPDATE finding SET outcome = 'pass'")
    first = cli("log", "show").out.split("run_sealed  a ")[1].split(" ")[0]
    assert cli("runs", "seal", "a").code == 0
    result = cli("runs", "verify", "a")
    assert (result.code, "has no signature, and should have one" in result.out) == (3, True)
    assert f"the audit log says that the run was sealed as {first}" in result.out
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
    Path("key.pem").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    changed("DELETE FROM seal")
    cli("runs", "seal", "a", "--key", key)
    assert "but by another key" in cli("runs", "verify", "a").out
    assert "run a does not have the seal any more that the audit log tells of" in cli("log", "verify").out


def test_a_seal_that_names_another_line_of_the_audit_log_is_noticed(cli: Cli) -> None:
    cli("report", "a", "--format", "csv=a.csv")
    cli("runs", "seal", "a")
    assert cli("log", "verify").code == 0
    changed("DROP TRIGGER deed_no_delete", "DELETE FROM deed")
    result = cli("log", "verify")
    assert (result.code, "the seal of run a names a line that is not there" in result.out) == (3, True)


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("UPDATE settled SET body = json_set(body, '$.agency', 'X1')", "settled subjects"),
        ("DELETE FROM settled", "settled subjects"),
        ("UPDATE conditions SET body = (SELECT policy FROM run)", "conditions"),
        ("DELETE FROM conditions", "conditions"),
    ],
)
def test_seal_covers_conditions_and_settled_subjects_of_judgement(cli: Cli, statement: str, part: str) -> None:
    with open_store(URL) as store:
        judgement = store.latest_judgement(RunId("a"))
        assert judgement is not None
        store.add_conditions(judgement.id, store.put_blob(b"{}"))
        (subject,) = store.subjects_of(RunId("a"), [SubjectId("www.tinh.vn")])
        store.add_settled(judgement.id, {subject.id: SettledSubject.of(subject, ())})
    cli("runs", "seal", "a")
    assert cli("runs", "verify", "a").code == 0
    changed(statement)
    result = cli("runs", "verify", "a")
    assert result.code == 3
    assert f"figures a.1 {part}" in result.out


def test_an_earlier_seal_is_verified_as_what_it_was(cli: Cli) -> None:
    with open_store(URL) as store:
        seal = earlier_seal(store)
        store.add_seal(RunId("a"), sealing.dump_seal(seal))
    result = cli("runs", "verify", "a")
    assert result.code == 0
    assert "this seal was made by an earlier version" in result.out
    changed("UPDATE run SET state = 'interrupted'")
    assert cli("runs", "verify", "a").code == 0
    changed("UPDATE finding SET outcome = 'pass'")
    assert cli("runs", "verify", "a").code == 3


def earlier_seal(store: Store) -> sealing.Seal:
    """Return a seal in the first format, as earlier versions of the program made it."""
    moment = datetime(2026, 10, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    seal = {"format": FIRST, "sealed_at": moment, **contents(store.run(RunId("a")), store, FIRST)}
    parts = {"run", "blobs", "subjects", "evidence", "declared", "judgements", "figures"}
    assert set(seal) == {"format", "sealed_at", *parts}
    assert "state" not in seal["run"]
    return {**seal, "root": sealing.root(seal)}


def test_a_server_that_does_not_stamp_costs_the_stamp_alone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("auditor.toml").write_text('[seal]\ntimestamp_url = "http://tsa.example.vn/"\n', encoding="utf-8")
    monkeypatch.setattr(stamping, "stamped", refused_stamp)
    result = cli("runs", "seal", "a", "--lang", "en")
    assert (result.code, result.out.startswith("sha256:")) == (0, True)
    first, second = result.err.splitlines()
    assert first == "auditor: warning: the seal has no time stamp: http://tsa.example.vn/: HTTP 500"
    assert "auditor runs stamp a" in second
    assert cli("runs", "verify", "a").code == 0


def test_stamp_that_failed_is_taken_later_once(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (cli("runs", "stamp", "a").code, cli("runs", "seal", "a").code) == (2, 0)
    assert "timestamp_url" in cli("runs", "stamp", "a", "--lang", "en").err
    Path("auditor.toml").write_text('[seal]\ntimestamp_url = "http://tsa.example.vn/"\n', encoding="utf-8")
    monkeypatch.setattr(stamping, "stamped", refused_stamp)
    refused = cli("runs", "stamp", "a", "--lang", "en")
    assert (refused.code, "HTTP 500" in refused.err) == (2, True)
    monkeypatch.setattr(stamping, "stamped", lambda seal, url, roots: {"url": url, "response": str(seal["root"])})
    made = cli("runs", "stamp", "a", "--out", "a.seal")
    held = json.loads(Path("a.seal").read_text("utf-8"))
    assert (made.code, made.out.strip(), held["timestamp"]["response"]) == (0, held["root"], held["root"])
    assert cli("runs", "verify", "a").code == 0
    assert cli("runs", "stamp", "a").code == 2
    assert "seal_stamped" in cli("log", "show").out


def test_seal_is_secured_with_its_line_before_its_file_has_a_name(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    secured: list[tuple[int, bool]] = []

    def secure(store: SqlStore) -> None:
        with connected("auditor.db") as other:
            (lines,) = other.execute("SELECT count(*) FROM deed").fetchone()
        secured.append((lines, Path("a.seal").exists()))

    monkeypatch.setattr(SqlStore, "secure", secure)
    assert cli("runs", "seal", "a", "--out", "a.seal").code == 0
    assert (secured, Path("a.seal").exists()) == ([(1, False)], True)


def test_file_of_a_seal_that_is_there_is_written_again_for_the_same_key_only(cli: Cli, key: str) -> None:
    root = cli("runs", "seal", "a", "--key", key).out
    again = cli("runs", "seal", "a", "--key", key, "--out", "a.seal")
    assert (again.code, again.out, "was sealed before" in again.err) == (0, root, True)
    assert json.loads(Path("a.seal").read_text("utf-8")) == held()
    for words in ((), ("--key", key), ("--out", "b.seal")):  # no file is wanted, or that of another seal
        assert cli("runs", "seal", "a", *words).code == 2
    assert not Path("b.seal").exists()
    assert cli("log", "show").out.count("run_sealed") == 1


def refused_stamp(seal: sealing.Seal, url: str, roots: Path | None) -> dict[str, str]:
    raise NotStamped("HTTP 500")


def test_other_words_of_the_program_are_told_and_break_nothing(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("runs", "seal", "a")
    before = sealing.texts_digest(catalogue.load())
    monkeypatch.setattr(sealing, "texts_digest", lambda known: before[::-1])
    result = cli("runs", "verify", "a")
    assert (result.code, "the words of this program's checks are others" in result.out) == (0, True)


def test_seal_over_a_file_is_refused_before_the_run_is_sealed(cli: Cli) -> None:
    Path("a.seal").write_text("kept")
    assert cli("runs", "seal", "a", "--out", "a.seal").code == 2
    with open_store(URL) as store:
        assert sealing.stored_seal(RunId("a"), store) is None
    assert cli("runs", "seal", "a", "--out", "a.seal", "--force").code == 0
    assert Path("a.seal").read_text("utf-8").startswith("{")
