package dev.anchorhold.guest;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Builds the Python program that runs in an Agent's VM: one text, put together from the modules in the resource folder
 * {@code program} beside this class. An Agent's own text is frozen with it.
 *
 * <p>Putting together is plain: the package's docstring, the standard library's imports of all modules, then module
 * after module under a heading. The modules import each other's names by {@code from .module import name}, a line each;
 * those lines are left out, since all names are in one file then. So no two modules may define the same name (a test
 * looks).
 */
public final class GuestProgram {
    /** Each after those that it imports from. */
    static final List<String> MODULES = List.of(
            "common",
            "files",
            "commands",
            "backoff",
            "times",
            "packages",
            "firewall_rules",
            "firewall_probe",
            "firewall",
            "filesystem",
            "docker_api",
            "container",
            "volume",
            "tunnel",
            "door_client",
            "log_buffer",
            "shared_state",
            "report",
            "reconciler",
            "door_sync",
            "main");

    private static final String FUTURE = "from __future__ import annotations";
    private static final String TEXT = putTogether();

    private GuestProgram() {}

    /** Today's program, for an Agent that is provisioned today. */
    public static String text() {
        return TEXT;
    }

    /** In hexadecimal, as a guest's report names the program that wrote it. */
    public static String sha256(String text) {
        return DigestUtils.sha256Hex(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String putTogether() {
        var imports = MODULES.stream()
                .flatMap(name -> read(name).lines())
                .filter(line -> isImport(line) && !line.startsWith("from .") && !line.equals(FUTURE))
                .sorted(comparing((String line) -> line.startsWith("from ")).thenComparing(naturalOrder()))
                .distinct()
                .collect(joining("\n"));
        var sections = MODULES.stream()
                .map(name -> "\n\n%s\n".formatted(section(name, read(name))))
                .collect(joining());
        return "#!/usr/bin/python3\n%s\n%s\n\n%s\n%s".formatted(read("__init__"), FUTURE, imports, sections);
    }

    private static String section(String name, String module) {
        var body = module.lines().filter(line -> !isImport(line)).collect(joining("\n"));
        var described = body.strip().replaceFirst("^\"\"\"(.*)\"\"\"\\s*", "# $1\n\n\n");
        return "# ---- %s.py ----\n%s".formatted(name, described);
    }

    private static boolean isImport(String line) {
        return line.startsWith("import ") || line.startsWith("from ");
    }

    private static String read(String module) {
        try (var file = GuestProgram.class.getResourceAsStream("program/" + module + ".py")) {
            return new String(Objects.requireNonNull(file, module).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
