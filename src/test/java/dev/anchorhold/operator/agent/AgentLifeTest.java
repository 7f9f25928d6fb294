package dev.anchorhold.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anchorhold.operator.AgentStage;
import dev.anchorhold.resource.Condition;
import dev.anchorhold.resource.Reasons;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An Agent's whole life, over both clouds and the door. */
class AgentLifeTest {
    private static AgentStage stage;

    @BeforeAll
    static void open() {
        stage = new AgentStage();
        stage.stage.operator();
    }

    @AfterAll
    static void close() {
        stage.close();
    }

    @Test
    void F34_F35_ready_has_evidence() {
        stage.apply("first", "env: [{name: MOTTO, value: hold fast}]");
        var ready = stage.awaitReady("first");

        assertThat(ready.getStatus().state()).isEqualTo("Running");
        assertThat(ready.getStatus().conditions())
                .allSatisfy(c -> assertThat(c.status()).as(c.type()).isEqualTo(Condition.Status.True));
        assertThat(AgentStage.condition(ready, Reasons.READY).orElseThrow().message())
                .contains(ready.getStatus().url());
        stage.agent("first").delete();
        stage.awaitGone("first");
    }
}
