"""Tests from what a container is created, and when it is recreated."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

import guest_modules  # noqa: F401
from fake_door import FakeDoor
from program import container


def payload(**changes: Any) -> dict[str, Any]:
    door = FakeDoor()
    door.close()
    return {**door.payload(), **changes}


class Container(unittest.TestCase):
    def test_the_label_changes_with_image_environment_port_and_limits_and_with_nothing_else(self) -> None:
        def label(**changes: Any) -> str:
            return container.container_config(payload(**changes))["Labels"]["dev.anchorhold.wanted"]

        changes: list[dict[str, Any]] = [{"image": "other"}, {"env": {"A": "b"}}, {"port": 81}, {"container": {"pidsLimit": 64}}]
        self.assertEqual(5, len({label(), *(label(**change) for change in changes)}))
        self.assertEqual(label(), label(settings={}, hostname="other"))

    def test_h14_a_container_gets_what_code_deserves_that_nobody_has_read(self) -> None:
        with mock.patch.object(container, "machine_memory", return_value=4096):
            host = container.container_config(payload())["HostConfig"]
        self.assertEqual(["ALL"], host["CapDrop"])
        self.assertEqual(["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID"], host["CapAdd"])
        self.assertEqual(["no-new-privileges"], host["SecurityOpt"])
        self.assertEqual(4096, host["PidsLimit"])
        self.assertEqual((3584 << 20, 3584 << 20), (host["Memory"], host["MemorySwap"]))

    def test_h14_each_limit_is_relaxed_by_its_own_field_alone(self) -> None:
        def host(**limits: Any) -> dict[str, Any]:
            with mock.patch.object(container, "machine_memory", return_value=4096):
                config: dict[str, Any] = container.container_config(payload(container=limits))["HostConfig"]
            return config

        for limits, changed in [
            ({"addCapabilities": ["NET_RAW"]}, {"CapAdd"}),
            ({"allowPrivilegeEscalation": True}, {"SecurityOpt"}),
            ({"pidsLimit": 8192}, {"PidsLimit"}),
            ({"memoryLimitMiB": 4000}, {"Memory", "MemorySwap"}),
        ]:
            relaxed, strict = host(**limits), host()
            self.assertEqual(changed, {key for key in strict if relaxed[key] != strict[key]})
        self.assertIn("NET_RAW", host(addCapabilities=["NET_RAW"])["CapAdd"])

    def test_h14_a_container_that_stands_is_kept_when_the_machine_has_other_memory(self) -> None:
        labels = set()
        for memory in (4096, 4090):
            with mock.patch.object(container, "machine_memory", return_value=memory):
                labels.add(container.container_config(payload())["Labels"]["dev.anchorhold.wanted"])
        self.assertEqual(1, len(labels))

    def test_the_systems_share_is_an_eighth_and_at_least_384_mib_but_never_more_than_half(self) -> None:
        self.assertEqual([256, 640, 1664, 14336], [container.memory_left(total) for total in (512, 1024, 2048, 16384)])

    def test_the_port_wins_over_the_environments_own(self) -> None:
        self.assertEqual(["PORT=8080"], container.container_config(payload(env={"PORT": "1"}))["Env"])

    def test_one_that_docker_calls_dead_is_made_anew(self) -> None:
        config = container.container_config(payload())
        dead = {"Config": {"Labels": config["Labels"]}, "State": {"Status": "dead"}}
        created = {**dead, "State": {"Status": "created"}}
        with mock.patch.object(container, "docker") as docker:
            docker.side_effect = [dead, None, None, created, None]
            container.ensure_container(payload())
        self.assertEqual(["GET", "DELETE", "POST", "GET", "POST"], [call.args[0] for call in docker.call_args_list])

    def test_its_lines_are_taken_out_of_dockers_frames_also_where_a_line_is_in_two(self) -> None:
        frames = b"\1\0\0\0\0\0\0\x06" + b"1Z one" + b"\2\0\0\0\0\0\0\x0e" + b" more\n2Z two\n\xff" + b"\1\0\0"
        with mock.patch.object(container, "docker", return_value=frames):
            lines = container.container_logs("0")
        self.assertEqual([("1Z", "one more"), ("2Z", "two")], lines[:2])

    def test_the_next_lines_begin_a_nanosecond_later(self) -> None:
        self.assertEqual("1795528800.500000001", container.since_after("2026-11-24T14:00:00.5Z"))
        self.assertEqual("1795528800.000000001", container.since_after("2026-11-24T14:00:00Z"))


if __name__ == "__main__":
    unittest.main()
