package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.CompactRange;
import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.InvalidNoteException;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.ledger.merkle.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A mirror of the log as it was when it was last verified, with its key, to compare the next check with. Its checkpoint says
 * what is in it; files beyond that, of a check that went wrong or was stopped, mean nothing. So it goes from one state to the
 * next by one rename.
 */
public final class LocalMirror {
    private static final String CHECKPOINT = "checkpoint";
    private static final String KEY = "key";

    private final Path folder; // null when nothing is to be kept
    private final VerifyingKey key; // null before the first time
    private final Checkpoint checkpoint;
    private long loaded = -1;
    private byte[] tile;

    private LocalMirror(Path folder, VerifyingKey key, Checkpoint checkpoint) {
        this.folder = folder;
        this.key = key;
        this.checkpoint = checkpoint;
    }

    static LocalMirror none() {
        return new LocalMirror(null, null, new Checkpoint("nothing", 0, MerkleTree.emptyRoot()));
    }

    /**
     * @param folder what an earlier check kept; need not exist before the first
     * @throws IOException when it cannot be read, or is not as it was kept: then it proves nothing of the log
     */
    public static LocalMirror open(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(CHECKPOINT))) {
            return new LocalMirror(folder, null, none().checkpoint);
        }
        try {
            var key = VerifyingKey.parse(Files.readString(folder.resolve(KEY)));
            var checkpoint = Checkpoint.parse(key.open(Files.readString(folder.resolve(CHECKPOINT))));
            var localMirror = new LocalMirror(folder, key, checkpoint);
            if (!Arrays.equals(localMirror.root(), checkpoint.root())) {
                throw new InvalidNoteException("its hashes are not those of its checkpoint");
            }
            return localMirror;
        } catch (InvalidNoteException | IOException e) {
            throw new IOException("What %s keeps is damaged, so the log cannot be compared with it: %s"
                    .formatted(folder, e instanceof InvalidNoteException ? e.getMessage() : e.toString()));
        }
    }

    Optional<VerifyingKey> key() {
        return Optional.ofNullable(key);
    }

    Optional<Checkpoint> checkpoint() {
        return Optional.ofNullable(key).map(any -> checkpoint);
    }

    long size() {
        return checkpoint.size();
    }

    /** The leaf's hash as it was; empty beyond the mirrored size. */
    Optional<byte[]> hash(long index) throws IOException {
        if (index >= size()) {
            return Optional.empty();
        }
        load(index / MerkleTree.TILE_WIDTH);
        var at = (int) (index % MerkleTree.TILE_WIDTH) * MerkleTree.HASH_SIZE;
        return Optional.of(Arrays.copyOfRange(tile, at, at + MerkleTree.HASH_SIZE));
    }

    /** A file of the state that is being checked. */
    void put(TilePath path, byte[] bytes) throws IOException {
        if (folder != null && !(path.full() && isMirrored(path))) {
            write(path.path(), bytes);
        }
    }

    /** Makes the state that was checked the one that is kept. */
    void commit(VerifyingKey signer, Checkpoint now, byte[] note) throws IOException {
        if (folder != null) {
            write(KEY, (signer.text() + "\n").getBytes(UTF_8));
            write(CHECKPOINT, note);
            var current = new TileLayout(now.size()).partial().toList();
            for (var old : new TileLayout(size())
                    .partial()
                    .filter(path -> !current.contains(path))
                    .toList()) {
                Files.deleteIfExists(folder.resolve(old));
            }
        }
    }

    /** Whether it was full already in what is kept, and so is the same. */
    private boolean isMirrored(TilePath path) {
        return new TileLayout(size()).width(path.ofEntries() ? 0 : path.level(), path.index()) == MerkleTree.TILE_WIDTH;
    }

    private byte[] root() throws IOException {
        var compactRange = CompactRange.EMPTY;
        for (long index = 0; index < new TileLayout(size()).tiles(); index++) {
            load(index);
            compactRange = compactRange.addAll(HashCodec.split(tile));
        }
        return compactRange.root();
    }

    private void load(long index) throws IOException {
        if (loaded != index) {
            var path = new TilePath(0, index, new TileLayout(size()).width(0, index)).path();
            tile = Files.readAllBytes(folder.resolve(path));
            if (tile.length != new TileLayout(size()).width(0, index) * MerkleTree.HASH_SIZE) {
                throw new IOException(path + " has a wrong length");
            }
            loaded = index;
        }
    }

    private void write(String path, byte[] bytes) throws IOException {
        var file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        var fresh = Files.write(file.resolveSibling(file.getFileName() + ".new"), bytes);
        Files.move(fresh, file, ATOMIC_MOVE, REPLACE_EXISTING);
    }
}
