"""Tests the whole guest program on a fake machine: from the first boot to Ready, and over reboots."""

from __future__ import annotations

import json
import stat
import unittest

from fake_door import AGENT, IMAGE, MOUNT, TUNNEL_TOKEN
from guest_case import GuestTest
from machine import Machine


class LifecycleTest(GuestTest):
    def test_from_the_first_boot_to_an_agent_that_is_ready(self) -> None:
        self.settled()
        report = self.door.reports[-1]
        self.assertEqual({"running": True, "image": IMAGE, "restarts": 0}, report["container"])
        self.assertEqual({"running": True, "ready": True}, report["connector"])
        self.assertEqual({"holds": True, "reachable": []}, report["firewall"])
        self.assertTrue(report["volume"]["mounted"])
        self.assertEqual((1, []), (report["settingsVersion"], report["problems"]))
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))
        self.assertIn("The bootstrap token is redeemed", [line["text"] for line in self.door.lines])

    def test_the_container_is_closed_to_the_world_and_has_its_folder(self) -> None:
        self.settled()
        made = self.docker.made[0]
        host = made["HostConfig"]
        self.assertEqual({"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}, host["PortBindings"])
        self.assertEqual([{"Type": "bind", "Source": MOUNT, "Target": MOUNT}], host["Mounts"])
        self.assertEqual((True, "unless-stopped"), (host["Init"], host["RestartPolicy"]["Name"]))
        self.assertIn("PORT=8080", made["Env"])

    def test_an_existing_container_is_kept_over_reboots_also_without_a_door(self) -> None:
        self.settled()
        self.door.refusing = True
        self.docker.set("exited")
        self.program, self.guest = self.machine.reboot()
        self.reconcile()
        self.reconcile()
        self.assertEqual({}, self.problems())
        self.assertEqual(1, len(self.docker.made))
        self.assertEqual("running", self.docker.container["State"]["Status"])
        self.assertTrue((self.root / "connector").exists())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))

    def test_docker_never_starts_a_container_before_firewall_and_volume_are_ready(self) -> None:
        self.settled()
        self.assertEqual("disabled\n", (self.root / "docker-enabled").read_text())
        calls = self.machine.calls()
        first = {name: next(i for i, call in enumerate(calls) if call.startswith(name)) for name in
                 ("nft -f", "unshare", "mount", "systemctl disable docker", "systemctl start docker")}  # fmt: skip
        self.assertEqual(list(first), sorted(first, key=first.__getitem__))

    def test_hostile_environment_reaches_the_container_untouched_and_nobody_else(self) -> None:
        self.door.env = {
            "LINES": "one\ntwo\r\nthree", "QUOTES": "'\"`$(reboot)`\\", "EQUALS": "a=b=c", "EMPTY": "",
            "DOCKER_HOST": "tcp://203.0.113.9:2375", "LD_PRELOAD": "/tmp/evil.so", "PATH": "/nowhere",
            "UNICODE": "Größe 🚀 \u2028",
        }  # fmt: skip
        self.settled()
        for name, value in self.door.env.items():
            self.assertIn(f"{name}={value}", self.docker.made[0]["Env"])
        said = "\n".join([*self.machine.calls(), json.dumps(self.door.reports), json.dumps(self.door.lines)])
        for value in ("one", "reboot", "a=b=c", "203.0.113.9", "evil", "Gr"):
            self.assertNotIn(value, said.replace("unshare --net", ""))

    def test_F31_secrets_are_on_no_command_line_and_in_files_of_root_alone(self) -> None:
        self.settled()
        said = "\n".join([*self.machine.calls(), json.dumps(self.door.reports), json.dumps(self.door.lines)])
        self.assertNotIn(TUNNEL_TOKEN, said)
        self.assertNotIn("once-only", said)
        self.assertNotIn("callback-token", said)
        for path in (self.root / "var/lib/anchorhold").iterdir():
            self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode), path)
        unit = (self.root / "etc/systemd/system/anchorhold-connector.service").read_text()
        self.assertNotIn(TUNNEL_TOKEN, unit)
        self.assertIn("--no-autoupdate", unit)


class ConfigurationTest(unittest.TestCase):
    def test_agent_is_who_the_configuration_says(self) -> None:
        with Machine() as machine:
            _, guest = machine.start()
            self.assertEqual(AGENT, guest.state.door.agent)


if __name__ == "__main__":
    unittest.main()
