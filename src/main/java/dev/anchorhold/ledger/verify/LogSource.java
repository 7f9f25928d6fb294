package dev.anchorhold.ledger.verify;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Read access to a log's files, below one address, as C2SP tlog-tiles says. */
public interface LogSource extends AutoCloseable {
    /**
     * @param path below the log's address, like {@code tile/0/000}
     * @return empty when there is no such file
     * @throws Damaged when the log says of itself that it was changed
     * @throws IOException when that cannot be known
     */
    Optional<byte[]> read(String path) throws IOException, InterruptedException;

    @Override
    default void close() {}

    /** @param address {@code http://…} or {@code https://…}; else a folder */
    static LogSource of(String address) {
        return address.matches("(?i)https?://.+")
                ? new HttpSource(URI.create(address))
                : new FolderSource(Path.of(address));
    }

    /** The log found itself that its rows contradict each other. */
    @SuppressWarnings("serial")
    final class Damaged extends IOException {
        private final transient OptionalLong index;

        Damaged(String message, OptionalLong index) {
            super(message);
            this.index = index;
        }

        OptionalLong index() {
            return index;
        }
    }
}
