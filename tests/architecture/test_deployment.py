"""The container files, as far as they can be judged without a container engine."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from service.bootstrap import build_destinations
from service.cli import app as command_line
from service.settings import load_settings
from service.telemetry.metrics import REGISTRY
from tests.peers import REPOSITORY

COMPOSE, GPU = REPOSITORY / "docker-compose.yml", REPOSITORY / "deploy" / "docker-compose.gpu.yml"
DEPLOY = REPOSITORY / "deploy"
MAXIMUM_CONTAINERS = 5


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The containers by name."""
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return read


@pytest.fixture(scope="module")
def product(services: dict[str, Any]) -> dict[str, Any]:
    """The containers that are always there."""
    return {name: each for name, each in services.items() if "profiles" not in each}


@pytest.mark.parametrize("path", [COMPOSE, GPU], ids=lambda path: path.name)
def test_compose_files_follow_the_compose_specification(path: Path) -> None:
    check = Path(sys.executable).with_name("check-jsonschema")

    ran = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout


def test_the_product_is_five_containers_at_most(product: dict[str, Any]) -> None:
    assert set(product) >= {"listener", "api", "worker", "redis", "postgres"}
    assert len(product) <= MAXIMUM_CONTAINERS


def test_pacs_and_viewer_come_with_the_demo_only(services: dict[str, Any]) -> None:
    assert services["orthanc"]["profiles"] == services["ohif"]["profiles"] == ["demo"]


def test_every_container_of_the_product_is_restricted(product: dict[str, Any]) -> None:
    for name, service in product.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["healthcheck"]["test"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert "privileged" not in service, name


def test_the_foreign_images_run_as_no_root_user(product: dict[str, Any]) -> None:
    for name in ("redis", "postgres"):
        assert int(product[name]["user"].split(":")[0]) > 0


def test_ports_are_published_on_this_machine_unless_told_otherwise(
    services: dict[str, Any],
) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports
    for port in ports:
        assert re.match(r"(127\.0\.0\.1|\$\{THORAX_PUBLISH_ON:-127\.0\.0\.1\}):", port), port


def test_database_and_broker_are_on_an_inner_network_only(services: dict[str, Any]) -> None:
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]

    assert networks["inner"] == {"internal": True}
    for name in ("redis", "postgres"):
        assert services[name]["networks"] == ["inner"]
        assert "ports" not in services[name]


def test_no_secret_has_a_default() -> None:
    text = COMPOSE.read_text()

    for name in ("THORAX_POSTGRES_PASSWORD", "THORAX_REDIS_PASSWORD", "THORAX_API_KEYS"):
        uses = re.findall(r"\$\{" + name + r"(.*?)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), name
        assert f"\n{name}=\n" in (DEPLOY / "env.example").read_text()


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    example = (DEPLOY / "env.example").read_text()
    wanted = set(re.findall(r"\$\{(THORAX_\w+)", COMPOSE.read_text())) - {"THORAX_IMAGE_TAG"}

    assert {name for name in wanted if f"\n{name}=" not in example} == set()


@pytest.mark.parametrize("name", ["listener", "api", "worker"])
def test_containers_bring_the_database_up_to_date_and_run_a_command_that_exists(
    product: dict[str, Any], name: str
) -> None:
    group = typer.main.get_group(command_line)

    *_, line = product[name]["command"]

    commands = re.fullmatch(r"thorax (\w+) && exec thorax (\w+)", line)
    assert commands is not None
    assert commands[1] == "migrate"
    assert commands[2] in group.commands


def test_settings_of_the_containers_are_known(product: dict[str, Any]) -> None:
    for name in ("listener", "api", "worker"):
        environment = {
            key: re.sub(r"\$\{\w+(:-|:\?)([^}]*)\}", "1", str(value))
            for key, value in product[name]["environment"].items()
        }
        settings = load_settings({**environment, "THORAX_CONFIG": str(DEPLOY / "site.toml")})
        assert settings.home == Path("/var/lib/thorax")
        assert settings.database_url is not None
        assert settings.database_url.startswith("postgresql")


@pytest.mark.parametrize("name", ["site.toml", "demo.toml"])
def test_configurations_are_valid_to_their_destinations(name: str) -> None:
    settings = load_settings({"THORAX_CONFIG": str(DEPLOY / name)})

    assert set(build_destinations(settings)) == ({"orthanc"} if name == "demo.toml" else set())


def test_the_demo_pacs_and_the_service_know_each_other(services: dict[str, Any]) -> None:
    orthanc = json.loads((DEPLOY / "orthanc" / "orthanc.json").read_text())
    demo = tomllib.loads((DEPLOY / "demo.toml").read_text())

    (destination,) = demo["destinations"]
    assert destination["options"] == {
        "host": "orthanc",
        "port": orthanc["DicomPort"],
        "ae_title": orthanc["DicomAet"],
    }
    assert orthanc["DicomModalities"]["thorax"] == [demo["ae_title"], "listener", 11112]
    assert f'"{demo["ae_title"]}"' in (DEPLOY / "orthanc" / "forward.lua").read_text()
    assert {"orthanc", "listener"} <= set(services)


def test_alerts_speak_of_metrics_that_exist() -> None:
    rules = (DEPLOY / "prometheus" / "rules.yml").read_text()
    exposition = (REPOSITORY / "service" / "api" / "routes" / "metrics.py").read_text()
    known = {sample.name for metric in REGISTRY.collect() for sample in metric.samples}
    known |= set(re.findall(r'"(thorax_\w+)"', exposition))

    used = set(re.findall(r"\bthorax_\w+", rules))

    assert used
    assert used <= known


def instructions() -> Iterator[tuple[str, str]]:
    """Yield each instruction of the Dockerfile with its arguments on one line."""
    text = re.sub(r"(?m)^#.*\n", "", (REPOSITORY / "Dockerfile").read_text())
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest


def test_the_image_runs_as_nobody_special_and_says_whether_it_works() -> None:
    last_stage = list(instructions())
    last_stage = last_stage[[word for word, _ in last_stage].index("LABEL") :]

    (user,) = [rest for word, rest in last_stage if word == "USER"]
    assert int(user.split(":")[0]) > 0
    assert [word for word, _ in last_stage].count("HEALTHCHECK") == 1


def test_the_image_installs_locked_and_hashed_requirements_only() -> None:
    installs = [
        part
        for word, rest in instructions()
        if word == "RUN"
        for part in rest.split("&&")
        if "pip install" in part
    ]

    assert installs
    for install in installs:
        assert "--require-hashes" in install or "--no-deps --no-build-isolation" in install


def test_everything_that_is_copied_exists_and_reaches_the_builder() -> None:
    allowed = (REPOSITORY / ".dockerignore").read_text().splitlines()
    copied = [
        name.rstrip("/")
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    ]

    assert copied
    for name in copied:
        assert (REPOSITORY / name).exists(), name
        assert f"!{name}" in allowed or f"!{name.split('/')[0]}" in allowed, name
    requirements = re.findall(r" -r (\S+\.txt)", (REPOSITORY / "Dockerfile").read_text())
    assert all((REPOSITORY / path).is_file() for path in requirements)


def test_nothing_of_a_site_reaches_the_builder() -> None:
    first, *_ = [
        line
        for line in (REPOSITORY / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]

    assert first == "*", "everything is left out but what is named"
