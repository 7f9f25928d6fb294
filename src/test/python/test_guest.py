"""What the guest program does with a machine, and what it never does."""

from __future__ import annotations

import ast
import errno
import http.client
import json
import os
import stat
import subprocess
import time
import types
import unittest
from collections.abc import Callable
from unittest import mock

from machine import AGENT, DEVICE, IMAGE, MOUNT, PROGRAM, TUNNEL_TOKEN, Machine


class GuestTest(unittest.TestCase):
    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.__exit__)
        self.door, self.docker, self.root = self.machine.door, self.machine.docker, self.machine.root
        self.program, self.guest = self.machine.start()

    def problems(self) -> dict[str, str]:
        return {problem["what"]: problem["message"] for problem in self.guest.problems}

    def settled(self) -> None:
        self.machine.settle(self.guest)
        self.assertEqual({}, self.problems())

    def token_file(self) -> bool:
        return (self.root / "etc/anchorhold/bootstrap-token").exists()


class TheWholeWay(GuestTest):
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

    def test_a_container_that_stands_is_kept_over_reboots_also_without_a_door(self) -> None:
        self.settled()
        self.door.refusing = True
        self.docker.set("exited")
        self.program, self.guest = self.machine.reboot()
        self.guest.round()
        self.guest.round()
        self.assertEqual({}, self.problems())
        self.assertEqual(1, len(self.docker.made))
        self.assertEqual("running", self.docker.container["State"]["Status"])
        self.assertTrue((self.root / "connector").exists())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))

    def test_docker_never_starts_a_container_before_firewall_and_volume_stand(self) -> None:
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


class TheDoor(GuestTest):
    def test_the_key_is_on_the_disk_before_the_token_is_spent(self) -> None:
        kept = []
        self.door.seen_at_bootstrap = lambda: kept.append((self.root / "var/lib/anchorhold/guest.key").read_text())
        self.guest.visit()
        self.assertIn("PRIVATE KEY", kept[0])
        self.assertFalse(self.token_file())

    def test_F09_a_lost_answer_costs_nothing(self) -> None:
        self.door.lose_answers_of = {"bootstrap"}
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.guest.visit()
        self.settled()
        self.assertFalse(self.token_file())
        self.assertEqual(1, len(self.docker.made))

    def test_F33_a_guest_off_for_a_month_comes_back_by_its_key(self) -> None:
        self.settled()
        before = self.door.reports[-1]["bootId"]
        self.door.forget_tokens()
        self.program, self.guest = self.machine.reboot()
        self.settled()
        self.assertNotEqual(before, self.door.reports[-1]["bootId"])
        self.assertEqual(1, len(self.docker.made))

    def test_a_callback_token_that_died_early_is_replaced_at_once(self) -> None:
        self.settled()
        self.door.forget_tokens()
        before = len(self.door.reports)
        self.guest.visit()
        self.assertEqual(before + 1, len(self.door.reports))

    def test_the_callback_token_is_renewed_at_half_life(self) -> None:
        self.settled()
        self.guest.door.renew_at = 0.0
        self.guest.visit()
        self.assertIn("renew", self.door.asked)
        self.guest.visit()
        self.assertEqual(1, self.door.asked.count("renew"))

    def test_F37_refused_for_ever_it_asks_ever_more_seldom_and_says_so(self) -> None:
        self.door.refusing = True
        waits = self.talk_until_it_waited(8)
        self.assertFalse(self.token_file())
        self.assertGreater(waits[0], 20)
        self.assertGreater(waits[-1], 400)
        self.assertLess(max(waits), 1000)
        self.assertIn("The door refuses this machine", " ".join(line["text"] for line in self.guest.lines.waiting))

    def test_a_door_that_is_down_for_days_is_asked_each_minute_and_the_lines_are_kept_in_bounds(self) -> None:
        self.settled()
        self.door.close()
        waits = self.talk_until_it_waited(200)
        self.assertLess(max(waits), 80)
        self.assertGreater(waits[-1], 40)
        self.assertLess(len(self.guest.lines.waiting), 20)
        for number in range(5000):
            self.program.log.info("line %d", number)
        self.assertEqual(1000, len(self.guest.lines.waiting))

    def test_a_door_that_is_busy_says_when_to_come_back(self) -> None:
        self.door.busy = "17"
        self.assertEqual([17, 17], self.talk_until_it_waited(2))

    def test_the_callback_token_is_shown_to_nobody_whom_the_door_names(self) -> None:
        self.settled()
        stranger = Machine()
        self.addCleanup(stranger.__exit__)
        self.door.redirect = stranger.door.url + "/guest/v1/report"
        with self.assertRaises(OSError):
            self.guest.visit()
        self.assertEqual([], stranger.door.asked)

    def test_new_settings_arrive_with_the_next_report_and_the_connector_starts_anew(self) -> None:
        self.settled()
        self.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}
        self.guest.visit()
        self.guest.round()
        self.guest.visit()
        self.assertEqual("token-of-the-second-owner", (self.root / "connector").read_text())
        self.assertEqual(2, self.door.reports[-1]["settingsVersion"])
        self.assertEqual(1, len(self.docker.made), "the container is not touched")
        self.guest.round()
        self.assertEqual(2, len(self.machine.calls("systemctl restart anchorhold-connector")))

    def test_lines_are_sent_within_the_doors_bounds_and_again_when_their_answer_was_lost(self) -> None:
        self.settled()
        for number in range(300):
            self.program.log.info("%d %s", number, "é" * 3000)
        self.door.lose_answers_of = {"logs"}
        self.door.lines.clear()
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.guest.visit()
        self.assertLess(len(json.dumps({"lines": self.door.lines}, ensure_ascii=False).encode()), 256 * 1024)
        self.guest.visit()
        numbers = {int(line["text"].split()[0]) for line in self.door.lines if line["text"].endswith("é")}
        self.assertEqual(set(range(300)), numbers)

    def talk_until_it_waited(self, times: int) -> list[float]:
        class Enough(BaseException):
            pass

        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == times:
                raise Enough

        slow = types.SimpleNamespace(sleep=sleep, monotonic=time.monotonic, time=time.time)
        with mock.patch.object(self.program, "time", slow), self.assertRaises(Enough):
            self.guest.talk()
        return waits


