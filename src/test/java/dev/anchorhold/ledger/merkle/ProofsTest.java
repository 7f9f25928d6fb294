package dev.anchorhold.ledger.merkle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** All trees of up to 300 leaves: more than one full tile, and around every power of two up to there. */
class ProofsTest {
    private static final int MAX_SIZE = 300;
    private static final List<byte[]> LEAVES = MerkleTreeTest.leaves(MAX_SIZE + 1);
    private static final List<byte[]> ROOTS = IntStream.rangeClosed(0, MAX_SIZE)
            .mapToObj(size -> MerkleTree.root(LEAVES.subList(0, size)))
            .toList();
    private static final HashReader HASHES = stored();

    /** Each perfect subtree's root, hashed once. */
    private static HashReader stored() {
        var levels = new ArrayList<List<byte[]>>();
        levels.add(LEAVES);
        while (levels.getLast().size() > 1) {
            var below = levels.getLast();
            levels.add(IntStream.range(0, below.size() / 2)
                    .mapToObj(i -> MerkleTree.nodeHash(below.get(2 * i), below.get(2 * i + 1)))
                    .toList());
        }
        return (level, index) -> levels.get(level).get((int) index);
    }

    @Test
    void every_leaf_of_every_tree_is_proved_to_be_in_it() {
        for (var size = 1; size <= MAX_SIZE; size++) {
            for (var index = 0; index < size; index++) {
                var proof = Proofs.inclusion(index, size, HASHES);
                assertThat(includes(index, size, proof))
                        .as("%d in %d", index, size)
                        .isTrue();
                assertThat(proof.size()).isLessThanOrEqualTo(Integer.SIZE - Integer.numberOfLeadingZeros(size - 1));
            }
        }
    }

    @Test
    void every_tree_is_proved_to_begin_with_every_smaller_one() {
        for (var to = 0; to <= MAX_SIZE; to++) {
            for (var from = 0; from <= to; from++) {
                var proof = Proofs.consistency(from, to, HASHES);
                assertThat(consistent(from, to, proof)).as("%d in %d", from, to).isTrue();
            }
        }
    }

    @Test
    void F47_a_changed_proof_of_inclusion_is_refused_for_every_leaf_of_every_tree() {
        for (var size = 1; size <= MAX_SIZE; size++) {
            for (var index = 0; index < size; index++) {
                int i = index;
                int n = size;
                assertEachChangeRefused(
                        Proofs.inclusion(i, n, HASHES), proof -> includes(i, n, proof), "leaf " + i + " of " + n);
            }
        }
    }

    @Test
    void F47_a_changed_proof_of_consistency_is_refused_for_all_pairs_of_trees() {
        for (var to = 0; to <= MAX_SIZE; to++) {
            for (var from = 0; from <= to; from++) {
                int m = from;
                int n = to;
                assertEachChangeRefused(
                        Proofs.consistency(m, n, HASHES), proof -> consistent(m, n, proof), m + " in " + n);
            }
        }
    }

    @Test
    void F47_a_proof_of_inclusion_proves_nothing_of_another_leaf_index_tree_or_root() {
        for (var size = 1; size <= MAX_SIZE; size++) {
            for (var index = 0; index < size; index++) {
                var proof = Proofs.inclusion(index, size, HASHES);
                var leaf = LEAVES.get(index);
                var root = ROOTS.get(size);
                assertThat(Proofs.verifyInclusion(flipped(leaf, size), index, size, root, proof))
                        .isFalse();
                assertThat(Proofs.verifyInclusion(leaf, index, size, flipped(root, index), proof))
                        .isFalse();
                for (var other : others(index, size - 1)) {
                    assertThat(Proofs.verifyInclusion(leaf, other, size, root, proof))
                            .as("%d for %d of %d", other, index, size)
                            .isFalse();
                    assertThat(Proofs.verifyInclusion(LEAVES.get(other), index, size, root, proof))
                            .isFalse();
                }
                for (var other : others(size, MAX_SIZE)) {
                    assertThat(Proofs.verifyInclusion(leaf, index, other, ROOTS.get(other), proof))
                            .as("%d of %d, not %d", index, other, size)
                            .isFalse();
                }
                for (var nonsense : List.of(-1L, (long) size, Long.MAX_VALUE, Long.MIN_VALUE)) {
                    assertThat(Proofs.verifyInclusion(leaf, nonsense, size, root, proof))
                            .isFalse();
                }
                assertThat(Proofs.verifyInclusion(leaf, index, 0, root, proof)).isFalse();
                assertThat(Proofs.verifyInclusion(leaf, index, -size, root, proof))
                        .isFalse();
            }
        }
    }

