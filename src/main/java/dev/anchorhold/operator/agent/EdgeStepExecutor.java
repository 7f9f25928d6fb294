package dev.anchorhold.operator.agent;

import dev.anchorhold.cloud.CloudException;
import dev.anchorhold.operator.pipeline.EventRecorder;
import dev.anchorhold.operator.pipeline.StepExecutor;
import dev.anchorhold.operator.session.CloudflareSession;
import dev.anchorhold.operator.session.HetznerSession;
import dev.anchorhold.resource.Agent;
import java.util.Optional;

/**
 * Base of the executors that work at Cloudflare or at the door: errors there are recorded apart, since they say nothing
 * of the server's cloud.
 */
abstract class EdgeStepExecutor extends StepExecutor {
    final Agent agent;
    private final Optional<CloudflareSession> edge;

    EdgeStepExecutor(
            HetznerSession session, Optional<CloudflareSession> edge, Agent agent, EventRecorder eventRecorder) {
        super(session, agent, AgentObserver.identity(agent, session), eventRecorder);
        this.agent = agent;
        this.edge = edge;
    }

    final CloudflareSession edge() {
        return edge.orElseThrow(() -> new CloudException.Transient(
                new CloudException.Detail("no_session", "there is no way to Cloudflare now", ""), null));
    }

    @Override
    protected void recordUnknownOutcome() {
        edge.ifPresent(e -> e.inventory().recordUnknownOutcome(uid()));
    }

    @Override
    protected void requestReread() {
        edge.ifPresent(e -> e.inventory().requestReread(uid()));
    }

    /** What Cloudflare's token must be allowed for these steps; empty when they say nothing of it. */
    Optional<String> permission() {
        return Optional.of(CloudflareSession.TUNNELS);
    }

    @Override
    public void recordSuccess(String step) {
        super.recordSuccess(step);
        edge.ifPresent(it -> permission().ifPresent(it::recordCredentialSuccess));
    }

    @Override
    protected void recordCredentialFailure(CloudException e) {
        edge.ifPresent(it -> permission().ifPresent(p -> it.recordCredentialFailure(p, e)));
    }
}