class ContainerOutput(GuestTest):
    SECRET = "printed by the customer's code"

    def print(self, second: int) -> None:
        self.docker.output.append((f"2026-11-24T14:00:{second:02d}.5Z", self.SECRET))

    def test_F28_nothing_that_the_container_prints_leaves_without_shareLogs(self) -> None:
        self.settled()
        self.print(1)
        self.docker.container["State"]["Error"] = self.SECRET
        for status in ("running", "restarting", "exited"):
            self.docker.set(status)
            self.guest.round()
            self.guest.visit()
        self.assertEqual(0, self.docker.asked_for_output)
        self.assertNotIn(self.SECRET, json.dumps([self.door.reports, self.door.lines]))

    def test_with_shareLogs_it_leaves_and_stops_leaving_when_that_ends(self) -> None:
        self.settled()
        self.door.settings = {**self.door.settings, "version": 2, "shareLogs": True}
        self.guest.visit()
        self.print(1)
        self.guest.visit()
        shared = [line for line in self.door.lines if line["source"] == "container"]
        self.assertEqual([(self.SECRET, "2026-11-24T14:00:01.5Z")], [(line["text"], line["at"]) for line in shared])

        self.print(2)
        self.guest.collect_output(True)
        self.door.settings = {**self.door.settings, "version": 3, "shareLogs": False}
        self.guest.payload = {**self.guest.payload, "settings": self.door.settings}
        self.print(3)
        self.guest.visit()
        self.assertEqual(1, len([line for line in self.door.lines if line["source"] == "container"]))


