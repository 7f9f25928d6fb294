package dev.anchorhold.operator.pipeline;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jboss.logging.Logger;

/**
 * Writes Kubernetes events about an object ({@code kubectl describe} shows them). Losing one loses no fact: status has
 * them.
 */
public final class EventRecorder {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final DateTimeFormatter MICRO_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
    private static final int MAX_NOTE_LENGTH = 1024;

    private final KubernetesClient kubernetes;
    private final InstantSource clock;
    private final String instance;

    public EventRecorder(KubernetesClient kubernetes, InstantSource clock, String instance) {
        this.kubernetes = kubernetes;
        this.clock = clock;
        this.instance = instance;
    }

    public void normal(HasMetadata about, String reason, String action, String note) {
        emit(about, "Normal", reason, action, note);
    }

    public void warning(HasMetadata about, String reason, String action, String note) {
        emit(about, "Warning", reason, action, note);
    }

    private void emit(HasMetadata about, String type, String reason, String action, String note) {
        String namespace = about.getMetadata().getNamespace() == null
                ? "default"
                : about.getMetadata().getNamespace();
        var event = new EventBuilder()
                .withNewMetadata()
                .withGenerateName(shortened(about.getMetadata().getName()) + "-")
                .withNamespace(namespace)
                .endMetadata()
                .withType(type)
                .withReason(reason)
                .withAction(action)
                .withNote(note.length() > MAX_NOTE_LENGTH ? note.substring(0, MAX_NOTE_LENGTH) : note)
                .withReportingController("anchorhold.dev/operator")
                .withReportingInstance(instance)
                .withNewEventTime(MICRO_TIME.format(ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC)))
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(about.getApiVersion())
                        .withKind(about.getKind())
                        .withName(about.getMetadata().getName())
                        .withNamespace(about.getMetadata().getNamespace())
                        .withUid(about.getMetadata().getUid())
                        .build())
                .build();
        try {
            kubernetes.resource(event).create();
        } catch (KubernetesClientException e) {
            LOG.debugf(
                    "event %s for %s was not written: %s",
                    reason, about.getMetadata().getName(), e.getMessage());
        }
    }

    /** The API server checks the prefix itself as a name: it must not end in a dot, nor hold a part that ends in '-'. */
    private static String shortened(String name) {
        return (name.length() > 200 ? name.substring(0, 200) : name).replaceAll("[.-]+$", "");
    }
}
