package dev.anchorhold.ledger.merkle;

import java.util.List;

/** Read access to the nodes of a stored tree, whoever stores them. */
@FunctionalInterface
public interface HashReader {
    /**
     * The root of the {@code index}-th perfect subtree of {@code 2^level} leaves: that of the leaves from {@code index * 2^level}. Called
     * only for subtrees that lie wholly within the tree.
     */
    byte[] at(int level, long index);

    /** Of a small tree: everything from its leaves. */
    static HashReader of(List<byte[]> leafHashes) {
        return (level, index) -> {
            var from = Math.toIntExact(index << level);
            return MerkleTree.root(leafHashes.subList(from, from + (1 << level)));
        };
    }
}
