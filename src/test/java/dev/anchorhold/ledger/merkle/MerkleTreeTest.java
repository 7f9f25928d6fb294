package dev.anchorhold.ledger.merkle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
    private static final HexFormat HEX = HexFormat.of();

    /** The leaves and roots that Certificate Transparency's own implementations are tested with. */
    private static final List<byte[]> KNOWN_LEAVES = Stream.of(
                    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .map(HEX::parseHex)
            .map(MerkleTree::leafHash)
            .toList();

    private static final List<String> KNOWN_ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    static List<byte[]> leaves(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> MerkleTree.leafHash(("entry " + i).getBytes(UTF_8)))
                .toList();
    }

    @Test
    void roots_are_those_that_others_compute() {
        for (var size = 0; size < KNOWN_ROOTS.size(); size++) {
            assertThat(HEX.formatHex(MerkleTree.root(KNOWN_LEAVES.subList(0, size))))
                    .isEqualTo(KNOWN_ROOTS.get(size));
        }
    }

    @Test
    void proofs_are_those_that_others_compute() {
        var hashReader = HashReader.of(KNOWN_LEAVES);
        assertThat(Proofs.inclusion(0, 8, hashReader))
                .extracting(HEX::formatHex)
                .containsExactly(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
        assertThat(Proofs.consistency(6, 8, hashReader))
                .extracting(HEX::formatHex)
                .containsExactly(
                        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        KNOWN_ROOTS.get(4));
    }

    @Test
    void a_tree_grown_leaf_by_leaf_or_in_bulk_or_taken_up_again_from_its_bytes_is_the_same() {
        var leaves = leaves(300);
        var grown = CompactRange.EMPTY;
        for (var size = 0; size <= 300; size++) {
            assertThat(grown.size()).isEqualTo(size);
            assertThat(grown.root()).isEqualTo(recursively(leaves.subList(0, size)));
            assertThat(grown.root()).isEqualTo(MerkleTree.root(leaves.subList(0, size)));
            var half = CompactRange.EMPTY.addAll(leaves.subList(0, size / 2));
            assertThat(CompactRange.of(half.size(), half.bytes())
                            .addAll(leaves.subList(size / 2, size))
                            .bytes())
                    .isEqualTo(grown.bytes());
            grown = size < 300 ? grown.add(leaves.get(size)) : grown;
        }
    }

    @Test
    void a_compact_range_that_fits_no_such_tree_is_refused() {
        var five = CompactRange.EMPTY.addAll(leaves(5)).bytes();
        assertThatThrownBy(() -> CompactRange.of(4, five)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CompactRange.of(-5, five)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CompactRange.EMPTY.add(new byte[31])).isInstanceOf(IllegalArgumentException.class);
    }

    /** As RFC 6962 defines it, word by word. */
    private static byte[] recursively(List<byte[]> leaves) {
        if (leaves.size() <= 1) {
            return leaves.isEmpty() ? MerkleTree.emptyRoot() : leaves.getFirst();
        }
        var k = Integer.highestOneBit(leaves.size() - 1);
        var halves = new ArrayList<>(List.of(leaves.subList(0, k), leaves.subList(k, leaves.size())));
        return MerkleTree.nodeHash(recursively(halves.get(0)), recursively(halves.get(1)));
    }
}
