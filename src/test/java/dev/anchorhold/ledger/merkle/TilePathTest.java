package dev.anchorhold.ledger.merkle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TilePathTest {
    @Test
    void tiles_lie_where_the_specification_says() {
        assertThat(TilePath.tile(0, 0, 256)).isEqualTo("tile/0/000");
        assertThat(TilePath.tile(0, 1_234_067, 256)).isEqualTo("tile/0/x001/x234/067");
        assertThat(TilePath.tile(2, 999, 17)).isEqualTo("tile/2/999.p/17");
        assertThat(TilePath.entries(1000, 255)).isEqualTo("tile/entries/x001/000.p/255");
        assertThat(TilePath.tile(63, Long.MAX_VALUE, 1)).isEqualTo("tile/63/x009/x223/x372/x036/x854/x775/807.p/1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tile/0/000",
                "tile/0/x001/x234/067",
                "tile/2/999.p/17",
                "tile/entries/x001/000.p/255",
                "tile/63/x009/x223/x372/x036/x854/x775/807.p/1"
            })
    void a_path_is_read_as_it_is_written(String path) {
        assertThat(TilePath.parse(path))
                .hasValueSatisfying(tile -> assertThat(tile.path()).isEqualTo(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "tile/0",
                "tile/0/",
                "tile/0/1",
                "tile/0/0001",
                "tile/0/x000/001",
                "tile/00/001",
                "tile/64/001",
                "tile/-1/001",
                "tile/0/001.p/0",
                "tile/0/001.p/256",
                "tile/0/001.p/01",
                "tile/0/001.p/",
                "tile/0/001.p",
                "tile/0/x001",
                "tile/0/001/002",
                "tile/0/../001",
                "/tile/0/001",
                "tile/0/001\n",
                "tile/data/001",
                "tile/0/x999/x999/x999/x999/x999/x999/999",
                "tile/0/x009/x223/x372/x036/x854/x775/808",
                "tile/0/٠٠١"
            })
    void any_other_spelling_is_no_path(String path) {
        assertThat(TilePath.parse(path)).isEmpty();
    }
}
