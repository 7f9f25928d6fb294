package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.CloudSession;
import dev.anchorhold.operator.CloudflareSession;
import dev.anchorhold.operator.Events;
import dev.anchorhold.operator.Work;
import dev.anchorhold.resource.Agent;
import java.util.Optional;

/** The work on one Agent, at Cloudflare or at the door: errors there say nothing of the server's cloud. */
abstract class AgentWork extends Work {
    final Agent agent;
    private final Optional<CloudflareSession> edge;

    AgentWork(CloudSession session, Optional<CloudflareSession> edge, Agent agent, Events events) {
        super(session, agent, AgentObserver.identity(agent, session), events);
        this.agent = agent;
        this.edge = edge;
    }

    final CloudflareSession edge() {
        return edge.orElseThrow(() -> new CloudException.Transient(
                new CloudException.Detail("no_session", "there is no way to Cloudflare now", ""), null));
    }

    @Override
    protected void lostAnswer() {
        edge.ifPresent(e -> e.inventory().recordLostAnswer(uid()));
    }

    @Override
    protected void lookAgain() {
        edge.ifPresent(e -> e.inventory().lookAgain(uid()));
    }

    @Override
    protected void heed(CloudException e) {
        edge.ifPresent(it -> it.heed(e));
    }
}
