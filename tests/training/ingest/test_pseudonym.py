"""Pseudonyms are stable, differ, need the key, and the key is its owner's alone."""

from pathlib import Path

from training.ingest.pseudonym import Pseudonyms


def test_names_stay_the_same_from_run_to_run(tmp_path: Path) -> None:
    first, second = (Pseudonyms.load(tmp_path / "work" / "key") for _ in range(2))

    assert first.patient("4711") == second.patient("4711")
    assert first.patient("4711") != first.patient("4712")


def test_another_key_gives_other_names() -> None:
    assert Pseudonyms(bytes(32)).patient("4711") != Pseudonyms(b"1" * 32).patient("4711")


def test_only_the_owner_reads_the_key(tmp_path: Path) -> None:
    Pseudonyms.load(tmp_path / "key")

    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
