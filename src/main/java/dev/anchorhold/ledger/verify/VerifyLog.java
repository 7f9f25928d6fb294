package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The command {@code verify-log}: runs the verifier. Its result goes to the standard output, its progress to the standard error.
 */
public final class VerifyLog {
    static final int EXIT_OK = 0;
    static final int EXIT_BAD = 1;
    static final int EXIT_UNKNOWN = 2;

    private static final String USAGE = """
            Usage: verify-log LOG [--keep FOLDER] [--key KEY|FILE] [--events FILE…] [--statement FILE…]

            Checks that nobody has rewritten a log of Anchorhold's, and names the first entry that is not as it was.

              LOG              where it is: http(s)://…/log, or a folder with a mirror of it
              --keep FOLDER    compares with what the last check kept there; keeps this one's when all is well
              --key KEY|FILE   the log's public key (NAME+ID+KEY); without it the one that was kept, or the first
                               time the one that the log itself gives
              --events FILE…   events as the API told them (/api/audit-events): that the log has just these
              --statement FILE…
                               closed statements as the API told them in JSON (/api/statements/ACCOUNT/MONTH): that
                               they are what the log committed to when they were closed

            Ends with 0: all is well. 1: it is not. 2: it could not be checked.
            """;

    private record Arguments(String log, Path keep, VerifyingKey key, List<Path> events, List<Path> statements) {}

    private VerifyLog() {}

    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) throws InterruptedException {
        if (arguments.length == 0 || List.of(arguments).contains("--help")) {
            System.out.print(USAGE);
            return arguments.length == 0 ? EXIT_UNKNOWN : EXIT_OK;
        }
        try {
            return check(parse(arguments));
        } catch (IOException | IllegalArgumentException | InvalidNoteException e) {
            System.err.println("Not checked. " + e.getMessage());
            return EXIT_UNKNOWN;
        }
    }

    private static int check(Arguments given) throws IOException, InterruptedException {
        try (var log = LogSource.of(given.log)) {
            var verification = Verification.of(log).signedBy(given.key).reportingTo(new ProgressPrinter());
            if (given.keep != null) {
                verification.against(LocalMirror.open(given.keep));
            }
            for (var file : given.events) {
                verification.expecting(ExportedEvent.read(file));
            }
            for (var file : given.statements) {
                verification.expecting(List.of(ExportedStatement.read(file)));
            }
            var report = verification.run();
            print(report, given);
            return report.passed() ? EXIT_OK : EXIT_BAD;
        }
    }

    private static void print(VerificationReport report, Arguments given) {
        if (report.firstUse()) {
            System.out.printf(
                    "Trusted on first use: the key that the log itself gave, %s%nCompare it with one that you got another way.%n",
                    report.key());
        }
        if (report.passed()) {
            System.out.printf(
                    "All is well: %d entries, signed by %s.%n",
                    report.checkpoint().size(), report.key().name());
            if (given.keep != null) {
                System.out.println(
                        report.mirroredSize() > 0
                                ? "The first %d are those that were kept.".formatted(report.mirroredSize())
                                : "Kept in %s, for the next check to compare with.".formatted(given.keep));
            }
        } else {
            System.out.println("THE LOG IS BAD.");
            report.firstBadIndex().ifPresent(index -> System.out.println("First bad index: " + index));
            report.findings().forEach(finding -> System.out.println("- " + finding.what()));
        }
    }

    private static Arguments parse(String[] arguments) throws IOException {
        String log = null;
        Path keep = null;
        VerifyingKey key = null;
        var events = new ArrayList<Path>();
        var statements = new ArrayList<Path>();
        var rest = new ArrayDeque<>(List.of(arguments));
        while (!rest.isEmpty()) {
            var argument = rest.remove();
            switch (argument) {
                case "--keep" -> keep = Path.of(value(argument, rest));
                case "--key" -> key = key(value(argument, rest));
                case "--events" -> addFiles(argument, rest, events);
                case "--statement" -> addFiles(argument, rest, statements);
                default -> {
                    if (log != null || argument.startsWith("--")) {
                        throw new IllegalArgumentException("What is '%s'? See --help.".formatted(argument));
                    }
                    log = argument;
                }
            }
        }
        if (log == null) {
            throw new IllegalArgumentException("Which log? See --help.");
        }
        return new Arguments(log, keep, key, events, statements);
    }

    private static void addFiles(String option, ArrayDeque<String> rest, List<Path> files) {
        files.add(Path.of(value(option, rest)));
        while (!rest.isEmpty() && !rest.peek().startsWith("--")) {
            files.add(Path.of(rest.remove()));
        }
    }

    private static String value(String option, ArrayDeque<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value. See --help.");
        }
        return rest.remove();
    }

    private static VerifyingKey key(String given) throws IOException {
        return VerifyingKey.parse(Files.isRegularFile(Path.of(given)) ? Files.readString(Path.of(given)) : given);
    }
}