class TheFirewall(GuestTest):
    def test_F34_rules_that_were_accepted_and_do_not_stand_keep_the_container_from_starting(self) -> None:
        self.machine.write("lying", "")
        self.machine.settle(self.guest)
        self.assertIn("are not there", self.problems()["firewall"])
        self.assertEqual([], self.docker.made)
        self.assertFalse(self.door.reports[-1]["firewall"]["holds"])

    def test_F34_a_port_that_answers_stops_the_container_that_runs(self) -> None:
        self.settled()
        self.machine.write("answers", json.dumps([["tcp", "203.0.113.7", 22]]))
        self.listen("00000000:0016")
        self.guest.round()
        self.guest.visit()
        self.assertEqual({"holds": False, "reachable": [22]}, self.door.reports[-1]["firewall"])
        self.assertEqual("exited", self.docker.container["State"]["Status"])
        self.assertIn("22", self.problems()["firewall"])

    def test_F34_a_probe_that_cannot_be_made_is_no_proof(self) -> None:
        self.machine.write("no-cable", "")
        self.machine.settle(self.guest)
        self.assertIn("cannot be tried", self.problems()["firewall"])
        self.assertEqual([], self.docker.made)

    def test_rules_that_somebody_changed_are_set_again(self) -> None:
        self.settled()
        (self.root / "standing").write_text('{"nftables": []}')
        self.guest.round()
        self.assertEqual({}, self.problems())
        self.assertEqual(2, len(self.machine.calls("nft -f")))
        self.guest.round()
        self.assertEqual(2, len(self.machine.calls("nft -f")), "and left alone when they stand")

    def test_what_listens_only_for_the_machine_itself_is_told_from_what_listens_for_the_world(self) -> None:
        self.listen("0100007F:0050", "00000000:0016", "07CB7100:1F90")
        self.machine.write("proc/net/tcp6", "head\n" + "".join(
            f" 0: {address} 0:0 0A\n" for address in
            ("00000000000000000000000001000000:0051", "0000000000000000FFFF00000100007F:0052",
             "00000000000000000000000000000000:0017")))  # fmt: skip
        self.assertEqual([22, 23, 8080], sorted(self.program.listening_ports()))

    def listen(self, *sockets: str) -> None:
        self.machine.write("proc/net/tcp", "head\n" + "".join(f" 0: {local} 0:0 0A\n" for local in sockets))


