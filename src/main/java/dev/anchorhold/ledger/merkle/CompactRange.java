package dev.anchorhold.ledger.merkle;

import java.util.Arrays;
import java.util.List;

/**
 * The part of a Merkle tree that is needed to append to it (a compact range from leaf 0): the roots of the perfect subtrees that
 * it consists of, from the left, the largest first; one for each bit that is set in its size. Appending costs as many hashes as
 * the size has trailing ones. Immutable.
 */
public final class CompactRange {
    public static final CompactRange EMPTY = new CompactRange(0, new byte[0][]);

    private final long size;
    private final byte[][] peaks;

    private CompactRange(long size, byte[][] peaks) {
        this.size = size;
        this.peaks = peaks;
    }

    /**
     * @param bytes as {@link #bytes()} gave them
     * @throws IllegalArgumentException when a tree of this size has not as many subtrees
     */
    public static CompactRange of(long size, byte[] bytes) {
        if (size < 0 || bytes.length != Long.bitCount(size) * MerkleTree.HASH_SIZE) {
            throw new IllegalArgumentException(
                    "a tree of %d leaves has no compact range of %d bytes".formatted(size, bytes.length));
        }
        var peaks = new byte[Long.bitCount(size)][];
        for (var i = 0; i < peaks.length; i++) {
            peaks[i] = Arrays.copyOfRange(bytes, i * MerkleTree.HASH_SIZE, (i + 1) * MerkleTree.HASH_SIZE);
        }
        return new CompactRange(size, peaks);
    }

    public CompactRange add(byte[] leafHash) {
        return addAll(List.of(leafHash));
    }

    public CompactRange addAll(List<byte[]> leafHashes) {
        var grown = size;
        var stack = Arrays.copyOf(peaks, Long.SIZE);
        var height = peaks.length;
        for (var leaf : leafHashes) {
            var node = HashCodec.checked(leaf);
            for (var ones = grown; (ones & 1) == 1; ones >>= 1) {
                node = MerkleTree.nodeHash(stack[--height], node);
            }
            stack[height++] = node;
            grown++;
        }
        return new CompactRange(grown, Arrays.copyOf(stack, height));
    }

    public long size() {
        return size;
    }

    public byte[] root() {
        if (size == 0) {
            return MerkleTree.emptyRoot();
        }
        var root = peaks[peaks.length - 1];
        for (var i = peaks.length - 2; i >= 0; i--) {
            root = MerkleTree.nodeHash(peaks[i], root);
        }
        return root.clone();
    }

    /** The subtrees' roots, one after the other. */
    public byte[] bytes() {
        return HashCodec.joined(List.of(peaks));
    }
}
