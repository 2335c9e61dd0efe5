"""The store: what is put in comes out, all of a transaction or nothing, and what cannot be used is said in one line."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primum.errors import RecordError, StoreError, UnknownIdError
from primum.ledger import link, verify_chain
from primum.records import Criterion, LedgerEntry, Norm, PolicyRef, Principle, Record, Reward, Scenario, Verdict, encode
from primum.store import FILE_NAME, Store
from primum.store import schema as tables
from records.making import any_record
from store.story import AT, criteria, tell


def _emptied(url: str) -> str:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store.open(
        tmp_path, _emptied(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else None
    ) as opened:
        yield opened


def put(store: Store, *records: Record) -> int:
    with store.writing() as writer:
        return writer.put(records)


def sql(store: Store, statement: str, **values: Any) -> None:
    """What someone does to the file with another tool."""
    with sqlite3.connect(store.place) as connection:
        connection.execute(statement, values)
    connection.close()


class TestRecords:
    def test_what_is_put_in_comes_out(self, store: Store) -> None:
        story = tell()
        assert put(store, *story.records()) == len(story.records())
        for record in story.records():
            assert store.get(record.id) == record
            assert store.has(record.id)
        assert list(store.all(Scenario)) == story.scenarios
        assert list(store.all(Norm)) == story.norms
        assert list(store.all(Verdict)) == []
        assert store.verify() == []

    def test_equal_content_is_kept_once(self, store: Store) -> None:
        one, other = criteria(2)
        assert put(store, one, one) == 1
        assert put(store, one, other) == 1
        assert put(store, one, other) == 0
        assert store.count() == {"criterion": 2}

    def test_many_come_in_the_order_they_were_asked_for(self, store: Store) -> None:
        records = criteria(1203)
        assert put(store, *records) == 1203
        assert store.get_many([record.id for record in reversed(records)]) == records[::-1]
        assert store.get_many([records[3].id, records[1].id, records[3].id]) == [records[3], records[1], records[3]]
        assert store.get_many([]) == []
        assert list(store.all(Criterion)) == records

    def test_counts_are_by_kind(self, store: Store) -> None:
        put(store, *tell(norms=2, pairs=3).records())
        assert store.count() == {
            "judgement": 1, "judgeref": 1, "norm": 2, "policyref": 2, "preference": 3, "response": 7, "scenario": 3, "source": 1,
        }  # fmt: skip

    def test_what_is_put_while_walking_is_not_walked(self, store: Store) -> None:
        put(store, *criteria(3))
        seen = 0
        for record in store.all(Criterion):
            put(store, *criteria(2, start=100 + 10 * seen))
            seen += record.points
        assert seen == 3
        assert store.count() == {"criterion": 9}

    def test_edges_are_what_the_records_say(self, store: Store) -> None:
        story = tell(norms=2, pairs=3)
        put(store, *story.records())
        assert sorted(store.parents(story.trained.id)) == sorted(story.trained.parents())
        assert store.parents(story.source.id) == []
        assert store.children(story.base.id) == [("trained from", story.trained.id)]
        assert store.children(story.norms[0].id) == [("norm", scenario.id) for scenario in story.scenarios]

    def test_a_parent_named_twice_is_one_edge(self, store: Store) -> None:
        made = criteria(1)[0].made
        twice = Principle(
            statement="s",
            language="en",
            applies_when={},
            points=5,
            axis="accuracy",
            kind_of="proficiency",
            criteria=("c", "c"),
            made=made,
        )
        put(store, twice)
        assert store.parents(twice.id) == [("criterion", "c")]

    def test_an_entry_of_the_ledger_is_not_put_among_the_records(self, store: Store) -> None:
        with pytest.raises(RecordError, match="write it with `append`"):
            put(store, link(None, AT, "event", "", []))

    def test_half_a_character_is_refused_and_nothing_is_kept(self, store: Store) -> None:
        broken = Criterion(
            statement="\ud800", points=1, axis="a", kind_of="safety", language="en", made=criteria(1)[0].made
        )
        with pytest.raises(RecordError, match="half a character"):
            put(store, *criteria(2), broken)
        assert store.count() == {}

    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(records=st.lists(any_record.filter(lambda one: not isinstance(one, LedgerEntry)), max_size=6))
    def test_every_kind_of_record_can_be_kept(self, store: Store, records: list[Record]) -> None:
        put(store, *records)
        again = store.get_many([record.id for record in records])
        assert [encode(one) for one in again] == [encode(one) for one in records]


class TestNames:
    def test_the_start_of_an_id_is_enough(self, store: Store) -> None:
        record = criteria(1)[0]
        put(store, record, *tell().records())
        for length in (8, 12, 20):
            assert store.resolve(record.id[: len("criterion-") + length]) == record.id
        assert store.get(record.id[: len("criterion-") + 8]) == record

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "criterion",
            "criterion-",
            "criterion-0123456",
            "criterion-0123456789abcdef0123",
            "criterion-%%%%%%%%",
            "x'y",
        ],
    )
    def test_what_names_nothing_is_said_so(self, store: Store, name: str) -> None:
        put(store, *criteria(3))
        for ask in (store.resolve, store.get):
            with pytest.raises(UnknownIdError, match="is not in the store"):
                ask(name)
        assert not store.has(name)
        with pytest.raises(UnknownIdError, match="is not in the store"):
            store.get_many([criteria(1)[0].id, name])

    def test_a_start_that_two_ids_share_is_not_guessed(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            record = criteria(1)[0]
            put(store, record)
            sql(
                store,
                "INSERT INTO record (id, kind, body) VALUES (:id, 'criterion', '')",
                id=record.id[:-1] + ("0" if record.id[-1] != "0" else "1"),
            )
            with pytest.raises(UnknownIdError, match="starts more than one"):
                store.resolve(record.id[:-1])
            assert store.resolve(record.id) == record.id


class TestTransactions:
    def test_all_of_it_or_nothing(self, store: Store) -> None:
        put(store, *criteria(1))
        with pytest.raises(ZeroDivisionError), store.writing() as writer:
            writer.put(tell().records())
            writer.append("event", "", [], AT)
            writer.finish_step("run", "step", {})
            raise ZeroDivisionError
        assert store.count() == {"criterion": 1}
        assert store.ledger() == []
        assert store.step("run", "step") is None
        assert put(store, *criteria(2)) == 1  # and it can go on

    def test_an_error_of_the_caller_stays_what_it_is(self, store: Store) -> None:
        with pytest.raises(FileNotFoundError), store.writing():
            raise FileNotFoundError("the caller's own")

    def test_readers_see_a_transaction_only_when_it_is_done(self, store: Store) -> None:
        record = criteria(1)[0]
        with store.writing() as writer:
            writer.put([record])
            assert not store.has(record.id)
        assert store.has(record.id)

    def test_a_transaction_inside_another_is_refused_at_once(self, store: Store) -> None:
        with store.writing() as writer:
            with pytest.raises(StoreError, match="already open in this thread"), store.writing():
                pass
            writer.put(criteria(1))
        assert store.count() == {"criterion": 1}

    def test_writers_take_turns(self, store: Store) -> None:
        def write(number: int) -> None:
            for turn in range(5):
                with store.writing() as writer:
                    writer.put(criteria(3, start=100 * number + 10 * turn))
                    writer.append(f"writer {number}", "", [], AT)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.count() == {"criterion": 60}
        assert verify_chain(store.ledger()).is_intact
        assert len(store.ledger()) == 20

    def test_two_stores_on_one_file_take_turns(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as one, Store.open(tmp_path) as other:
            for number in range(3):
                for store in (one, other):
                    with store.writing() as writer:
                        writer.append(f"event {number}", "", [], AT)
            assert one.ledger() == other.ledger()
            assert verify_chain(one.ledger()).entries == 6


class TestLedgerAndSteps:
    def test_entries_are_linked_across_transactions_and_sessions(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store, store.writing() as writer:
            first = writer.append("corpus", "78 norms", ["source-1"], AT)
            second = writer.append("bench", "", [], AT)
        with Store.open(tmp_path) as store:
            with store.writing() as writer:
                third = writer.append("gate", "held", [], AT)
            assert store.ledger() == [first, second, third]
            assert third.previous == second.digest
            assert verify_chain(store.ledger(), expected_head=third.digest).is_intact

    def test_an_edited_ledger_is_found(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            for number in range(3):
                with store.writing() as writer:
                    writer.append("gate", f"held {number}", [], AT)
            sql(store, "UPDATE ledger SET body = replace(body, 'held 1', 'free 1')")
            assert [problem for problem in store.verify() if "it was edited" in problem] == store.verify()
            assert store.verify()

    def test_a_finished_step_keeps_what_it_gave(self, store: Store) -> None:
        outputs = {"policy": "policyref-1", "loss": [0.5, 0.25], "注": None, "nested": {"a": True}}
        with store.writing() as writer:
            writer.finish_step("run-1", "train", outputs)
        assert store.step("run-1", "train") == outputs
        assert store.step("run-1", "gate") is None
        assert store.step("run-2", "train") is None
        with store.writing() as writer:
            writer.finish_step("run-1", "train", {"again": 1})
        assert store.step("run-1", "train") == {"again": 1}

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", Path()])
    def test_outputs_that_are_not_json_are_refused(self, store: Store, value: object) -> None:
        with pytest.raises(RecordError, match="are not JSON"), store.writing() as writer:
            writer.finish_step("run", "train", {"x": value})
        assert store.step("run", "train") is None


class TestOpening:
    def test_a_folder_that_is_no_workspace(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="is not a workspace") as caught:
            Store.open(tmp_path / "none", create=False)
        assert "\n" not in str(caught.value)
        assert list(tmp_path.iterdir()) == []

    def test_an_empty_database_is_no_workspace(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).touch()
        with pytest.raises(StoreError, match="is not a workspace"):
            Store.open(tmp_path, create=False)

    def test_what_was_made_can_be_opened_without_making(self, tmp_path: Path) -> None:
        with Store.open(tmp_path / "a" / "b") as store:
            put(store, *criteria(1))
        with Store.open(tmp_path / "a" / "b", create=False) as store:
            assert store.count() == {"criterion": 1}
        with Store.open(tmp_path, url=f"sqlite:///{tmp_path}/a/b/{FILE_NAME}", create=False) as store:
            assert store.count() == {"criterion": 1}

    def test_a_file_that_is_not_a_database(self, tmp_path: Path) -> None:
        (tmp_path / FILE_NAME).write_text("These are my notes, not a database.\n" * 100)
        with pytest.raises(StoreError, match="is not a database") as caught:
            Store.open(tmp_path)
        assert "\n" not in str(caught.value)
        assert (tmp_path / FILE_NAME).read_text().startswith("These are my notes")

    def test_the_database_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / FILE_NAME) as connection:
            connection.execute("CREATE TABLE patients (name TEXT)")
        connection.close()
        before = (tmp_path / FILE_NAME).read_bytes()
        with pytest.raises(StoreError, match="belongs to another program"):
            Store.open(tmp_path)
        assert (tmp_path / FILE_NAME).read_bytes() == before

    def test_a_store_of_newer_code(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            sql(store, "INSERT INTO schema_version VALUES (99)")
        with pytest.raises(StoreError, match=r"schema version 99 of the store is newer than this code.*upgrade primum"):
            Store.open(tmp_path)

    @pytest.mark.parametrize("folder", ["/proc/none", "a-file/workspace"])
    def test_a_folder_that_cannot_be_made(self, tmp_path: Path, folder: str) -> None:
        (tmp_path / "a-file").touch()
        with pytest.raises(StoreError, match="nothing was changed"):
            Store.open(tmp_path / folder)

    def test_a_file_that_may_only_be_read(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            put(store, *criteria(1))
        with Store.open(tmp_path, url=f"sqlite:///file:{tmp_path}/{FILE_NAME}?mode=ro&uri=true") as store:
            with pytest.raises(StoreError, match="may only be read"):
                put(store, *criteria(2))
            assert store.count() == {"criterion": 1}

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("nonsense", "is not one SQLAlchemy knows"),
            ("nosuch://x", "is not one SQLAlchemy knows"),
            ("oracle://x", "needs the driver"),
        ],
    )
    def test_a_url_that_leads_nowhere(self, tmp_path: Path, url: str, said: str) -> None:
        with pytest.raises(StoreError, match=said):
            Store.open(tmp_path, url=url)

    def test_a_full_disk_leaves_the_store_as_it_was(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            put(store, *criteria(5))
            # SQLite answers a file at its page limit as it answers a full disk.
            sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA max_page_count = 40"))
            with pytest.raises(StoreError, match=r"no room left on its disk: free some space.*nothing was changed"):
                put(store, *criteria(3000))
            assert store.count() == {"criterion": 5}
            assert store.verify() == []
            assert put(store, *criteria(6)) == 1

    def test_a_locked_store_says_who_to_wait_for(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            sa.event.listen(store._engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout = 10"))
            with Store.open(tmp_path) as other, other.writing(), pytest.raises(StoreError, match="another process"):
                put(store, *criteria(1))

    def test_the_settings_of_the_connection(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store, store._engine.connect() as connection:
            ask = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
            }
        assert ask == {"journal_mode": "wal", "synchronous": 2}  # 2 is FULL

    def test_a_store_of_version_1_is_migrated_with_all_its_data(self, tmp_path: Path) -> None:
        engine = tables.connect(f"sqlite:///{tmp_path}/{FILE_NAME}")
        with tables.lock(engine) as connection:
            tables.MIGRATIONS[0](connection)
            connection.execute(tables.schema_version.insert().values(version=1))
            connection.commit()
        old, records = Store(engine, str(tmp_path / FILE_NAME)), tell().records()
        put(old, *records)
        with old.writing() as writer:
            entry = writer.append("corpus", "", [], AT)
            writer.finish_step("run", "step", {"a": 1})
        old.close()
        with Store.open(tmp_path) as store:
            assert store.get_many([record.id for record in records]) == records
            assert (store.ledger(), store.step("run", "step")) == ([entry], {"a": 1})
            assert store.verify() == []
            with store._engine.connect() as connection:
                names = [index["name"] for index in sa.inspect(connection).get_indexes("record")]
                version = connection.scalar(sa.select(sa.func.max(tables.schema_version.c.version)))
        assert "record_kind" in names
        assert version == tables.LATEST == 2


class TestVerify:
    """Whatever is done to the file behind our back is found."""

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("UPDATE record SET body = replace(body, 'Question 1?', 'Question 9?')", "it was edited"),
            ("UPDATE record SET body = substr(body, 1, 30) WHERE kind = 'source'", "is damaged"),
            ("DELETE FROM record WHERE kind = 'source'", "which is not in the store"),
            ("DELETE FROM edge WHERE role = 'source'", "its edge 'source'"),
            ("INSERT INTO edge VALUES ('norm-x', 'source', 'source-x')", "but is not in the store"),
            ("UPDATE edge SET role = 'friend' WHERE role = 'trained from'", "is not of its content"),
        ],
    )
    def test_tampering_is_found(self, tmp_path: Path, statement: str, said: str) -> None:
        with Store.open(tmp_path) as store:
            put(store, *tell(norms=2, pairs=3).records())
            assert store.verify() == []
            sql(store, statement)
            assert any(said in problem for problem in store.verify())

    def test_a_damaged_record_is_said_when_it_is_read(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            record = criteria(1)[0]
            put(store, record)
            sql(store, "UPDATE record SET body = '{}'")
            with pytest.raises(StoreError, match=f"record '{record.id}' is damaged"):
                store.get(record.id)

    def test_another_content_under_the_same_id_is_not_taken_for_equal(self, tmp_path: Path) -> None:
        with Store.open(tmp_path) as store:
            put(store, *criteria(1))
            sql(store, "UPDATE record SET body = replace(body, '\"points\":1', '\"points\":9')")
            with pytest.raises(StoreError, match="with another content"):
                put(store, *criteria(1))

    def test_a_reward_and_a_policy_that_rest_on_nothing_known_are_listed(self, store: Store) -> None:
        put(
            store,
            Reward(response="response-1", value=1, proficiency=1, excellence=0, vetoes=0, verdicts=("verdict-1",)),
        )
        assert [problem.split(": ")[1] for problem in store.verify()] == [
            "rests on response-1 ('response'), which is not in the store",
            "rests on verdict-1 ('verdict'), which is not in the store",
        ]
        assert list(store.all(PolicyRef)) == []