    @Test
    void F47_a_proof_of_consistency_proves_nothing_of_other_trees_or_roots() {
        for (var to = 1; to <= MAX_SIZE; to++) {
            for (var from = 0; from <= to; from++) {
                var proof = Proofs.consistency(from, to, HASHES);
                var older = ROOTS.get(from);
                var newer = ROOTS.get(to);
                assertThat(Proofs.verifyConsistency(from, flipped(older, to), to, newer, proof))
                        .isFalse();
                if (from > 0) {
                    assertThat(Proofs.verifyConsistency(from, older, to, flipped(newer, from), proof))
                            .isFalse();
                }
                if (from > 0 && from < to) {
                    assertThat(Proofs.verifyConsistency(from, newer, to, older, proof))
                            .isFalse();
                    assertThat(Proofs.verifyConsistency(from, newer, to, newer, proof))
                            .isFalse();
                    assertThat(Proofs.verifyConsistency(to, newer, from, older, proof))
                            .isFalse();
                    assertThat(Proofs.verifyConsistency(-from, older, to, newer, proof))
                            .isFalse();
                    for (var other : others(from, to)) {
                        assertThat(Proofs.verifyConsistency(other, ROOTS.get(other), to, newer, proof))
                                .isFalse();
                    }
                    for (var other : others(to, MAX_SIZE)) {
                        assertThat(Proofs.verifyConsistency(from, older, other, ROOTS.get(other), proof))
                                .isFalse();
                    }
                }
            }
        }
    }

    @Test
    void nothing_is_proved_of_what_is_not_there() {
        assertThatThrownBy(() -> Proofs.inclusion(5, 5, HASHES)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Proofs.inclusion(-1, 5, HASHES)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Proofs.consistency(6, 5, HASHES)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Proofs.consistency(-1, 5, HASHES)).isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertEachChangeRefused(List<byte[]> proof, Predicate<List<byte[]>> accepted, String what) {
        for (var i = 0; i < proof.size(); i++) {
            assertRefused(accepted, with(proof, i, flipped(proof.get(i), 31 * i + proof.size())), what, "a bit");
            assertRefused(accepted, with(proof, i, new byte[31]), what, "a short hash");
            assertRefused(accepted, with(proof, i, null), what, "no hash");
            var dropped = new ArrayList<>(proof);
            dropped.remove(i);
            assertRefused(accepted, dropped, what, "one dropped");
            var doubled = new ArrayList<>(proof);
            doubled.add(i, proof.get(i));
            assertRefused(accepted, doubled, what, "one doubled");
            if (i > 0) {
                assertRefused(
                        accepted, with(with(proof, i, proof.get(i - 1)), i - 1, proof.get(i)), what, "two swapped");
            }
        }
        for (var at : List.of(0, proof.size())) {
            var extended = new ArrayList<>(proof);
            extended.add(at, new byte[32]);
            assertRefused(accepted, extended, what, "one more");
        }
        var endless = new ArrayList<>(proof);
        while (endless.size() < 200) {
            endless.add(new byte[32]);
        }
        assertRefused(accepted, endless, what, "many more");
        if (!proof.isEmpty()) {
            assertRefused(accepted, List.of(), what, "none");
        }
    }

    private static void assertRefused(Predicate<List<byte[]>> accepted, List<byte[]> proof, String of, String change) {
        if (accepted.test(proof)) { // a million times: plainly
            fail("%s with %s".formatted(of, change));
        }
    }

    private static boolean includes(int index, int size, List<byte[]> proof) {
        return Proofs.verifyInclusion(LEAVES.get(index), index, size, ROOTS.get(size), proof);
    }

    private static boolean consistent(int from, int to, List<byte[]> proof) {
        return Proofs.verifyConsistency(from, ROOTS.get(from), to, ROOTS.get(to), proof);
    }

    /** Neighbours, and those that differ in one bit: what a careless index calculation takes for the same. */
    private static List<Integer> others(int of, int max) {
        return IntStream.concat(
                        IntStream.of(of - 1, of + 1), IntStream.range(0, 9).map(bit -> of ^ 1 << bit))
                .filter(other -> other >= 0 && other <= max && other != of)
                .distinct()
                .boxed()
                .toList();
    }

    private static byte[] flipped(byte[] hash, int bit) {
        var changed = hash.clone();
        changed[bit / 8 % 32] ^= (byte) (1 << bit % 8);
        return changed;
    }

    private static List<byte[]> with(List<byte[]> proof, int index, byte[] hash) {
        var changed = new ArrayList<>(proof);
        changed.set(index, hash);
        return changed;
    }
}