class TheVolume(GuestTest):
    def test_a_volume_that_appears_late_is_waited_for(self) -> None:
        self.machine.disk.unlink()
        self.machine.settle(self.guest)
        self.assertIn("not there yet", self.problems()["volume"])
        self.assertEqual([], self.docker.made)
        self.machine.attach_disk()
        self.settled()

    def test_a_blank_one_is_formatted_and_one_with_files_never_again(self) -> None:
        self.assertTrue(self.ends_mounted())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))
        self.assertFalse((self.root / "var/lib/anchorhold/formatting.json").exists())
        (self.root / "mounted").unlink()
        self.assertTrue(self.ends_mounted())
        self.assertEqual(1, len(self.machine.calls("mkfs.ext4")))

    def test_what_is_on_a_volume_is_never_formatted_over(self) -> None:
        for name, make in CONTENTS.items():
            with self.subTest(name):
                self.machine.attach_disk()
                make(self.machine.disk)
                before = self.machine.disk.read_bytes()
                self.assertFalse(self.ends_mounted())
                self.assertEqual([], self.machine.calls("mkfs.ext4"))
                self.assertEqual(before, self.machine.disk.read_bytes())
                self.assertIn("neither formatted nor mounted", self.trouble)

    def test_an_answer_of_blkid_that_is_not_clear_formats_nothing(self) -> None:
        for name, script in {
            "cannot read": "echo 'blkid: error: cannot open' >&2; exit 2", "several signatures": "exit 8",
            "wrong usage": "exit 4", "killed": "kill -9 $$", "half an answer": "echo TYPE=; exit 0",
            "says something, finds nothing": "echo PTTYPE=gpt; exit 2",
        }.items():  # fmt: skip
            with self.subTest(name):
                self.machine.command("blkid", script)
                self.assertFalse(self.ends_mounted())
                self.assertEqual([], self.machine.calls("mkfs.ext4"))

    def test_an_old_filesystem_of_ours_is_mounted_as_it_is(self) -> None:
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", self.machine.disk], check=True)
        self.assertTrue(self.ends_mounted())
        self.assertEqual([], self.machine.calls("mkfs.ext4"))

    def test_killed_while_it_formats_it_begins_again_and_only_then(self) -> None:
        half = f"dd if=/dev/urandom of={DEVICE[1:]} bs=64k count=1 conv=notrunc"
        self.machine.command("mkfs.ext4", f"{half}; kill -9 $$")
        self.assertFalse(self.ends_mounted())
        self.machine.command("mkfs.ext4", 'PATH=/usr/sbin:/sbin:/usr/bin:/bin exec mkfs.ext4 "$@"')
        self.program, self.guest = self.machine.reboot()
        self.assertTrue(self.ends_mounted())

    def test_a_filesystem_that_came_in_the_place_of_one_that_was_begun_is_not_ours_to_format(self) -> None:
        self.machine.write("var/lib/anchorhold/formatting.json", json.dumps(
            {"device": str(self.machine.disk), "uuid": "11111111-2222-3333-4444-555555555555"}))  # fmt: skip
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", self.machine.disk], check=True)
        self.assertTrue(self.ends_mounted())
        self.assertEqual([], self.machine.calls("mkfs.ext4"))
        self.assertFalse((self.root / "var/lib/anchorhold/formatting.json").exists())

    def test_a_volume_that_grew_is_filled_while_it_is_mounted(self) -> None:
        self.settled()
        self.guest.round()
        self.assertEqual([], self.machine.calls("resize2fs"), "nothing to do, nothing done")
        os.truncate(self.machine.disk, 64 << 20)
        self.guest.round()
        self.guest.round()
        self.assertEqual(1, len(self.machine.calls("resize2fs")))
        self.assertFalse(self.program.too_small(str(self.machine.disk)))

    def test_a_volume_that_grew_and_cannot_be_filled_now_hinders_nothing_and_is_filled_at_the_next_boot(self) -> None:
        self.settled()
        os.truncate(self.machine.disk, 64 << 20)
        script = (self.root / "bin/resize2fs").read_text()
        self.machine.command("resize2fs", "exit 1")
        self.guest.round()
        self.guest.round()
        self.assertIn("resize2fs", self.problems()["volume"])
        self.assertEqual(1, len(self.machine.calls("resize2fs")), "it is not hammered")
        self.assertEqual("running", self.docker.container["State"]["Status"])
        (self.root / "bin/resize2fs").write_text(script)
        # As if it had been mounted since its last check, which is when resize2fs wants another one.
        subprocess.run(["/sbin/debugfs", "-w", "-R", "set_super_value lastcheck 20200101000000", self.machine.disk],
                       check=True, capture_output=True)  # fmt: skip
        self.program, self.guest = self.machine.reboot()
        self.settled()
        self.assertFalse(self.program.too_small(str(self.machine.disk)))

    def test_a_volume_that_goes_away_stops_the_container_until_it_is_back(self) -> None:
        self.settled()
        self.machine.disk.rename(self.machine.disk.with_name("away"))
        self.guest.round()
        self.assertEqual("exited", self.docker.container["State"]["Status"])
        self.machine.disk.with_name("away").rename(self.machine.disk)
        self.guest.round()
        self.assertEqual("running", self.docker.container["State"]["Status"])

    def test_a_volume_that_came_back_as_another_device_is_mounted_anew_while_no_container_runs(self) -> None:
        self.settled()
        self.machine.write("mounted", "8:16")
        self.machine.command("umount", "cat mounted >unmounted; rm mounted")
        self.guest.round()
        self.assertEqual("8:16", (self.root / "unmounted").read_text())
        self.assertEqual(["stop", "start"], self.docker.orders[-2:])
        self.settled()

    def test_docker_that_does_not_answer_says_nothing_against_the_firewall(self) -> None:
        self.settled()
        with mock.patch.object(self.program, "docker", side_effect=TimeoutError("timed out")):
            self.guest.round()
        self.assertTrue(self.guest.holds)
        self.assertIn("timed out", self.problems()["docker"])

    def ends_mounted(self) -> bool:
        try:
            self.guest.volume.ensure(str(self.machine.disk), self.root / MOUNT[1:])
            return True
        except self.program.Trouble as trouble:
            self.trouble = str(trouble)
            return False


def written(offset: int, content: bytes):
    def write(disk) -> None:
        with open(disk, "r+b") as file:
            file.seek(offset)
            file.write(content)

    return write


def two_at_once(disk) -> None:
    subprocess.run(["/sbin/mkswap", "-q", disk], check=True, capture_output=True)
    written(0, b"LUKS\xba\xbe\0\1")(disk)


