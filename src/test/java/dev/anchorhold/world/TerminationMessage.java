package dev.anchorhold.world;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Tells why a process ended: its exit code or signal, and the last line of its log that is more than information.
 *
 * @param log the file that it writes its log to
 * @param start where in the log this run of it begins
 */
record TerminationMessage(Path log, long start) {
    private static final int TAIL = 16 << 10;
    private static final int LONGEST = 200;

    private static final Map<Integer, String> SIGNALS =
            Map.of(1, "HUP", 2, "INT", 3, "QUIT", 6, "ABRT", 9, "KILL", 11, "SEGV", 15, "TERM");

    /** Our JVMs' lines of lower levels, klog's, and the lines of a stack trace. */
    private static final Pattern TELLS_NOTHING =
            Pattern.compile("^\\s*$|^.{0,40}\\s(INFO|DEBUG|TRACE)\\s.*|^I\\d{4} .*|^\\s+.*|^\\t.*");

    /** @param code as {@link Process#exitValue}: 128 and the signal's number when a signal ended it */
    String of(int code) {
        if (code > 128 && code < 128 + 65) {
            int signal = code - 128;
            return "by signal %d%s".formatted(signal, SIGNALS.containsKey(signal) ? " SIG" + SIGNALS.get(signal) : "");
        }
        return lines(200).reversed().stream()
                .filter(it -> !TELLS_NOTHING.matcher(it).matches())
                .findFirst()
                .map(it -> "exit code %d: %s".formatted(code, it.substring(0, Math.min(it.length(), LONGEST))))
                .orElse("exit code " + code);
    }

    /** The last lines of this run, or what there is of them. */
    List<String> lines(int most) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(start, file.length() - TAIL));
            byte[] tail = new byte[TAIL];
            int length = Math.max(0, file.read(tail));
            List<String> lines =
                    new String(tail, 0, length, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - most), lines.size());
        } catch (IOException e) {
            return List.of("(no log: " + e.getMessage() + ")");
        }
    }
}
