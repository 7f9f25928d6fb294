package dev.anchorhold.ledger.merkle;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * The hash functions of a Merkle tree (RFC 6962, section 2.1), with SHA-256. A leaf and a node begin with different bytes, so
 * that none can be taken for the other.
 */
public final class MerkleTree {
    /** Bytes of a hash. */
    public static final int HASH_SIZE = 32;

    /** Binary levels that one tile spans, and the hashes in a full one (C2SP tlog-tiles). */
    public static final int TILE_HEIGHT = 8;

    public static final int TILE_WIDTH = 1 << TILE_HEIGHT;

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(MerkleTree::newDigest);

    private static final byte[] EMPTY_ROOT = sha256(new byte[0]);

    private MerkleTree() {}

    /** The root of the tree without a leaf: a new array each time, so that nobody can change it for others. */
    public static byte[] emptyRoot() {
        return EMPTY_ROOT.clone();
    }

    public static byte[] leafHash(byte[] data) {
        return sha256(new byte[] {0}, data);
    }

    public static byte[] nodeHash(byte[] left, byte[] right) {
        return sha256(new byte[] {1}, left, right);
    }

    public static byte[] root(List<byte[]> leafHashes) {
        return CompactRange.EMPTY.addAll(leafHashes).root();
    }

    static byte[] sha256(byte[]... parts) {
        var digest = SHA_256.get(); // as it was after its last digest(): new
        for (var part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
