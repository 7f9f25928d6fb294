package dev.anchorhold.ledger.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.anchorhold.ledger.merkle.Checkpoint;
import dev.anchorhold.ledger.merkle.Hash;
import dev.anchorhold.ledger.merkle.SigningKey;
import dev.anchorhold.ledger.merkle.TilePath;
import dev.anchorhold.ledger.merkle.Tree;
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
final class Mirror implements Source {
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
        return Tree.leafHash(("entry " + index).getBytes(UTF_8));
    }

    static Mirror of(long size, SigningKey key) {
        return of(size, key, Mirror::entry);
    }

    static Mirror of(long size, SigningKey key, LongFunction<byte[]> entry) {
        var mirror = new Mirror();
        var entries = LongStream.range(0, size).mapToObj(entry).toList();
        var hashes = entries.stream().map(Tree::leafHash).toList();
        mirror.files.put("key", key.verifier().text().getBytes(UTF_8));
        mirror.sign(new Checkpoint(ORIGIN, size, Tree.root(hashes)), key);
        mirror.tiles(TilePath.ENTRIES, entries, Mirror::bundle);
        for (var level = 0; !hashes.isEmpty(); level++) {
            mirror.tiles(level, hashes, Hash::joined);
            var below = hashes;
            hashes = LongStream.range(0, below.size() / 256)
                    .mapToObj(i -> Tree.root(below.subList((int) i * 256, (int) i * 256 + 256)))
                    .toList();
        }
        return mirror;
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

    Mirror with(String path, UnaryOperator<byte[]> change) {
        files.compute(path, (_, bytes) -> {
            if (bytes == null) {
                throw new AssertionError("no " + path + " in this log");
            }
            return change.apply(bytes);
        });
        return this;
    }

    Mirror without(String path) {
        return with(path, _ -> null);
    }

    Mirror withBit(String path, int offset) {
        return with(path, bytes -> {
            var changed = bytes.clone();
            changed[offset] ^= 1;
            return changed;
        });
    }

    Mirror withEntries(String path, UnaryOperator<List<byte[]>> change) {
        return with(path, bytes -> bundle(change.apply(new ArrayList<>(Bundle.entries(bytes)))));
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
