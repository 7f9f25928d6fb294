package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.GuestFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;

/** Talks with a running qemu in its machine protocol, over the process's stdin and stdout. */
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

    boolean answers() {
        return qemu.isAlive();
    }

    /** Answers when qemu has taken the command, which need not be when the guest has heeded it. */
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

    /** Takes a device away; answers when it is away. */
    synchronized void unplug(String device) {
        execute("device_del", Map.of("id", device));
        try {
            JsonNode event;
            do {
                event = next("event");
            } while (!event.at("/data/device").asText().equals(device));
        } catch (IOException e) {
            throw new GuestFailure("qemu does not let go of " + device, e);
        }
    }

    /** The next message that has one of these; the greeting and all other messages are passed over. */
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
