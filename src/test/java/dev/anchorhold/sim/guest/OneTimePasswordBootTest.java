package dev.anchorhold.sim.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.guest.OneTimePassword;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * Boots a PlainVm's user data with a one-time password: the genuine cloud-init sets it, the genuine ssh logs in with
 * it.
 */
@EnabledIf("dev.anchorhold.sim.guest.GuestWorld#possible")
class OneTimePasswordBootTest {

    @TempDir
    Path folder;

    @Test
    void the_password_opens_the_guest_once_and_nothing_runs_before_it_is_changed() throws Exception {
        var password = OneTimePassword.generate();
        try (var world = new GuestWorld(folder, "nspawn", 8)) {
            var guest = world.server(7, Optional.of(OneTimePassword.hash(password)));
            world.guests.create(guest);
            world.guests.start(guest.serverId());
            Awaitility.await()
                    .until(() -> world.guests.describe(guest.serverId()).contains("done without errors"));

            assertThat(world.sshCommand("203.0.113.7", "customer", "true").succeeds())
                    .as("not even the key's owner gets past an expired password")
                    .isFalse();
            assertThat(login(world, guest, password, "Another-Secret-4711"))
                    .contains("required to change your password", "root@web-7");
            assertThat(world.ssh(guest, "whoami")).isEqualTo("root");
            assertThat(login(world, guest, password, "Another-Secret-4712")).contains("Permission denied");
            world.guests.destroy(guest.serverId());
        }
    }

    /** Logs in with a password on a terminal, sets a new one if asked to; returns all that was on the screen. */
    private static String login(GuestWorld world, Machine guest, String password, String next) throws IOException {
        var secret = Files.writeString(world.folder.resolve("password"), password);
        var helper = Files.writeString(world.folder.resolve("askpass"), "#!/bin/sh\ncat '%s'\n".formatted(secret));
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
        var options = List.of("-tt", "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1");
        var words = new ArrayList<>(List.of("timeout", "30"));
        words.addAll(world.ssh(guest.ipv4().orElseThrow(), options, List.of()).words());
        var builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("SSH_ASKPASS", helper.toString());
        builder.environment().put("SSH_ASKPASS_REQUIRE", "force");
        var terminal = builder.start();
        try {
            var answers = Map.of(
                    "Current password: ",
                    password,
                    "New password: ",
                    next,
                    "Retype new password: ",
                    next,
                    ":~# ",
                    "exit");
            return answering(terminal, answers);
        } finally {
            terminal.destroy();
        }
    }

    /** The terminal's input is emptied before each prompt, so an answer must not come before its question. */
    private static String answering(Process terminal, Map<String, String> answers) throws IOException {
        var screen = new StringBuilder();
        for (int next = terminal.inputReader().read();
                next >= 0;
                next = terminal.inputReader().read()) {
            screen.append((char) next);
            for (var prompt : answers.keySet()) {
                if (screen.toString().endsWith(prompt)) {
                    terminal.outputWriter().write(answers.get(prompt) + "\n");
                    terminal.outputWriter().flush();
                }
            }
        }
        return screen.toString();
    }
}
