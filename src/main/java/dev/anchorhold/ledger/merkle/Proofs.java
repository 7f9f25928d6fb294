package dev.anchorhold.ledger.merkle;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes and verifies Merkle proofs: of inclusion, that a leaf is in a tree, and of consistency, that a tree begins with another.
 * Made as RFC 6962 says (section 2.1), verified as RFC 9162 says (sections 2.1.3.2 and 2.1.4.2). What a proof is verified with
 * (size and root) has to come from one signed checkpoint: a proof binds a leaf to a root, the signature binds the root to its
 * size.
 */
public final class Proofs {
    private Proofs() {}

    /** The proof that leaf {@code index} is in the tree of the first {@code size} leaves. */
    public static List<byte[]> inclusion(long index, long size, HashReader hashReader) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("no leaf %d in a tree of %d".formatted(index, size));
        }
        var proof = new ArrayList<byte[]>();
        long from = 0;
        var to = size;
        while (to - from > 1) {
            var middle = from + Long.highestOneBit(to - from - 1);
            if (index < middle) {
                proof.add(root(middle, to, hashReader));
                to = middle;
            } else {
                proof.add(root(from, middle, hashReader));
                from = middle;
            }
        }
        return proof.reversed();
    }

    /** The proof that the tree of the first {@code to} leaves begins with that of the first {@code from}; empty when there is nothing to prove. */
    public static List<byte[]> consistency(long from, long to, HashReader hashReader) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("no tree of %d leaves begins with one of %d".formatted(to, from));
        }
        if (from == 0 || from == to) {
            return List.of();
        }
        var proof = new ArrayList<byte[]>();
        long left = 0;
        var right = to;
        while (from < right) {
            var middle = left + Long.highestOneBit(right - left - 1);
            if (from <= middle) {
                proof.add(root(middle, right, hashReader));
                right = middle;
            } else {
                proof.add(root(left, middle, hashReader));
                left = middle;
            }
        }
        if (left > 0) {
            proof.add(root(left, right, hashReader)); // else it is the older tree's root, which the checker has
        }
        return proof.reversed();
    }

    /** False for whatever is no proof of it, however malformed. */
    public static boolean verifyInclusion(byte[] leafHash, long index, long size, byte[] root, List<byte[]> proof) {
        if (index < 0 || index >= size || !wellFormed(leafHash, root, proof)) {
            return false;
        }
        var computed = new byte[][] {leafHash};
        var climbed = climb(index, size - 1, proof, (sibling, left) -> {
            computed[0] = left ? MerkleTree.nodeHash(sibling, computed[0]) : MerkleTree.nodeHash(computed[0], sibling);
        });
        return climbed && MessageDigest.isEqual(computed[0], root);
    }

    /** False for whatever is no proof of it, however malformed. */
    public static boolean verifyConsistency(long from, byte[] fromRoot, long to, byte[] toRoot, List<byte[]> proof) {
        if (from < 0 || from > to || !wellFormed(fromRoot, toRoot, proof)) {
            return false;
        }
        if (from == 0) {
            return proof.isEmpty() && MessageDigest.isEqual(fromRoot, MerkleTree.emptyRoot());
        }
        if (from == to) {
            return proof.isEmpty() && MessageDigest.isEqual(fromRoot, toRoot);
        }
        var hashes = new ArrayList<byte[]>();
        if (Long.bitCount(from) == 1) {
            hashes.add(fromRoot);
        }
        hashes.addAll(proof);
        if (hashes.size() < 2) {
            return false;
        }
        var level = Long.numberOfTrailingZeros(from);
        var older = new byte[][] {hashes.getFirst()};
        var newer = new byte[][] {hashes.getFirst()};
        var climbed =
                climb((from - 1) >> level, (to - 1) >> level, hashes.subList(1, hashes.size()), (sibling, left) -> {
                    older[0] = left ? MerkleTree.nodeHash(sibling, older[0]) : older[0];
                    newer[0] = left ? MerkleTree.nodeHash(sibling, newer[0]) : MerkleTree.nodeHash(newer[0], sibling);
                });
        return climbed && MessageDigest.isEqual(older[0], fromRoot) && MessageDigest.isEqual(newer[0], toRoot);
    }

    private interface Step {
        void join(byte[] sibling, boolean left);
    }

    /** From the {@code node}-th of a level, whose last is {@code last}, to the root. Whether the siblings are as many as that takes. */
    private static boolean climb(long node, long last, List<byte[]> siblings, Step step) {
        for (var sibling : siblings) {
            if (last == 0) {
                return false;
            }
            var left = (node & 1) == 1 || node == last;
            step.join(sibling, left);
            // A last node without a sibling is its own parent, up to where it is a right one.
            var levels = 1 + (left ? Long.numberOfTrailingZeros(node) : 0);
            node >>= levels;
            last >>= levels;
        }
        return last == 0;
    }

    /** Of the leaves from {@code from}, which is a multiple of the power of two that is not below their number. */
    private static byte[] root(long from, long to, HashReader hashReader) {
        var subtrees = new ArrayList<byte[]>();
        for (var left = from; left < to; ) {
            var level = Long.SIZE - 1 - Long.numberOfLeadingZeros(to - left);
            subtrees.add(HashCodec.checked(hashReader.at(level, left >> level)));
            left += 1L << level;
        }
        return subtrees.reversed().stream()
                .reduce((right, left) -> MerkleTree.nodeHash(left, right))
                .orElseThrow();
    }

    private static boolean wellFormed(byte[] one, byte[] other, List<byte[]> proof) {
        return one.length == MerkleTree.HASH_SIZE
                && other.length == MerkleTree.HASH_SIZE
                && proof.size() <= 2 * Long.SIZE
                && proof.stream().allMatch(hash -> hash != null && hash.length == MerkleTree.HASH_SIZE);
    }
}