CONTENTS = {
    "swap": lambda disk: subprocess.run(["/sbin/mkswap", disk], check=True, capture_output=True),
    "an encrypted volume": written(0, b"LUKS\xba\xbe\0\1" + bytes(160) + b"12345678-1234-1234-1234-123456789012"),
    "xfs": written(0, b"XFSB" + (4096).to_bytes(4, "big") + bytes(92) + b"\0\0\2\0\1\0\0\x10" + bytes(400)),
    "LVM": written(512, b"LABELONE" + bytes(16) + b"LVM2 001" + b"x" * 32),
    "a DOS partition table": written(446, b"\x80\0\2\0\x83\0\0\0\1\0\0\0\0\x10\0\0" + bytes(48) + b"\x55\xaa"),
    "two signatures": two_at_once,
    "data without a signature": written(4096, b"a database that writes to the raw device"),
    "data at its very end": written((8 << 20) - 512, b"metadata of a RAID that nobody knows"),
    "an ext4 whose superblock was lost": lambda disk: (
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", disk], check=True), written(1024, bytes(1024))(disk)),
}  # fmt: skip


class Misfortune(GuestTest):
    def test_a_full_disk_is_reported_and_loses_nothing(self) -> None:
        with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
            with self.assertRaises(OSError):
                self.guest.visit()
            self.assertNotIn("bootstrap", self.door.asked, "no key could be kept, so nothing is redeemed")
        self.guest.visit()
        key = (self.root / "var/lib/anchorhold/guest.key").read_text()
        with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
            self.guest.round()
            self.guest.visit()
        self.assertIn("disk", {problem["what"] for problem in self.door.reports[-1]["problems"]})
        self.settled()
        self.assertEqual(key, (self.root / "var/lib/anchorhold/guest.key").read_text())

    def test_new_settings_hold_although_the_disk_is_full_and_are_kept_when_it_has_room(self) -> None:
        self.settled()
        self.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}
        with mock.patch.object(self.program, "store", side_effect=OSError(errno.ENOSPC, "No space left")):
            self.guest.visit()
        self.guest.round()
        self.assertEqual("token-of-the-second-owner", (self.root / "connector").read_text())
        self.guest.visit()
        kept = json.loads((self.root / "var/lib/anchorhold/payload.json").read_text())
        self.assertEqual(2, kept["settings"]["version"])

    def test_a_nearly_full_disk_is_told_before_it_is_full(self) -> None:
        self.settled()
        full = os.statvfs_result((4096, 4096, 10**6, 100, 100, 1000, 1000, 1000, 0, 255))
        with mock.patch.object(os, "statvfs", return_value=full):
            self.guest.round()
        self.assertIn("is full", self.problems()["disk"])

    def test_an_image_that_cannot_be_pulled_is_reported_and_not_hammered(self) -> None:
        self.docker.pull_fails = "manifest unknown"
        self.machine.settle(self.guest)
        for _ in range(5):
            self.guest.round()
        self.assertIn("manifest unknown", self.problems()["image"])
        self.assertEqual(1, self.docker.pulls)
        self.docker.pull_fails = ""
        self.guest.pulling.until = 0.0
        self.settled()

    def test_docker_that_is_down_is_started(self) -> None:
        self.settled()
        (self.root / "run/docker.sock").unlink()
        self.guest.round()
        self.settled()
        self.assertEqual(2, len(self.machine.calls("systemctl start docker.service")))

    def test_a_container_that_keeps_ending_is_reported(self) -> None:
        self.settled()
        self.docker.set("restarting")
        self.guest.round()
        self.guest.visit()
        self.assertIn("exit code 3", self.problems()["container"])
        self.assertFalse(self.door.reports[-1]["container"]["running"])

    def test_what_docker_says_of_a_value_is_not_passed_on(self) -> None:
        self.docker.create_fails = "invalid environment: hello there"
        self.machine.settle(self.guest)
        self.assertIn("Docker says 400", self.problems()["container"])
        self.assertNotIn("hello there", json.dumps([self.door.reports, self.door.lines]))

    def test_packages_that_cannot_be_had_hinder_nothing_that_is_there(self) -> None:
        self.machine.write("no-network", "")
        (self.root / "bin/dockerd").unlink()
        with mock.patch.object(self.program.shutil, "which", lambda name: self.which(name)):
            self.machine.settle(self.guest)
            self.assertIn("apt-get", self.problems()["packages"])
            self.assertEqual(1, len(self.machine.calls("apt-get")))
            self.assertTrue((self.root / "mounted").exists())
            (self.root / "no-network").unlink()
            self.guest.installing.until = 0.0
            self.guest.round()
        self.assertNotIn("packages", self.problems())
        self.assertIn("docker.io", self.machine.calls("apt-get")[-1])

    def which(self, name: str) -> str | None:
        path = self.root / "bin" / name
        return str(path) if path.exists() else None

    def test_a_connector_that_ended_is_started_again(self) -> None:
        self.settled()
        (self.root / "connector").unlink()
        self.guest.round()
        self.assertTrue((self.root / "connector").exists())

    def test_whatever_goes_wrong_is_a_problem_and_no_end(self) -> None:
        with mock.patch.object(self.guest.volume, "ensure", side_effect=ZeroDivisionError("nobody thought of it")):
            self.machine.settle(self.guest)
        self.assertIn("nobody thought of it", self.problems()["volume"])


