package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.HashCodec;
import dev.anchorhold.ledger.merkle.MerkleTree;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.TilePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/** A whole log as files in memory, written from its definition (C2SP tlog-tiles) and by nothing that the verifier uses for tiles. */
final class InMemoryLog implements LogSource {
    static final String ORIGIN = "books.example/log";

    final Map<String, byte[]> files = new ConcurrentHashMap<>();

    static SigningKey aKey(Path folder) {
        try {
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            var body = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
            var file = Files.createTempFile(folder, "key", ".pem");
            Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
            return SigningKey.of(ORIGIN, file);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] entry(long index) {
        return MerkleTree.leafHash(("entry " + index).getBytes(UTF_8));
    }

    static InMemoryLog of(long size, SigningKey key) {
        return of(size, key, InMemoryLog::entry);
    }

    static InMemoryLog of(long size, SigningKey key, LongFunction<byte[]> entry) {
        var inMemoryLog = new InMemoryLog();
        var entries = LongStream.range(0, size).mapToObj(entry).toList();
        var hashes = entries.stream().map(MerkleTree::leafHash).toList();
        inMemoryLog.files.put("key", key.verifier().text().getBytes(UTF_8));
        inMemoryLog.sign(new Checkpoint(ORIGIN, size, MerkleTree.root(hashes)), key);
        inMemoryLog.tiles(TilePath.ENTRIES, entries, InMemoryLog::bundle);
        for (var level = 0; !hashes.isEmpty(); level++) {
            inMemoryLog.tiles(level, hashes, HashCodec::joined);
            var below = hashes;
            hashes = LongStream.range(0, below.size() / 256)
                    .mapToObj(i -> MerkleTree.root(below.subList((int) i * 256, (int) i * 256 + 256)))
                    .toList();
        }
        return inMemoryLog;
    }

    private interface Written {
        byte[] bytes(List<byte[]> of);
    }

    private void tiles(int level, List<byte[]> all, Written written) {
        for (var from = 0; from < all.size(); from += 256) {
            var some = all.subList(from, Math.min(all.size(), from + 256));
            files.put(new TilePath(level, from / 256, some.size()).path(), written.bytes(some));
        }
    }

    static byte[] bundle(List<byte[]> entries) {
        var bytes = ByteBuffer.allocate(
                entries.stream().mapToInt(it -> 2 + it.length).sum());
        entries.forEach(it -> bytes.putShort((short) it.length).put(it));
        return bytes.array();
    }

    void sign(Checkpoint checkpoint, SigningKey key) {
        files.put("checkpoint", key.sign(checkpoint.text()).getBytes(UTF_8));
    }

    InMemoryLog with(String path, UnaryOperator<byte[]> change) {
        files.compute(path, (_, bytes) -> {
            if (bytes == null) {
                throw new AssertionError("no " + path + " in this log");
            }
            return change.apply(bytes);
        });
        return this;
    }

    InMemoryLog without(String path) {
        return with(path, _ -> null);
    }

    InMemoryLog withBit(String path, int offset) {
        return with(path, bytes -> {
            var changed = bytes.clone();
            changed[offset] ^= 1;
            return changed;
        });
    }

    InMemoryLog withEntries(String path, UnaryOperator<List<byte[]>> change) {
        return with(path, bytes -> bundle(change.apply(new ArrayList<>(EntryBundle.entries(bytes)))));
    }

    Path writtenTo(Path folder) throws IOException {
        for (var file : files.entrySet()) {
            var path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return folder;
    }

    @Override
    public Optional<byte[]> read(String path) {
        return Optional.ofNullable(files.get(path));
    }
}
