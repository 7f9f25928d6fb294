package dev.anchorhold.ledger.merkle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Joins hashes to one byte array, one after the other as in a tile, and splits it again. */
public final class HashCodec {
    private HashCodec() {}

    public static byte[] joined(List<byte[]> hashes) {
        var all = new byte[hashes.size() * MerkleTree.HASH_SIZE];
        for (var i = 0; i < hashes.size(); i++) {
            System.arraycopy(checked(hashes.get(i)), 0, all, i * MerkleTree.HASH_SIZE, MerkleTree.HASH_SIZE);
        }
        return all;
    }

    /** @throws IllegalArgumentException when these are no whole hashes */
    public static List<byte[]> split(byte[] joined) {
        if (joined.length % MerkleTree.HASH_SIZE != 0) {
            throw new IllegalArgumentException(joined.length + " bytes are no whole hashes");
        }
        var hashes = new ArrayList<byte[]>(joined.length / MerkleTree.HASH_SIZE);
        for (var at = 0; at < joined.length; at += MerkleTree.HASH_SIZE) {
            hashes.add(Arrays.copyOfRange(joined, at, at + MerkleTree.HASH_SIZE));
        }
        return hashes;
    }

    static byte[] checked(byte[] hash) {
        if (hash.length != MerkleTree.HASH_SIZE) {
            throw new IllegalArgumentException("a hash has 32 bytes, not " + hash.length);
        }
        return hash;
    }
}