LOOKING = {"findmnt", "blkid", "wipefs", "ip", "-j", "is-active", "is-enabled", "reset-failed", "-pubout"}


class KilledAnywhere(unittest.TestCase):
    """The program dies at its n-th write or command that changes anything, for each n; then it starts again."""

    def test_on_the_way_to_ready(self) -> None:
        def check(machine: Machine) -> None:
            self.assertEqual(1, len(machine.docker.made))
            self.assertTrue(machine.door.reports[-1]["container"]["running"])
            self.assertEqual(TUNNEL_TOKEN, (machine.root / "connector").read_text())
            self.assertFalse((machine.root / "etc/anchorhold/bootstrap-token").exists())
            self.assertFalse((machine.root / "var/lib/anchorhold/formatting.json").exists())

        self.assertGreater(self.deaths(lambda machine: None, check), 25)

    def test_while_it_takes_new_settings(self) -> None:
        def prepare(machine: Machine) -> None:
            machine.settle(machine.start()[1])
            machine.door.settings = {"version": 2, "tunnelToken": "token-of-the-second-owner", "shareLogs": False}

        def check(machine: Machine) -> None:
            self.assertEqual("token-of-the-second-owner", (machine.root / "connector").read_text())
            self.assertEqual(2, machine.door.reports[-1]["settingsVersion"])
            self.assertEqual(1, len(machine.docker.made))

        self.assertGreater(self.deaths(prepare, check), 6)

    def deaths(self, prepare: Callable[[Machine], None], check: Callable[[Machine], None]) -> int:
        for n in range(1, 200):
            with self.subTest(n=n), Machine() as machine:
                prepare(machine)
                died = self.dies(machine, n)
                _, guest = machine.start()
                machine.settle(guest)
                self.assertEqual([], guest.problems)
                check(machine)
            if not died:
                return n - 1
        return 200

    @staticmethod
    def dies(machine: Machine, n: int) -> bool:
        child = os.fork()
        if child == 0:
            done = 0

            def deadly(real: Callable[..., object]) -> Callable[..., object]:
                def call(*arguments: object, **options: object) -> object:
                    nonlocal done
                    done += not LOOKING.intersection(arguments[0]) if real is run else 1
                    if done == n:
                        os._exit(9)
                    return real(*arguments, **options)

                return call

            _, guest = machine.start()
            run = subprocess.run
            for module, name in ((os, "fsync"), (os, "replace"), (os, "unlink"), (subprocess, "run")):
                setattr(module, name, deadly(getattr(module, name)))
            machine.settle(guest)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


class TheText(unittest.TestCase):
    def test_each_function_says_what_it_takes_and_gives(self) -> None:
        tree = ast.parse(PROGRAM.read_text(), feature_version=(3, 9))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                arguments = [*function.args.args, *function.args.kwonlyargs, function.args.vararg, function.args.kwarg]
                bare = [a.arg for a in arguments if a and not a.annotation and a.arg != "self"]
                self.assertEqual([], bare, function.name)
                self.assertIsNotNone(function.returns, function.name)

    def test_agent_is_who_the_configuration_says(self) -> None:
        with Machine() as machine:
            _, guest = machine.start()
            self.assertEqual(AGENT, guest.door.agent)


if __name__ == "__main__":
    unittest.main()
