package dev.anchorhold.ledger.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a log from a folder that has a mirror of it, such as the one that an earlier check kept. */
record FolderSource(Path folder) implements LogSource {

    FolderSource {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + " is no folder, and no http:// or https:// address");
        }
    }

    @Override
    public Optional<byte[]> read(String path) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(folder.resolve(path)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
