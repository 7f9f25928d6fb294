package dev.anchorhold.sim.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of label selectors and of the syntax of labels. */
class LabelSelectorTest {
    private static final Map<String, String> LABELS = Map.of("env", "prod", "empty", "", "anchorhold.dev/uid", "u-1");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    env=prod                               | true
                    env==prod                              | true
                    env = prod                             | true
                    env=test                               | false
                    env!=test                              | true
                    env!=prod                              | false
                    other!=prod                            | true
                    env                                    | true
                    other                                  | false
                    !other                                 | true
                    !env                                   | false
                    empty=                                 | true
                    env in (test,prod)                     | true
                    env in (test)                          | false
                    env notin (test, prod)                 | false
                    other notin (test)                     | true
                    env in (prod),!other,empty             | true
                    env in (prod,test),other               | false
                    anchorhold.dev/uid=u-1,env=prod        | true
                    """)
    void a_selector_matches_as_in_kubernetes(String selector, boolean matches) {
        assertThat(LabelSelector.parse(selector).test(LABELS)).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=a", "a=b c", "env in prod", "a/b/c=d", "env=a/b", "hetzner.cloud/x=y", "a,,b"})
    void a_malformed_selector_is_refused(String selector) {
        assertThatThrownBy(() -> LabelSelector.parse(selector)).isInstanceOf(HetznerApiError.class);
    }

    @Test
    void keys_may_have_a_prefix_and_values_are_short() {
        assertThat(Labels.validKey("anchorhold.dev/uid")).isTrue();
        assertThat(Labels.validKey("x".repeat(64))).isFalse();
        assertThat(Labels.validValue("x".repeat(64))).isFalse();
        assertThat(Labels.validValue("namespace/name")).isFalse();
        assertThat(Labels.validValue("")).isTrue();
    }
}
