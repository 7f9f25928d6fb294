package dev.anchorhold.sim.guest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.anchorhold.sim.guest.GuestDriver.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a guest's cloud-init says of its own run, in words for people. */
final class BootReport {

    private BootReport() {}

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

    static String image(Machine machine) {
        return machine.image().equals("debian-12") ? "Debian 12" : "Debian 12 in the place of " + machine.image();
    }
}
