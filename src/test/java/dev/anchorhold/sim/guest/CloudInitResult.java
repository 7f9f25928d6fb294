package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Reads the result of a guest's cloud-init run, and summarises it for people. */
final class CloudInitResult {

    private static final Pattern FINISHED = Pattern.compile("Cloud-init v\\. \\S+ finished at");

    private CloudInitResult() {}

    /** @param folder the guest's /run/cloud-init */
    static String read(Path folder) {
        var result = folder.resolve("result.json");
        if (!Files.exists(result)) {
            return "cloud-init is at work";
        }
        try {
            var errors = new ObjectMapper().readTree(result.toFile()).at("/v1/errors");
            return errors.isEmpty() ? "cloud-init done without errors" : "cloud-init done with errors: " + errors;
        } catch (IOException e) {
            return "cloud-init's result cannot be read";
        }
    }

    /** @param console what the guest wrote on its serial line, over all its boots */
    static String ofConsole(Path console) {
        try {
            var text = Files.exists(console) ? Files.readString(console, StandardCharsets.ISO_8859_1) : "";
            var boot = text.substring(Math.max(0, text.lastIndexOf("Linux version")));
            return FINISHED.matcher(boot).find()
                    ? boot.contains("[WARNING]")
                            ? "cloud-init done with warnings: see " + console
                            : "cloud-init done without errors"
                    : boot.isEmpty() ? "no kernel yet" : "booting";
        } catch (IOException e) {
            return "its console cannot be read";
        }
    }

    static String image(Machine machine) {
        return machine.image().equals("debian-12") ? "Debian 12" : "Debian 12 in the place of " + machine.image();
    }
}
