package dev.anchorhold.operator.agent;

import dev.anchorhold.operator.fleet.Fleet;
import dev.anchorhold.operator.fleet.SpecChangeFilter;
import dev.anchorhold.operator.fleet.TrimmedItemStore;
import dev.anchorhold.resource.AgentImage;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;

/**
 * Reconciler of AgentImages: enqueues the Agents of an image when it changes; each then updates its condition of
 * whether the image is current, and nothing else.
 */
@ControllerConfiguration(
        name = "agentimage",
        generationAwareEventProcessing = false,
        informer = @Informer(onUpdateFilter = SpecChangeFilter.class, itemStore = TrimmedItemStore.class))
public class AgentImageReconciler implements Reconciler<AgentImage> {
    private static final Duration SOON = Duration.ofMillis(200);

    private final Fleet fleet;

    @Inject
    public AgentImageReconciler(Fleet fleet) {
        this.fleet = fleet;
    }

    @Override
    public List<EventSource<?, AgentImage>> prepareEventSources(EventSourceContext<AgentImage> context) {
        return List.of(fleet.registerAgentImages(context));
    }

    @Override
    public UpdateControl<AgentImage> reconcile(AgentImage image, Context<AgentImage> context) {
        if (!fleet.isSynced()) {
            return UpdateControl.<AgentImage>noUpdate().rescheduleAfter(SOON.toMillis());
        }
        fleet.agentsOfImage(image.getMetadata().getName()).forEach(fleet::enqueue);
        return UpdateControl.noUpdate();
    }
}
