package dev.anchorhold.ledger.verify;

import dev.anchorhold.ledger.merkle.MerkleTree;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What the log must have at an index if a document, of which it was computed, is genuine.
 *
 * @param what the document tells of, for messages: an event, a statement
 * @param file where it was read, for messages
 */
record ExpectedLeaf(long index, byte[] leafHash, String what, String file) {

    /** The entry is SHA-256 of the nonce and the canonical form (docs/log.md). */
    static ExpectedLeaf of(long index, byte[] nonce, byte[] canonical, String what, String file) {
        return new ExpectedLeaf(index, MerkleTree.leafHash(sha256(nonce, canonical)), what, file);
    }

    static byte[] sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
