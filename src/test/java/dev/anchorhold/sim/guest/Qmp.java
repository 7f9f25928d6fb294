package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;

/** Client of a running qemu's machine protocol (QMP), over the process's stdin and stdout. */
final class Qmp {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process qemu;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    Qmp(Process qemu) {
        this.qemu = qemu;
        commands = qemu.outputWriter();
        answers = qemu.inputReader();
        execute("qmp_capabilities", Map.of());
    }

    boolean running() {
        return qemu.isAlive();
    }

    /** Returns when qemu has accepted the command; the guest may react later. */
    synchronized void execute(String command, Map<String, ?> arguments) {
        try {
            commands.write(JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments)) + "\n");
            commands.flush();
            var answer = next("return", "error");
            if (answer.has("error")) {
                throw new GuestFailure(
                        "qemu refused %s: %s"
                                .formatted(command, answer.at("/error/desc").asText()),
                        null);
            }
        } catch (IOException e) {
            throw new GuestFailure("qemu does not take " + command, e);
        }
    }

    /** Removes a device; returns when it is removed. */
    synchronized void unplug(String device) {
        execute("device_del", Map.of("id", device));
        try {
            JsonNode event;
            do {
                event = next("event");
            } while (!event.at("/data/device").asText().equals(device));
        } catch (IOException e) {
            throw new GuestFailure("qemu does not remove " + device, e);
        }
    }

    /** The next message that has one of these; the greeting and all other messages are skipped. */
    private JsonNode next(String... kinds) throws IOException {
        for (var line = answers.readLine(); line != null; line = answers.readLine()) {
            var message = JSON.readTree(line);
            if (Stream.of(kinds).anyMatch(message::has)) {
                return message;
            }
        }
        throw new IOException("it ended");
    }
}
