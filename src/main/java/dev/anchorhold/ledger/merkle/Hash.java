package dev.anchorhold.ledger.merkle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Hashes one after the other, as in a tile. */
public final class Hash {
    private Hash() {}

    public static byte[] joined(List<byte[]> hashes) {
        var all = new byte[hashes.size() * Tree.HASH];
        for (var i = 0; i < hashes.size(); i++) {
            System.arraycopy(checked(hashes.get(i)), 0, all, i * Tree.HASH, Tree.HASH);
        }
        return all;
    }

    /** @throws IllegalArgumentException when these are no whole hashes */
    public static List<byte[]> split(byte[] joined) {
        if (joined.length % Tree.HASH != 0) {
            throw new IllegalArgumentException(joined.length + " bytes are no whole hashes");
        }
        var hashes = new ArrayList<byte[]>(joined.length / Tree.HASH);
        for (var at = 0; at < joined.length; at += Tree.HASH) {
            hashes.add(Arrays.copyOfRange(joined, at, at + Tree.HASH));
        }
        return hashes;
    }

    static byte[] checked(byte[] hash) {
        if (hash.length != Tree.HASH) {
            throw new IllegalArgumentException("a hash has 32 bytes, not " + hash.length);
        }
        return hash;
    }
}
