package dev.anchorhold.world;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs the packaged companion as a process. Several may share a database and the keys. */
public final class CompanionProcess extends ProductProcess {
    /** The address of its door in the simulated servers' network. */
    private static final String DOOR_IN_THE_FABRIC = "http://172.31.1.1:8080";

    /** The name of every log in the local world. */
    public static final String LOG_ORIGIN = "anchorhold.local/log";

    private final int doorPort;
    private final int internalPort;

    private CompanionProcess(Settings settings, int doorPort, int internalPort) {
        super("companion", settings, Ports.free());
        this.doorPort = doorPort;
        this.internalPort = internalPort;
    }

    /**
     * What a companion needs beyond {@link ProductProcess.Settings}.
     *
     * @param keys files of sealing keys, the current one first
     * @param logKey the file with the key that signs the log's checkpoints
     */
    public record DatabaseAndKeys(CompanionDatabase database, List<Path> keys, Path logKey) {

        /** With one key of each sort, created in the folder unless they exist. */
        public DatabaseAndKeys(CompanionDatabase database, Path folder) {
            this(
                    database,
                    List.of(sealingKey(folder.resolve("sealing-key"))),
                    CompanionProcess.logSigningKey(folder.resolve("log-key.pem")));
        }
    }

    /** Starts it without waiting until it is ready. It brings the database's schema up to date first. */
    public static CompanionProcess start(Settings settings, DatabaseAndKeys databaseAndKeys) {
        return start(settings, databaseAndKeys, Ports.free(), Ports.free());
    }

    /** The same, where those who call it know its ports. */
    static CompanionProcess start(Settings settings, DatabaseAndKeys databaseAndKeys, int doorPort, int internalPort) {
        Map<String, String> environment =
                new HashMap<>(databaseAndKeys.database().environment());
        environment.put("ANCHORHOLD_ROLES", "migration,companion");
        environment.put("ANCHORHOLD_DOOR_KEYS", String.join(",", paths(databaseAndKeys.keys())));
        environment.put(
                "ANCHORHOLD_LEDGER_LOG_KEY",
                databaseAndKeys.logKey().toAbsolutePath().toString());
        environment.put("ANCHORHOLD_LEDGER_ORIGIN", LOG_ORIGIN);
        // In the local world everybody comes from one address, and the fabric's proxy says who it is.
        environment.put("ANCHORHOLD_DOOR_ATTEMPTS_PER_MINUTE", "6000");
        environment.put("ANCHORHOLD_API_CALLS_PER_MINUTE", "60000");
        environment.put("ANCHORHOLD_DOOR_TRUSTED_PROXIES", "127.0.0.1/32");
        environment.put("ANCHORHOLD_HTTP_PORT", Integer.toString(settings.port()));
        environment.put("ANCHORHOLD_HTTP_DOOR_PORT", Integer.toString(doorPort));
        environment.put("ANCHORHOLD_HTTP_INTERNAL_PORT", Integer.toString(internalPort));
        environment.putAll(settings.environment());
        return new CompanionProcess(settings.withEnvironment(environment), doorPort, internalPort);
    }

    /** Where guests find the door, and nothing else. */
    public URI doorUri() {
        return at(doorPort);
    }

    /** Where the operator finds the internal API. */
    public URI internalUri() {
        return at(internalPort);
    }

    /** Waits until it reports itself ready; stops it when it never does. */
    public CompanionProcess awaitReady() {
        untilReady();
        return this;
    }

    /**
     * The environment by which an operator finds this companion and guests find the door.
     *
     * @param token the file with the operator's token for the companion
     */
    public Map<String, String> forOperator(Path token) {
        return Map.of(
                "ANCHORHOLD_COMPANION_URL", internalUri().toString(),
                "ANCHORHOLD_COMPANION_TOKEN_FILE", token.toString(),
                "ANCHORHOLD_DOOR_URL", DOOR_IN_THE_FABRIC);
    }

    /** The file with a sealing key, created unless it exists. */
    public static Path sealingKey(Path file) {
        if (!Files.exists(file)) {
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            Kubeconfig.writePrivately(file, Base64.getEncoder().encodeToString(key));
        }
        return file;
    }

    /** The file with a log's signing key, as {@code openssl genpkey -algorithm ed25519} makes it, created unless it exists. */
    public static Path logSigningKey(Path file) {
        if (!Files.exists(file)) {
            Kubeconfig.writePrivately(
                    file, """
                    -----BEGIN PRIVATE KEY-----
                    %s
                    -----END PRIVATE KEY-----
                    """.formatted(Base64.getMimeEncoder().encodeToString(newLogKey())));
        }
        return file;
    }

    private static byte[] newLogKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519")
                    .generateKeyPair()
                    .getPrivate()
                    .getEncoded();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> paths(List<Path> files) {
        List<String> names = new ArrayList<>();
        files.forEach(it -> names.add(it.toAbsolutePath().toString()));
        return names;
    }
}
